"""How far off days were, in half-bands, and what of it is an account's own."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from models.forecast.panel import Floats
from models.forecast.paths import Paths
from models.forecast.profile import median
from models.forecast.settings import WEEK

FLEET_ACCOUNTS = 8
"""Accounts below which nothing can be said of all."""
NARROWEST = 0.01
"""Logarithmic half-band at least: below an expected nothing there is none."""


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
    week = np.stack([_delayed(sizes, days) for days in range(1, WEEK + 1)], axis=-1)
    return beyond(sizes, np.nan_to_num(median(week)))


def of_all(sizes: Floats) -> Floats:
    """(days,) error of the median account; NaN where few are measured."""
    measured = np.isfinite(sizes).sum(axis=0)
    return np.where(measured >= FLEET_ACCOUNTS, median(sizes.T), np.nan).astype(np.float32)


def beyond(sizes: Floats, level: Floats) -> Floats:
    """Errors less a level that they share, never larger than they are; 0 where only the level is off."""
    apart = sizes - level
    smaller = np.where(np.abs(apart) < np.abs(sizes), apart, sizes)
    return np.where(np.isfinite(sizes) & (apart * sizes < 0), 0, smaller).astype(np.float32)


def beside_all(sizes: Floats) -> Floats:
    """Errors less what moves all accounts alike: a season is nobody's anomaly."""
    return beyond(sizes, np.nan_to_num(of_all(sizes)))


def weekly(sizes: Floats) -> Floats:
    """(accounts, days - 6) median of each 7 days: what a lasting change moves and a spike does not."""
    if sizes.shape[1] < WEEK:
        return np.empty((len(sizes), 0), dtype=np.float32)
    return median(sliding_window_view(sizes, WEEK, axis=1))


def _delayed(sizes: Floats, days: int) -> Floats:
    delayed = np.full_like(sizes, np.nan)
    delayed[:, days:] = sizes[:, :-days]
    return delayed
