"""Calibrated intervals: how far past errors went beyond the models' own bands."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.forecast.panel import Floats
from models.forecast.paths import Paths
from models.forecast.profile import median, quantile

BUCKETS = (0, 7, 14, 28, 56)
"""First day ahead of each horizon bucket; the last is open."""
LEAST_OWN = 0.2

LEVELS = (0.025, 0.1, 0.9, 0.975)
"""Ends of the 95 % and the 80 % interval, from low to high."""
LEAST_ERRORS = 40
"""Errors below which a bucket takes the factors of the bucket before it."""
OWN_QUANTILE = 0.9
OWN_DAYS = 30
"""Days of an account's own errors that count as much as the fleet's."""
UNCALIBRATED = (-1.6, -1.0, 1.0, 1.6)
"""Factors where nothing was held back: the band as the model sees it."""


@dataclass(frozen=True, eq=False)
class Intervals:
    """Calibrated intervals around a median; each (accounts, horizon), events per day."""

    median: Floats
    low95: Floats
    low80: Floats
    high80: Floats
    high95: Floats

    def as_paths(self) -> Paths:
        """Median and 80 % interval."""
        return Paths(self.median, self.low80, self.high80)


@dataclass(frozen=True, eq=False)
class Bands:
    """Quantiles of past errors in units of the model's own half-band.

    factors: (buckets, levels).
    """

    factors: Floats

    def around(self, paths: Paths) -> Intervals:
        """Intervals that would have covered past actuals at their levels."""
        factors = self.factors[bucket_of(paths.median.shape[1])]
        ends = []
        for number, level in enumerate(LEVELS):
            factor = factors[:, number]
            end = paths.median + factor * paths.spread(level > 0.5)
            ends.append(np.maximum(end, 0).astype(np.float32))
        return Intervals(paths.median, *ends)

    def half_width(self, horizon: int, above: NDArray[np.bool_]) -> Floats:
        """(accounts, horizon) size of the 80 % factor on the asked side."""
        factors = self.factors[bucket_of(horizon)]
        return np.where(above, factors[:, LEVELS.index(0.9)], -factors[:, LEVELS.index(0.1)])


def errors(paths: Paths, actual: Floats) -> Floats:
    """(accounts, horizon) signed errors in units of the half-band on their side; NaN = not measured."""
    error = actual - paths.median
    return error / paths.spread(error > 0)


def account_widths(windows: Sequence[tuple[Paths, Floats]], accounts: int) -> Floats:
    """(accounts,) how much wider than the fleet's an account's band must be, shrunk towards 1.

    From held-back windows: (forecast, actual) pairs; 1 for an account without errors there.
    """
    if not windows:
        return np.ones(accounts, dtype=np.float32)
    pooled = np.abs(np.concatenate([errors(paths, actual) for paths, actual in windows], axis=1))
    measured = np.isfinite(pooled).sum(axis=1)
    own = quantile(pooled, OWN_QUANTILE)
    ratio = own / max(float(median(own)), LEAST_OWN)
    trust = measured / (measured + OWN_DAYS)
    widths: Floats = np.maximum(np.nan_to_num(ratio, nan=1.0), LEAST_OWN) ** trust
    return widths.astype(np.float32)


def calibrate(windows: Sequence[tuple[Paths, Floats]]) -> Bands:
    """Bands from held-back windows: (forecast, actual) pairs, accounts and days pooled per bucket.

    source: Romano, Patterson & Candès 2019, conformalised quantile regression, multiplicative form
    """
    factors = np.array([UNCALIBRATED] * len(BUCKETS), dtype=np.float32)
    scaled = [errors(paths, actual) for paths, actual in windows]
    for bucket in range(len(BUCKETS)):
        pooled = np.concatenate(
            [error[:, bucket_of(error.shape[1]) == bucket].ravel() for error in scaled]
            or [np.empty(0, dtype=np.float32)]
        )
        pooled = pooled[np.isfinite(pooled)]
        if len(pooled) >= LEAST_ERRORS:
            factors[bucket] = [_end(pooled, level) for level in LEVELS]
        elif bucket:
            factors[bucket] = factors[bucket - 1]
    return Bands(factors)


def bucket_of(horizon: int) -> NDArray[np.intp]:
    """(horizon,) bucket of each day ahead."""
    return np.searchsorted(BUCKETS, np.arange(horizon), side="right") - 1


def _end(pooled: Floats, level: float) -> float:
    """Finite-sample quantile, a step further out than the plain one, and never across the median."""
    outward = (len(pooled) + 1) / len(pooled)
    share = min(1.0, level * outward) if level > 0.5 else max(0.0, 1 - (1 - level) * outward)
    end = float(np.quantile(pooled, share))
    return max(end, 0.0) if level > 0.5 else min(end, 0.0)
