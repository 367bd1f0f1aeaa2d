"""How rare an error is, against the errors of quiet held-back days."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.forecast.conformal import Bands, calibrate_widened
from models.forecast.panel import Floats
from models.forecast.paths import Paths
from models.forecast.profile import median
from models.forecast.settings import WEEK

SHARES = (0.3, 0.07)
"""Chances whose error sizes fix the tail: inside what the odd real anomaly among them can move."""
FLATTEST, STEEPEST = 0.5, 1.5
LEAST_ERRORS = 100


@dataclass(frozen=True)
class Tail:
    """Chance of an error at least as large: exp(-(size / scale) ** shape).

    A Weibull tail through two quantiles: a normal's errors give a shape of about 1.4, Laplace's 1.
    """

    scale: float
    shape: float

    @classmethod
    def of(cls, sizes: Floats) -> "Tail":
        """Tail of a sample of absolute errors; a wide one where the sample is too small."""
        sizes = sizes[np.isfinite(sizes)]
        if len(sizes) < LEAST_ERRORS:
            return cls(1.0, 1.0)
        near, far = (max(float(np.quantile(sizes, 1 - share)), 1e-3) for share in SHARES)
        depths = [-np.log(share) for share in SHARES]
        steep = np.log(depths[1] / depths[0]) / max(np.log(far / near), 1e-3)
        shape = float(np.clip(steep, FLATTEST, STEEPEST))
        return cls(float(far / depths[1] ** (1 / shape)), shape)

    def chance(self, sizes: Floats) -> NDArray[np.float64]:
        """Chance per error; NaN stays NaN."""
        chance: NDArray[np.float64] = np.exp(-((sizes.astype(np.float64) / self.scale) ** self.shape))
        return chance


@dataclass(frozen=True, eq=False)
class Surprise:
    """What single days and whole weeks were off by when nothing had happened.

    widths: (accounts,) how erratic each account is. bands: of the forecasts so widened.
    """

    widths: Floats
    bands: Bands
    day: Tail
    week: Tail

    @classmethod
    def of(cls, windows: Sequence[tuple[Paths, Floats]], accounts: int) -> "Surprise":
        """From held-back windows, (forecast, actual) pairs, without the days that will be judged."""
        widths, bands = calibrate_widened(windows, accounts)
        widened = [(paths.widened(widths), actual) for paths, actual in windows]
        sizes = [bands.standardised(paths, actual) for paths, actual in widened]
        empty = np.empty(0, dtype=np.float32)
        days = np.concatenate([off_level(size).ravel() for size in sizes] or [empty])
        weeks = np.concatenate([weekly(size).ravel() for size in sizes] or [empty])
        return cls(widths, bands, Tail.of(np.abs(days)), Tail.of(np.abs(weeks)))

    def sizes(self, paths: Paths, actual: Floats) -> Floats:
        """(accounts, days) signed errors: 1 is the upper end of the account's 80 % interval, -1 the lower."""
        return self.bands.standardised(paths.widened(self.widths), actual)


def off_level(sizes: Floats) -> Floats:
    """(accounts, days) errors that also stand out from those of the week before: none in a lasting change.

    0 where the two disagree in sign.
    """
    week = np.stack([_delayed(sizes, days) for days in range(1, WEEK + 1)], axis=-1)
    apart = sizes - np.nan_to_num(median(week))
    smaller = np.where(np.abs(apart) < np.abs(sizes), apart, sizes)
    return np.where(np.isfinite(sizes) & (apart * sizes < 0), 0, smaller).astype(np.float32)


def weekly(sizes: Floats) -> Floats:
    """(accounts, weeks) median of each whole week: what a lasting change moves and a spike does not."""
    weeks = sizes.shape[1] // WEEK
    return median(sizes[:, : weeks * WEEK].reshape(len(sizes), weeks, WEEK))


def _delayed(sizes: Floats, days: int) -> Floats:
    delayed = np.full_like(sizes, np.nan)
    delayed[:, days:] = sizes[:, :-days]
    return delayed
