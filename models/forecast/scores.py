"""The models beside each other: scaled error, interval coverage, bias of totals, seconds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.forecast.metrics import coverage, mean_error, row_mean, smape
from models.forecast.panel import Floats
from models.forecast.paths import Paths
from models.forecast.totals import HORIZONS, total_errors

Timer = Callable[[], float]
"""A monotonic count of seconds; models know no clock of their own."""

SERVED = "served"


@dataclass(frozen=True)
class Score:
    """How one model did.

    mase: mean over series, m = 7. smape: percent, 0 to 200. coverage80: share of days inside the 80 %
        interval. bias: per horizon, median share by which totals were forecast too high; a horizon that
        was not observed is left out. seconds: of computing the forecasts, training included.
    None where no series could be judged.
    """

    n_series: int
    mase: float | None
    smape: float | None
    coverage80: float | None
    bias: Mapping[int, float]
    seconds: float


@dataclass(frozen=True)
class Evaluation:
    """All models on held-back days.

    models: each on the series it ran on. sample: every model on the series that all of them ran on,
        the fair comparison where the slow ones ran on a sample.
    skipped: models that did not run, with the reason.
    """

    horizon: int
    n_series: int
    seed: int
    models: Mapping[str, Score]
    sample: Mapping[str, Score]
    skipped: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Judged:
    """A forecast and what then happened, over the same accounts and days.

    paths: low to high is the interval to be judged.
    denominator: (accounts,) MASE denominator of the part before the origin.
    """

    paths: Paths
    actual: Floats
    denominator: Floats

    def take(self, rows: NDArray[np.intp]) -> "Judged":
        """Some of the accounts."""
        return Judged(self.paths.take(rows), self.actual[rows], self.denominator[rows])

    def scaled_error(self) -> Floats:
        """(accounts,) MASE of each; NaN where not served, not measured or without scale."""
        return mean_error(self.paths.median, self.actual) / self.denominator


def score(windows: Sequence[Judged], seconds: float) -> Score:
    """One model's score over its windows."""
    errors, percents, inside = ([] for _ in range(3))
    for window in windows:
        errors.append(window.scaled_error())
        percents.append(smape(window.paths.median, window.actual))
        inside.append(coverage(window.paths.low, window.paths.high, window.actual))
    judged = np.isfinite(np.stack(percents)).any(axis=0) if percents else np.empty(0)
    return Score(
        n_series=int(judged.sum()),
        mase=_mean(errors),
        smape=_mean(percents),
        coverage80=_mean(inside),
        bias=_bias(windows),
        seconds=seconds,
    )


def _mean(values: Sequence[Floats]) -> float | None:
    mean = float(row_mean(np.concatenate(values))) if values else np.nan
    return mean if np.isfinite(mean) else None


def _bias(windows: Sequence[Judged]) -> dict[int, float]:
    found = {}
    for days in HORIZONS:
        shares = [total_errors(window.paths, window.actual, days)[0] for window in windows]
        pooled = np.concatenate(shares) if shares else np.empty(0)
        if len(pooled):
            found[days] = float(np.median(pooled))
    return found
