"""How rare an error is, against the errors of the held-back days."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.forecast.conformal import Bands, errors
from models.forecast.panel import Floats
from models.forecast.paths import Paths
from models.forecast.profile import median
from models.forecast.settings import WEEK

TAIL_SHARE = 0.05
"""Share of errors that count as the tail, whose shape is extrapolated."""
LEAST_TAIL = 20
LEAST_WIDTH = 0.05
LARGEST_INDEX = 0.5
"""Heaviest tail believed: held-back days hold anomalies themselves, which would hide all others."""


@dataclass(frozen=True)
class Tail:
    """Sizes of errors beyond a threshold.

    share: of errors beyond it. index: Hill's estimate; the chance falls as size ** (-1 / index).
    """

    threshold: float
    share: float
    index: float

    @classmethod
    def of(cls, sizes: Floats) -> "Tail":
        """Tail of a sample of absolute errors. source: Hill 1975"""
        sizes = sizes[np.isfinite(sizes)]
        if len(sizes) * TAIL_SHARE < LEAST_TAIL:
            return cls(1.0, 0.2, LARGEST_INDEX)
        threshold = max(float(np.quantile(sizes, 1 - TAIL_SHARE)), 1e-3)
        beyond = sizes[sizes > threshold]
        index = float(np.mean(np.log(beyond / threshold))) if len(beyond) else LARGEST_INDEX
        return cls(threshold, max(len(beyond), 1) / len(sizes), min(max(index, 0.05), LARGEST_INDEX))

    def chance(self, sizes: Floats) -> NDArray[np.float64]:
        """Chance of an error at least that large; 1 inside the threshold, NaN stays NaN."""
        beyond = np.maximum(sizes / self.threshold, 1)
        chance = self.share * beyond.astype(np.float64) ** (-1 / self.index)
        return np.where(sizes > self.threshold, chance, np.where(np.isnan(sizes), np.nan, 1.0))


@dataclass(frozen=True)
class Surprise:
    """Tails of single days and of weeks, both in units of the calibrated 80 % half-band."""

    day: Tail
    week: Tail

    @classmethod
    def of(cls, windows: Sequence[tuple[Paths, Floats]], bands: Bands) -> "Surprise":
        """From held-back windows: (forecast, actual) pairs."""
        sizes = [standardised(paths, actual, bands) for paths, actual in windows]
        empty = np.empty(0, dtype=np.float32)
        days = np.concatenate([size.ravel() for size in sizes] or [empty])
        weeks = np.concatenate([weekly(size).ravel() for size in sizes] or [empty])
        return cls(Tail.of(np.abs(days)), Tail.of(np.abs(weeks)))


def standardised(paths: Paths, actual: Floats, bands: Bands) -> Floats:
    """(accounts, days) signed errors: 1 is the upper end of the 80 % interval, -1 the lower."""
    error = errors(paths, actual)
    width = np.maximum(bands.half_width(error.shape[1], error > 0), LEAST_WIDTH)
    return (error / width).astype(np.float32)


def weekly(sizes: Floats) -> Floats:
    """(accounts, weeks) median of each whole week: what a lasting change moves and a spike does not."""
    weeks = sizes.shape[1] // WEEK
    return median(sizes[:, : weeks * WEEK].reshape(len(sizes), weeks, WEEK))
