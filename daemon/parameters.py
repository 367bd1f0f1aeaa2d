"""Parameters of a training: their combinations for a grid, and names by which people tell them apart."""

import json
from collections.abc import Sequence
from itertools import product

from pydantic import BaseModel

from daemon.config import Config
from daemon.state.operating_points import Parameters

FORECAST = ("seeds", "steps", "finish_steps")


def forecast_parameters(config: Config) -> Parameters:
    """Those of [forecast] that its grid varies."""
    return {name: getattr(config.forecast, name) for name in FORECAST}


def combinations(table: BaseModel, in_use: Parameters) -> list[Parameters]:
    """Every combination of a table's lists; what is in use is always one of them, and comes first."""
    values = [getattr(table, name) or (in_use[name],) for name in in_use]
    combined = [dict(zip(in_use, each, strict=True)) for each in product(*values)]
    return [dict(in_use), *(each for each in combined if each != in_use)]


def name_of(parameters: Parameters) -> str:
    """What equal parameters have in common, whatever their order."""
    return json.dumps(dict(parameters), sort_keys=True)


def short_names(configurations: Sequence[Parameters]) -> list[str]:
    """Each by the parameters in which they differ; all alike: by none."""
    varying = [
        name
        for name in dict.fromkeys(name for each in configurations for name in each)
        if len({each.get(name) for each in configurations}) > 1
    ]
    return [
        ", ".join(f"{name} {_value(each[name])}" for name in varying if name in each) or "as configured"
        for each in configurations
    ]


def _value(value: float | None) -> str:
    return "automatic" if value is None else f"{value:g}"
