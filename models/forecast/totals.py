"""Totals of the next 30, 60 and 90 days, with intervals from backtested totals.

The sum of daily quantiles is not the quantile of the sum: errors of days move together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.forecast.panel import Floats
from models.forecast.paths import Paths

HORIZONS = (30, 60, 90)
ENDS = (0.1, 0.9)
LEAST_TOTALS = 10
"""Totals below which a horizon borrows from the one before it."""
LEAST_MEASURED = 0.8
"""Share of days that must be measured for a total to be judged."""
UNCALIBRATED = (-1.0, 1.0)
"""Where nothing was held back: as if the errors of all days had one sign."""


@dataclass(frozen=True)
class Total:
    """Events expected over a horizon, with an 80 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class TotalBands:
    """Interval ends per horizon, in units of the summed daily half-bands."""

    factors: Mapping[int, tuple[float, float]]

    def of(self, paths: Paths) -> list[dict[int, Total]]:
        """Totals of each account over the horizons that the forecast reaches; none where it is not served."""
        found: list[dict[int, Total]] = [{} for _ in paths.median]
        served = np.flatnonzero(paths.serves)
        for days, (below, above) in self.factors.items():
            if days <= paths.median.shape[1]:
                value, half = _sums(paths, np.ones((len(paths.median), days), dtype=bool))
                low, high = np.maximum(value + below * half, 0), value + above * half
                for row in served:
                    found[row][days] = Total(float(value[row]), float(low[row]), float(high[row]))
        return found


def calibrate_totals(windows: Sequence[tuple[Paths, Floats]]) -> TotalBands:
    """Interval ends from held-back windows: (forecast, actual) pairs, one total per account and window."""
    factors: dict[int, tuple[float, float]] = {}
    below, above, reached = *UNCALIBRATED, HORIZONS[0]
    for days in HORIZONS:
        errors = np.concatenate(
            [total_errors(*window, days)[1] for window in windows] or [np.empty(0, dtype=np.float32)]
        )
        if len(errors) >= LEAST_TOTALS:
            outward = (len(errors) + 1) / len(errors)
            share = min(1.0, ENDS[1] * outward)
            below, above = float(np.quantile(errors, 1 - share)), float(np.quantile(errors, share))
            below, above, reached = min(below, 0.0), max(above, 0.0), days
        wider = (days / reached) ** 0.5
        factors[days] = (below * wider, above * wider)
    return TotalBands(factors)


def total_errors(paths: Paths, actual: Floats, days: int) -> tuple[Floats, Floats]:
    """Errors of totals over the first `days` days, of accounts measured on most of them.

    returns: the share by which the forecast was above the actual, and (actual - forecast) in units of
        the summed half-bands; both (accounts,).
    """
    if actual.shape[1] < days:
        return np.empty(0, dtype=np.float32), np.empty(0, dtype=np.float32)
    measured = np.isfinite(actual[:, :days])
    kept = paths.serves & (measured.mean(axis=1) >= LEAST_MEASURED)
    rows = np.flatnonzero(kept)
    forecast, half = _sums(paths.take(rows), measured[rows])
    total = np.where(measured, actual[:, :days], 0)[rows].sum(axis=1)
    return (forecast - total) / np.maximum(total, 1), (total - forecast) / half


def _sums(paths: Paths, days: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Summed medians and summed mean half-bands over the marked days; (accounts,) each."""
    length = days.shape[1]
    half = (paths.spread(above=True) + paths.spread(above=False))[:, :length] / 2
    median = paths.median[:, :length]
    return np.where(days, median, 0).sum(axis=1), np.where(days, half, 0).sum(axis=1)
