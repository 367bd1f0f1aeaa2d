"""A trial: every model forecasts the held-out days of one table, and is scored on all series."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.forecast.baselines import seasonal_naive, weekday_median
from models.forecast.judging.comparison import SLOW, Forecaster
from models.forecast.judging.evaluation import rehearse
from models.forecast.judging.metrics import mase_denominator
from models.forecast.judging.scores import SERVED, Judged, Score, Timer, score
from models.forecast.network.train import held_days
from models.forecast.panel import LONGEST_DAYS, UsagePanel
from models.forecast.paths import Paths
from models.forecast.profile import median
from models.forecast.serving import LSTM, PROFILE
from models.forecast.settings import ForecastSettings
from models.forecast.trial.held_out import HeldOut

SCHEMA_VERSION = 1
CHUNK = 8
"""Series between two reports of a slow model."""
LEAST_LEVEL = 100.0
"""Of the smallest series, in the units that fractions are computed in: models take small counts for noise."""
SHARES = {"lstm": 0.5, "holt_winters": 0.3, "prophet": 0.2}
"""Of the whole time, roughly."""

Report = Callable[[float, str], None]


@dataclass(frozen=True, eq=False)
class Foretold:
    """Forecasts of all models from one origin; all rows are served.

    paths: by name, low to high is the 80 % interval. served_by: per account. seconds: of each model on all
    accounts. skipped: models that could not run, with the reason. silent: accounts of which the network reads
    nothing, since their last 8 weeks are zero: as its forecast stands the weekday median.
    """

    paths: Mapping[str, Paths]
    served_by: tuple[str, ...]
    seconds: Mapping[str, float]
    skipped: Mapping[str, str]
    silent: int


@dataclass(frozen=True, eq=False)
class Trial:
    """What was held out, what was foretold, and the scores of it."""

    held_out: HeldOut
    foretold: Foretold
    scores: Mapping[str, Score]
    seed: int

    @property
    def horizon(self) -> int:
        """Days held out."""
        return int(self.held_out.actual.shape[1])

    def judged(self, model: str) -> Judged:
        """A model's forecasts and what happened, of the scored series."""
        past = self.held_out.past.values
        whole = Judged(self.foretold.paths[model], self.held_out.actual, mase_denominator(past))
        return whole.take(self.held_out.scored)

    def as_json(self) -> dict[str, Any]:
        """The contract of `try forecast --json`."""
        return {
            "schema_version": SCHEMA_VERSION,
            "task": "forecast",
            "horizon": self.horizon,
            "n_series": len(self.held_out.scored),
            "seed": self.seed,
            "models": {name: _figures(one) for name, one in self.scores.items()},
            "skipped": dict(self.foretold.skipped),
        }


def _figures(one: Score) -> dict[str, float | None]:
    return {
        "mase": one.mase,
        "smape": one.smape,
        "coverage80": one.coverage80,
        "seconds": one.seconds,
    }


def run_trial(
    held_out: HeldOut,
    settings: ForecastSettings,
    seed: int,
    report: Report,
    timer: Timer = time.perf_counter,
) -> Trial:
    """Forecast from what lies before the cut, then score by what lies behind it.

    report: called with the share that is done, and what is being done.
    """
    foretold = foretell(held_out.past, held_out.actual.shape[1], settings, seed, report, timer)
    trial = Trial(held_out, foretold, {}, seed)
    scores = {name: score([trial.judged(name)], foretold.seconds[name]) for name in foretold.paths}
    return replace(trial, scores=scores)


def foretell(
    past: UsagePanel, horizon: int, settings: ForecastSettings, seed: int, report: Report, timer: Timer
) -> Foretold:
    """All models' forecasts of the days after a panel.

    Networks see the last three years, as in a cycle; the baselines see all of it.
    """
    unit = _unit(past)
    past = replace(past, values=past.values * np.float32(unit))
    settings = replace(settings, horizon_days=max(settings.horizon_days, horizon))

    def trained(done: int, steps: int) -> None:
        report(SHARES[LSTM] * done / steps, "lstm")

    report(0.0, LSTM)
    ours = rehearse(past.newest(LONGEST_DAYS), settings, seed, trained, timer)
    profile, profile_s = _timed(weekday_median, past, horizon, timer)
    naive, naive_s = _timed(seasonal_naive, past, horizon, timer)
    paths = {SERVED: ours.served.first(horizon)}
    seconds = {SERVED: ours.seconds, PROFILE: profile_s, "seasonal_naive": naive_s}
    skipped, silent = {}, 0
    if ours.lstm is None:
        skipped[LSTM] = _too_short(past)
    else:
        lstm = ours.lstm.first(horizon)
        silent = int((~lstm.serves).sum())
        paths[LSTM], seconds[LSTM] = _instead(lstm, profile), ours.lstm_seconds
    paths |= {PROFILE: profile, "seasonal_naive": naive}
    done = SHARES[LSTM]
    for name, forecaster in SLOW.items():
        paths[name], seconds[name] = _timed(_in_chunks(forecaster, name, done, report), past, horizon, timer)
        done += SHARES[name]
    paths = {name: _scaled(one, 1 / unit) for name, one in paths.items()}
    return Foretold(paths, ours.served_by, seconds, skipped, silent)


def _unit(past: UsagePanel) -> float:
    """What values are multiplied by to be forecast: 1 for counts, else a power of ten.

    Models know how counts scatter: they take less than an event a day for noise, and no band is narrower than
    a count's. Of what is measured in thousands that is not true.
    """
    values = past.values
    known = values[np.isfinite(values)]
    used = median(np.where(values > 0, values, np.nan).astype(np.float32))
    if (known % 1 == 0).all() or not np.isfinite(used).any():
        return 1.0
    return float(10.0 ** max(0, np.ceil(np.log10(LEAST_LEVEL / np.nanmin(used)))))


def _too_short(past: UsagePanel) -> str:
    least = next(days for days in range(past.days, 10 * LONGEST_DAYS) if held_days(days))
    return f"it takes {least} days before the held-out ones to train on and to check, there are {past.days}"


def _timed(forecaster: Forecaster, past: UsagePanel, horizon: int, timer: Timer) -> tuple[Paths, float]:
    started = timer()
    paths = forecaster(past, horizon)
    return paths, timer() - started


def _in_chunks(forecaster: Forecaster, name: str, done: float, report: Report) -> Forecaster:
    """The same forecasts with a report now and then."""

    def run(past: UsagePanel, horizon: int) -> Paths:
        rows = np.arange(len(past.account_ids))
        parts = []
        for start in range(0, len(rows), CHUNK):
            report(done + SHARES[name] * start / len(rows), name)
            parts.append(forecaster(past.take(rows[start : start + CHUNK]), horizon))
        return Paths(
            *(np.concatenate([getattr(one, part) for one in parts]) for part in ("median", "low", "high"))
        )

    return run


def _instead(paths: Paths, other: Paths) -> Paths:
    """Other paths for the accounts that the first does not serve."""
    serves: NDArray[np.bool_] = paths.serves[:, None]
    return Paths(
        *(np.where(serves, getattr(paths, part), getattr(other, part)) for part in ("median", "low", "high"))
    )


def _scaled(paths: Paths, factor: float) -> Paths:
    return Paths(*((getattr(paths, part) * factor).astype(np.float32) for part in ("median", "low", "high")))
