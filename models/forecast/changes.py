"""How far the expected change of a comparable week can be trusted, from backtested changes.

A comparable week is the median of each weekday over four weeks, without holidays: neither a spike nor a
holiday is a trend. Its errors are not those of totals, which every spike raises.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.forecast.calendar import calendar
from models.forecast.panel import Floats, UsagePanel
from models.forecast.paths import Paths
from models.forecast.profile import median
from models.forecast.settings import WEEK

COMPARED_DAYS = 28
"""Whole weeks compared: the next 28 days against 28 days before."""
LEVELS = (0.8, 0.95)
LEAST_PER_WEEK = 7.0
"""Events in a comparable week below which a change has no meaning."""
LEAST_WEEKDAYS = 4
LEAST_CHANGES = 10
UNCALIBRATED = (1.0, 1.6)
"""Where nothing was held back: as if all days erred one way, as far as the model's own band."""


@dataclass(frozen=True)
class Changes:
    """factors: quantiles at LEVELS of past absolute errors of log changes, in units of the models' bands."""

    factors: tuple[float, float]

    @classmethod
    def of(cls, windows: Sequence[tuple[UsagePanel, Paths, Floats]]) -> "Changes":
        """From held-back windows: what was known, what was forecast from there, what happened."""
        found = [_errors(*window) for window in windows if window[2].shape[1] >= COMPARED_DAYS]
        pooled = np.concatenate(found or [np.empty(0, dtype=np.float32)])
        if len(pooled) < LEAST_CHANGES:
            return cls(UNCALIBRATED)
        outward = (len(pooled) + 1) / len(pooled)
        usual, sure = (float(np.quantile(pooled, min(1.0, level * outward))) for level in LEVELS)
        return cls((usual, sure))

    def noise(self, paths: Paths) -> Floats:
        """(accounts, 2) half-widths, as logarithms, of the intervals of each account's expected change."""
        noise: Floats = np.outer(_relative_band(paths), self.factors).astype(np.float32)
        return noise


def comparable(values: Floats, holiday: NDArray[np.bool_]) -> Floats:
    """(accounts, 7) the comparable week of COMPARED_DAYS days; NaN for a weekday without an ordinary day."""
    days = np.where(holiday, np.nan, values).astype(np.float32)
    return median(np.swapaxes(days.reshape(len(days), -1, WEEK), 1, 2))


def events_of(week: Floats, other: Floats) -> tuple[Floats, Floats]:
    """(accounts,) events in two comparable weeks, over weekdays that both have; NaN where those are few."""
    both = np.isfinite(week) & np.isfinite(other)
    count = both.sum(axis=-1)
    scale = np.where(count >= LEAST_WEEKDAYS, WEEK / np.maximum(count, 1), np.nan)
    first, second = (
        (np.where(both, one, 0).sum(axis=-1) * scale).astype(np.float32) for one in (week, other)
    )
    return first, second


def log_change(before: Floats, after: Floats) -> Floats:
    """Logarithm of the change from one number of events to another; one event more keeps zero finite."""
    change: Floats = np.log((after + 1) / (before + 1))
    return change


def _errors(past: UsagePanel, paths: Paths, actual: Floats) -> Floats:
    """Absolute errors of log changes in units of the band; of accounts with enough usage to tell a change."""
    days = calendar(past.countries, past.day(past.days - COMPARED_DAYS), 2 * COMPARED_DAYS, yearly=False)
    holiday = days.holiday[days.country_of]
    then, ahead = holiday[:, :COMPARED_DAYS], holiday[:, COMPARED_DAYS:]
    before = comparable(past.values[:, -COMPARED_DAYS:], then)
    forecast = comparable(paths.median[:, :COMPARED_DAYS], ahead)
    happened = comparable(actual[:, :COMPARED_DAYS], ahead)
    known, _ = events_of(before, forecast)
    errors = np.abs(log_change(*events_of(forecast, happened))) / _relative_band(paths)
    return errors[(known >= LEAST_PER_WEEK) & np.isfinite(errors)].astype(np.float32)


def _relative_band(paths: Paths) -> Floats:
    """(accounts,) the summed mean half-bands of the compared days against their total, as a logarithm."""
    half = (paths.spread(above=True) + paths.spread(above=False))[:, :COMPARED_DAYS].sum(axis=1) / 2
    band: Floats = np.log1p(half / np.maximum(paths.median[:, :COMPARED_DAYS].sum(axis=1), 1))
    return band
