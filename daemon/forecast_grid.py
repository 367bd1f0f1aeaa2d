"""The forecast grid: settings by cuts, each forecast as it would have been and judged by what followed."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np
from sqlalchemy import Engine

from daemon.clock import Clock, Stopwatch
from daemon.config import Config
from daemon.grids import earlier_cuts, key_of, newest_cut, time_left
from daemon.lake.reading import LakeReader
from daemon.parameters import combinations, forecast_parameters
from daemon.progress import Report
from daemon.state import forecast_grid as grid
from daemon.state.engine import read, write
from daemon.state.operating_points import Parameters
from daemon.this_release import this_release
from daemon.usage import forecast_settings, usage_panels
from models.decisions import Decided
from models.forecast import ForecastSettings, UsagePanel
from models.forecast.judging.hindsight import Hindsight, Timed, hindsight, yardsticks
from models.forecast.network.train import Progress

MONTH_DAYS = 30
"""Held out are whole months, up to the horizon: a cell is judged anew when another has passed, not daily."""
SETTLED_DAYS = 7
"""How old a day must be to be held out: some are loaded late."""
NO_USAGE = "no usage was known by then"


@dataclass(frozen=True)
class ForecastGridRun:
    """keys: of all cells of this grid, in order. computed: how many of them were not there before.
    skipped: cuts that have nothing to forecast, with the reason."""

    keys: tuple[str, ...]
    computed: int
    skipped: Mapping[datetime, str]


@dataclass(frozen=True, eq=False)
class _AtCut:
    """Usage at a cut, and as it is known now, up to the end of the held-out days."""

    cut: datetime
    held_out_days: int
    past: UsagePanel
    breadths: Mapping[str, UsagePanel]
    known: UsagePanel

    def digest(self) -> str:
        """SHA-256 of all that is learned from and judged by."""
        seen = hashlib.sha256()
        for panel in (self.past, *self.breadths.values(), self.known):
            seen.update(np.ascontiguousarray(panel.values).tobytes())
            seen.update(repr((panel.start, panel.account_ids, panel.countries)).encode())
        return seen.hexdigest()


def run_forecast_grid(config: Config, engine: Engine, clock: Clock, report: Report) -> ForecastGridRun:
    """Compute every cell that is not kept yet.

    A cell is keyed by what it saw and how, so a grid that was killed goes on with the cells that are
    missing, and a repeat with nothing new trains nothing.

    raises: StepFailed before the first run.
    """
    with read(engine) as connection:
        newest = newest_cut(connection)
        there = {cell.key for cell in grid.cells(connection)}
    wanted = combinations(config.forecast.grid, forecast_parameters(config))
    total = config.forecast.grid.cuts * len(wanted)
    seed = config.forecast.seed
    keys: list[str] = []
    skipped: dict[datetime, str] = {}
    computed = 0
    watch = Stopwatch()
    for number, at in enumerate(_cuts(config, engine, newest)):
        if at.past.days == 0:
            skipped[at.cut] = NO_USAGE
            continue
        digest, beside = at.digest(), _beside(at, forecast_settings(config), seed)
        for passed, parameters in enumerate(wanted, number * len(wanted)):
            left = f", {time_left(watch.seconds() / computed * (total - passed))}" if computed else ""
            doing = f"cell {passed + 1} of {total}, {at.cut:%Y-%m-%d}{left}"
            report(passed / total, doing)
            settings = replace(forecast_settings(config), **parameters)  # type: ignore[arg-type] # whole numbers
            key = _key(digest, settings, seed)
            if key not in there:
                training = _training(report, doing, passed, total)
                found = hindsight(at.past, at.known, settings, seed, beside(), at.breadths, training)
                _keep(engine, clock, key, digest, at, parameters, found)
                computed += 1
            keys.append(key)
    return ForecastGridRun(tuple(keys), computed, skipped)


def _cuts(config: Config, engine: Engine, newest: datetime) -> Iterator[_AtCut]:
    """Cut after cut, the newest first; usage of one is held at a time, beside that of now."""
    table = config.forecast.grid
    cuts = earlier_cuts(newest - timedelta(days=MONTH_DAYS + SETTLED_DAYS), table.every_days, table.cuts)
    with LakeReader(engine, config.path(config.lake.path), config.static) as reader:
        now, _ = usage_panels(reader, newest)
        for cut in cuts:
            past, breadths = usage_panels(reader, cut)
            months = ((newest - cut).days - SETTLED_DAYS) // MONTH_DAYS
            held_out_days = min(months * MONTH_DAYS, ForecastSettings.horizon_days)
            ends = (past.until - now.start).days + held_out_days
            known = now.before(max(0, min(ends, now.days))).of(past)
            yield _AtCut(cut, held_out_days, past, breadths, known)


def _beside(at: _AtCut, settings: ForecastSettings, seed: int) -> Callable[[], dict[str, Timed]]:
    """The models that no parameter changes, computed once for all cells of a cut, if any is missing."""
    return cache(lambda: yardsticks(at.past, at.known, settings, seed))


def _key(digest: str, settings: ForecastSettings, seed: int) -> str:
    about = {name: value for name, value in asdict(settings).items() if name not in ("threads", "warm_steps")}
    return key_of(digest, about, seed, version("torch"))


def _training(report: Report, doing: str, passed: int, total: int) -> Progress:
    """Tells the steps of a training as a part of the grid."""
    return lambda done, steps: report((passed + done / steps) / total, doing)


def _keep(
    engine: Engine,
    clock: Clock,
    key: str,
    digest: str,
    at: _AtCut,
    parameters: Parameters,
    found: Hindsight,
) -> None:
    cell = grid.Cell(
        key=key,
        cut=at.cut,
        held_out_days=at.held_out_days,
        training_digest=digest,
        parameters=parameters,
        scores={
            model: {name: asdict(score) for name, score in of_class.items()}
            for model, of_class in found.scores.items()
        },
        decided={decision: _usually(decided) for decision, decided in found.decisions.items()},
        seconds=round(found.seconds, 3),
        finished_at=clock.now(),
        release=this_release(),
    )
    with write(engine) as connection:
        grid.keep(connection, cell, found.errors, found.decisions)


def _usually(decided: Decided) -> dict[str, Any]:
    """What the usual rule got right, of all kinds and of each."""
    kinds: Sequence[str] = np.unique(decided.kind).tolist()
    each = {kind: decided.take(decided.kind == kind).usually().as_json() for kind in kinds}
    return {"all": decided.usually().as_json(), **each}
