"""How rare an error is, against the errors of quiet held-back days."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from models.forecast.own_errors import OwnErrors
from models.forecast.panel import Floats
from models.forecast.paths import Paths
from models.forecast.pieces import by_row
from models.forecast.profile import median, quantile
from models.forecast.settings import WEEK

SHARES = (0.3, 0.07)
"""Chances whose error sizes fix the tail: inside what the odd real anomaly among them can move."""
FLATTEST, STEEPEST = 0.5, 1.5
LEAST_ERRORS = 100
EDGE = 0.8
"""Share of quiet errors that are below 1."""
OWN_DAYS = 60
"""Days of an account's own errors that count as much as the fleet's."""
LEAST_EXPECTED = 0.5
FLEET_ACCOUNTS = 8
"""Accounts below which nothing can be said of all."""
NARROWEST = 0.01
"""Logarithmic half-band at least: below an expected nothing there is none."""


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


@dataclass(frozen=True)
class Tails:
    """One tail per side: what falls ends at zero, what rises does not."""

    below: Tail
    above: Tail

    @classmethod
    def of(cls, sizes: Floats) -> "Tails":
        """Tails of a sample of signed errors, each of its side; of both where a side has too few."""
        sizes = sizes[np.isfinite(sizes)]
        sides = (-sizes[sizes <= 0], sizes[sizes >= 0])
        below, above = (side if len(side) >= LEAST_ERRORS else np.abs(sizes) for side in sides)
        return cls(Tail.of(below), Tail.of(above))

    def chance(self, sizes: Floats) -> NDArray[np.float64]:
        """Chance per signed error of one as large on its side; NaN stays NaN."""
        far = np.abs(sizes)
        return np.where(sizes < 0, self.below.chance(far), self.above.chance(far))


@dataclass(frozen=True, eq=False)
class Surprise:
    """What single days and whole weeks were off by when nothing had happened.

    levels: of each held-back window, (days,) error of the median account. usual: what is off by own errors
        in it. edge: half-band of such an account that holds EDGE of all errors.
    """

    levels: tuple[Floats, ...]
    usual: float
    edge: float
    day: Tails
    week: Tails

    @classmethod
    def of(cls, windows: Sequence[tuple[Paths, Floats]], accounts: int) -> "Surprise":
        """From held-back windows, (forecast, actual) pairs, without the days that will be judged."""
        levels = tuple(of_all(logarithmic(*window)) for window in windows)
        own = _apart(windows, levels)
        errors = OwnErrors.of(own, accounts)
        shares = errors.widths(errors.usual, OWN_DAYS)
        edge = _edge(own, shares)
        widths: Floats = (shares * edge).astype(np.float32)
        sizes: list[Floats] = [size / widths[:, None] for size in own]
        empty = np.empty(0, dtype=np.float32)
        days = np.concatenate([off_level(size).ravel() for size in sizes] or [empty])
        weeks = np.concatenate([weekly(size).ravel() for size in sizes] or [empty])
        return cls(levels, errors.usual, edge, Tails.of(days), Tails.of(weeks))

    def widths(self, windows: Sequence[tuple[Paths, Floats]], accounts: int) -> Floats:
        """(accounts,) logarithmic half-bands that hold EDGE of an account's errors, from the same windows."""
        own = OwnErrors.of(_apart(windows, self.levels), accounts)
        return (own.widths(self.usual, OWN_DAYS) * self.edge).astype(np.float32)


def logarithmic(paths: Paths, actual: Floats) -> Floats:
    """(accounts, days) signed errors in units of the model's own half-band, both as logarithms.

    Usage varies by factors: a day without any is as far off as one with many times too much. One event
    is added to either, so that nothing against one is no wonder.
    """
    expected = paths.median + 1
    below = np.maximum(paths.median - paths.spread(above=False), 0) + 1
    above = paths.median + paths.spread(above=True) + 1
    error = np.log((actual + 1) / expected)
    band = np.where(error > 0, np.log(above / expected), np.log(expected / below))
    return np.asarray(error / np.maximum(band, NARROWEST), dtype=np.float32)


def off_level(sizes: Floats) -> Floats:
    """(accounts, days) errors that also stand out from those of the week before: none in a lasting change.

    0 where the two disagree in sign.
    """
    return np.asarray(by_row(_off_level, sizes))


def of_all(sizes: Floats) -> Floats:
    """(days,) error of the median account; 0 where few are measured."""
    measured = np.isfinite(sizes).sum(axis=0)
    return np.where(measured >= FLEET_ACCOUNTS, np.nan_to_num(median(sizes.T)), 0).astype(np.float32)


def beyond(sizes: Floats, level: Floats) -> Floats:
    """Errors less a level that they share, never larger than they are; 0 where only the level is off."""
    apart = sizes - level
    smaller = np.where(np.abs(apart) < np.abs(sizes), apart, sizes)
    return np.where(np.isfinite(sizes) & (apart * sizes < 0), 0, smaller).astype(np.float32)


def weekly(sizes: Floats) -> Floats:
    """(accounts, days - 6) median of each 7 days: what a lasting change moves and a spike does not.

    Weeks overlap: few accounts have few weeks apart.
    """
    if sizes.shape[1] < WEEK:
        return np.empty((len(sizes), 0), dtype=np.float32)
    return median(sliding_window_view(sizes, WEEK, axis=1))


def _apart(windows: Sequence[tuple[Paths, Floats]], levels: Sequence[Floats]) -> list[Floats]:
    """Errors beyond those of all, of each window."""
    return [
        _expecting(paths, beyond(logarithmic(paths, actual), level))
        for (paths, actual), level in zip(windows, levels, strict=True)
    ]


def _edge(sizes: Sequence[Floats], shares: NDArray[Any]) -> float:
    if not sizes:
        return 1.0
    pooled = np.abs(np.concatenate(sizes, axis=1)) / shares[:, None]
    edge = float(quantile(pooled.ravel(), EDGE))
    return edge if edge > 0 else 1.0


def _expecting(paths: Paths, sizes: Floats) -> Floats:
    """Without the days that expect no use: hitting nothing with nothing would make all else look odd."""
    return np.where(paths.median < LEAST_EXPECTED, np.nan, sizes).astype(np.float32)


def _off_level(sizes: Floats) -> Floats:
    week = np.stack([_delayed(sizes, days) for days in range(1, WEEK + 1)], axis=-1)
    return beyond(sizes, np.nan_to_num(median(week)))


def _delayed(sizes: Floats, days: int) -> Floats:
    delayed = np.full_like(sizes, np.nan)
    delayed[:, days:] = sizes[:, :-days]
    return delayed
