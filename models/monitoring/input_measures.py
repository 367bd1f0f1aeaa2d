"""How a feature's profiles move from run to run, and how far they are from training, by measure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from models.monitoring.input_profile import QUANTILES, CategoryProfile, NumberProfile

Floats = npt.NDArray[np.float64]

OUTLIERS = (0.01, 0.99)
"""Values beyond these quantiles of the training table are cut to them: one giant moves no mean."""

PSI_BINS = 10
PSI_LEAST = 0.001


@dataclass(frozen=True)
class Movement:
    """A measure over runs, NaN where too few values are known.

    values: (runs,); of a distance, that from the run before. changes: (runs - 1,), from each run to the
        next; of a distance, the distance.
    """

    values: Floats
    changes: Floats


def number_movements(runs: Sequence[NumberProfile], scale: NumberProfile) -> dict[str, Movement]:
    """Movements of a number by measure.

    scale: the number in the training table; `mean` and `distance` are in its standard deviations.
    """
    movements = {
        "missing_share": _statistic(np.array([run.missing_share for run in runs])),
        "zero_share": _statistic(np.array([run.zero_share for run in runs])),
        "log_size": _statistic(np.array([run.log_size for run in runs], dtype=np.float64)),
    }
    if not scale.quantiles:
        return movements
    unknown = (np.nan,) * len(QUANTILES)
    values = _cut(np.array([run.quantiles or unknown for run in runs]), scale)
    unit = _cut(np.array(scale.quantiles), scale).std()
    if unit > 0:
        spread = values.std(axis=1)
        movements["mean"] = _statistic(values.mean(axis=1) / unit)
        movements["log_sd"] = _statistic(np.log(np.where(spread > 0, spread, np.nan)))
        movements["distance"] = _distance(np.abs(np.diff(values, axis=0)).mean(axis=1) / unit)
    return movements


def category_movements(runs: Sequence[CategoryProfile]) -> dict[str, Movement]:
    """Movements of a category by measure; `level_distance` is the total variation."""
    distances = [level_distance(run.shares, after.shares) for run, after in pairwise(runs)]
    return {
        "missing_share": _statistic(np.array([run.missing_share for run in runs])),
        "level_distance": _distance(np.array(distances)),
    }


def level_distance(before: Mapping[str, float], now: Mapping[str, float]) -> float:
    """Total variation: half the sum of what the levels' shares differ by."""
    return sum(abs(now.get(level, 0.0) - before.get(level, 0.0)) for level in before.keys() | now.keys()) / 2


def drift(now: NumberProfile, scale: NumberProfile, grown: float = 0.0) -> dict[str, float]:
    """Distance from the training table and population stability index; empty where too little is known.

    grown: what every account has grown by since, by nature; it is taken off first.
    """
    if not (now.quantiles and scale.quantiles):
        return {}
    values, trained = _cut(np.array(now.quantiles) - grown, scale), _cut(np.array(scale.quantiles), scale)
    measures = {"psi": _psi(values, trained)}
    if trained.std() > 0:
        measures["distance"] = float(np.abs(values - trained).mean() / trained.std())
    return measures


def _statistic(values: Floats) -> Movement:
    return Movement(values, np.diff(values))


def _distance(distances: Floats) -> Movement:
    return Movement(np.concatenate([[0.0], distances]), distances)


def _cut(values: Floats, scale: NumberProfile) -> Floats:
    low, high = np.interp(OUTLIERS, QUANTILES, scale.quantiles)
    return np.clip(values, low, high)


def _psi(values: Floats, trained: Floats) -> float:
    """Population stability index over bins of equal share in training, fewer where values repeat."""
    edges = np.unique(np.quantile(trained, np.linspace(0, 1, PSI_BINS + 1)[1:-1]))
    now, then = (
        np.maximum(np.bincount(np.searchsorted(edges, x), minlength=len(edges) + 1) / len(x), PSI_LEAST)
        for x in (values, trained)
    )
    return float(((now - then) * np.log(now / then)).sum())
