"""Calibrated intervals: how far past errors went beyond the models' own bands."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.forecast.own_errors import OwnErrors
from models.forecast.panel import Floats
from models.forecast.paths import Paths
from models.forecast.settings import WEEK

BUCKETS = (0, 7, 14, 28, 56)
"""First day ahead of each horizon bucket; the last is open."""
LEVELS = (0.8, 0.95)
LEAST_ERRORS = 40
"""Errors below which a bucket takes the factors of the bucket before it, the first one those of all."""
OWN_DAYS = 730
"""Days of an account's own errors that count as much as the fleet's: what was held back is one season, and
who was hard to foretell then is less so later. At 180, 95 % bands held 0.4 points less on demo worlds."""
UNCALIBRATED = (1.0, 1.6)
"""Factors where nothing was held back: the band as the model sees it."""
_NONE = np.empty(0, dtype=np.float32)


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
    """Quantiles of past absolute errors in units of the model's own half-bands.

    factors: (buckets, levels). The same on both sides: what moved all accounts one way while days were
        held back says nothing of which way they move next.
    """

    factors: Floats

    def around(self, paths: Paths) -> Intervals:
        """Intervals that would have covered past actuals at their levels."""
        factors = self.factors[bucket_of(paths.median.shape[1])]
        below, above = paths.spread(above=False), paths.spread(above=True)
        lows = [np.maximum(paths.median - factor * below, 0).astype(np.float32) for factor in factors.T]
        highs = [(paths.median + factor * above).astype(np.float32) for factor in factors.T]
        return Intervals(paths.median, lows[1], lows[0], highs[0], highs[1])


def errors(paths: Paths, actual: Floats) -> Floats:
    """(accounts, horizon) signed errors in units of the half-band on their side; NaN = not measured."""
    error = actual - paths.median
    return error / paths.spread(error > 0)


def own_errors(windows: Sequence[tuple[Paths, Floats]], accounts: int) -> OwnErrors:
    """Of accounts in held-back windows: (forecast, actual) pairs."""
    return OwnErrors.of([errors(paths, actual) for paths, actual in windows], accounts)


def account_widths(own: OwnErrors, usual: float) -> Floats:
    """(accounts,) how much wider than the fleet's an account's band must be, where so much error is usual."""
    return own.widths(usual, OWN_DAYS).astype(np.float32)


def calibrate_widened(windows: Sequence[tuple[Paths, Floats]], accounts: int) -> Bands:
    """Bands for forecasts that are widened by each account's width.

    They are taken from each half of the days with the widths that the other half gives: judged by the
    errors that made them, widths would look better than they are.
    """
    longest = max((actual.shape[1] for _, actual in windows), default=0)
    halves = [_masked(windows, longest // 2, late) for late in (False, True)]
    own = [own_errors(half, accounts) for half in halves]
    taught = zip(halves, reversed([account_widths(each, each.usual) for each in own]), strict=True)
    return calibrate([(paths.widened(widths), actual) for half, widths in taught for paths, actual in half])


def calibrate(windows: Sequence[tuple[Paths, Floats]]) -> Bands:
    """Bands from held-back windows: (forecast, actual) pairs, accounts and days pooled per bucket.

    source: Romano, Patterson & Candès 2019, conformalised quantile regression, multiplicative form
    """
    scaled = [np.abs(errors(paths, actual)) for paths, actual in windows]
    latest = _ends(np.concatenate([error.ravel() for error in scaled] or [_NONE]), UNCALIBRATED)
    factors = []
    for bucket in range(len(BUCKETS)):
        parts = [error[:, bucket_of(error.shape[1]) == bucket].ravel() for error in scaled]
        latest = _ends(np.concatenate(parts or [_NONE]), latest)
        factors.append(latest)
    return Bands(np.array(factors, dtype=np.float32))


def bucket_of(horizon: int) -> NDArray[np.intp]:
    """(horizon,) bucket of each day ahead."""
    return np.searchsorted(BUCKETS, np.arange(horizon), side="right") - 1


def _masked(windows: Sequence[tuple[Paths, Floats]], days: int, late: bool) -> list[tuple[Paths, Floats]]:
    """Only the newest `days` days measured (all windows end on one day), or only those before."""
    masked = []
    for paths, actual in windows:
        newest = np.arange(actual.shape[1]) >= actual.shape[1] - days
        masked.append((paths, np.where(newest == late, actual, np.nan).astype(np.float32)))
    return masked


def _ends(pooled: Floats, otherwise: tuple[float, ...]) -> tuple[float, ...]:
    """Finite-sample quantiles at LEVELS, a step further out than the plain ones; else where errors are few.

    Days of one week err alike: they count as one.
    """
    pooled = pooled[np.isfinite(pooled)]
    if len(pooled) < LEAST_ERRORS:
        return otherwise
    outward = 1 + WEEK / len(pooled)
    return tuple(float(np.quantile(pooled, min(1.0, level * outward))) for level in LEVELS)
