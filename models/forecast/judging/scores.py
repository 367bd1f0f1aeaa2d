"""The models beside each other: errors, interval coverage, bias of totals, seconds; of all or by class."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.forecast.judging.metrics import coverage, mean_error, quantile_loss, row_mean, smape
from models.forecast.panel import Floats
from models.forecast.paths import Paths
from models.forecast.totals import HORIZONS, total_errors

Timer = Callable[[], float]
"""A monotonic count of seconds; models know no clock of their own."""

SERVED = "served"
ALL = "all"

QUANTILES = {"low": 0.1, "median": 0.5, "high": 0.9}
"""Those that every model gives; the weighted quantile loss is over them."""


@dataclass(frozen=True)
class Score:
    """How one model did.

    mase: mean over series, m = 7. smape: percent, 0 to 200. wql: weighted quantile loss over QUANTILES, twice
        the summed loss as a share of all events: large accounts weigh more. coverage80, coverage95: share of
        days inside the 80 % and the 95 % interval; a model without the latter has None. bias: per horizon,
        median share by which totals were forecast too high; a horizon that was not observed is left out.
        seconds: of computing the forecasts, training included.
    None where no series could be judged.
    """

    n_series: int
    mase: float | None
    smape: float | None
    wql: float | None
    coverage80: float | None
    coverage95: float | None
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

    paths: low to high is the 80 % interval to be judged.
    denominator: (accounts,) MASE denominator of the part before the origin.
    outer: with the 95 % interval, where the model has one.
    """

    paths: Paths
    actual: Floats
    denominator: Floats
    outer: Paths | None = None

    def take(self, rows: NDArray[np.intp]) -> "Judged":
        """Some of the accounts."""
        outer = None if self.outer is None else self.outer.take(rows)
        return Judged(self.paths.take(rows), self.actual[rows], self.denominator[rows], outer)

    def scaled_error(self) -> Floats:
        """(accounts,) MASE of each; NaN where not served, not measured or without scale."""
        return mean_error(self.paths.median, self.actual) / self.denominator


def score(windows: Sequence[Judged], seconds: float) -> Score:
    """One model's score over its windows."""
    percents = [smape(window.paths.median, window.actual) for window in windows]
    judged = np.isfinite(np.stack(percents)).any(axis=0) if percents else np.empty(0)
    return Score(
        n_series=int(judged.sum()),
        mase=_mean([window.scaled_error() for window in windows]),
        smape=_mean(percents),
        wql=_wql(windows),
        coverage80=_mean([_inside(window.paths, window.actual) for window in windows]),
        coverage95=_mean([_inside(window.outer, window.actual) for window in windows if window.outer]),
        bias=_bias(windows),
        seconds=seconds,
    )


def by_class(judged: Judged, classes: NDArray[np.str_], seconds: float) -> dict[str, Score]:
    """One model's score over all accounts, and over those of each class (accounts,) that there are."""
    scores = {ALL: score([judged], seconds)}
    for name in np.unique(classes):
        scores[str(name)] = score([judged.take(np.flatnonzero(classes == name))], seconds)
    return scores


def _inside(interval: Paths, actual: Floats) -> Floats:
    return coverage(interval.low, interval.high, actual)


def _wql(windows: Sequence[Judged]) -> float | None:
    lost = events = 0.0
    for window in windows:
        counts = window.paths.serves[:, None] & np.isfinite(window.actual)
        events += float(window.actual[counts].sum(dtype=np.float64))
        for part, level in QUANTILES.items():
            loss = quantile_loss(getattr(window.paths, part), window.actual, level)
            lost += 2 / len(QUANTILES) * float(loss[counts].sum(dtype=np.float64))
    return lost / events if events else None


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
