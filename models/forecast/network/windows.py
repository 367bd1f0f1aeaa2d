"""Windows of usage as the network reads them: scaled, folded into weeks, with the calendar ahead."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.forecast.calendar import WIDTH, Calendar, calendar
from models.forecast.panel import Floats, UsagePanel
from models.forecast.profile import repeat, weekday_profile
from models.forecast.settings import HISTORY_DAYS, PROFILE_DAYS, WEEK

STEP_WIDTH = 4 * WEEK + WIDTH
"""Per week: values, residuals over the profile, present flags, holidays; calendar of its first day."""
FUTURE_WIDTH = WIDTH + 2
"""Per day ahead: calendar, profile of its weekday, share of the horizon."""
FLOOR_PER_DAY = 1.0
"""Smallest scale: below an event a day, noise would be blown up."""
LARGEST_INPUT = 20.0
"""Inputs are cut at this many times the scale, so that one wild day does not drown a window."""

Rows = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Windows:
    """A batch of windows.

    history: (windows, weeks, STEP_WIDTH). future: (windows, horizon, FUTURE_WIDTH).
    scale: (windows,), events per day. offset: (windows, horizon), profile / scale: what the
        network's output is added to.
    target: (windows, horizon), (actual - profile) / scale, NaN = not measured.
    """

    history: Floats
    future: Floats
    scale: Floats
    offset: Floats
    target: Floats


class WindowReader:
    """Cuts windows out of a panel; knows nothing of days at or after the panel's end.

    horizon: days ahead of each window's origin. An origin is the column of the first day ahead.
    yearly: whether the network may see the day of the year.
    """

    def __init__(self, panel: UsagePanel, horizon: int, yearly: bool) -> None:
        self.horizon = horizon
        self._calendar = padded_calendar(panel, horizon, yearly)
        rows = len(panel.account_ids)
        padding = [np.full((rows, days), np.nan, dtype=np.float32) for days in (HISTORY_DAYS, horizon)]
        self._values = np.concatenate([padding[0], panel.values, padding[1]], axis=1)

    def read(self, accounts: Rows, origins: Rows) -> Windows:
        """Windows of (account, origin) pairs, in their order."""
        days = origins[:, None] + np.arange(HISTORY_DAYS + self.horizon)
        values = self._values[accounts[:, None], days]
        past, ahead = values[:, :HISTORY_DAYS], values[:, HISTORY_DAYS:]
        present = np.isfinite(past)
        total = np.where(present, past, 0).sum(axis=1)
        scale = np.maximum(total / np.maximum(present.sum(axis=1), 1), FLOOR_PER_DAY).astype(np.float32)
        profile = np.nan_to_num(weekday_profile(past))
        offset = repeat(profile, self.horizon) / scale[:, None]
        country = self._calendar.country_of[accounts][:, None]
        return Windows(
            history=self._history(past, profile, scale, country, days),
            future=self._future(offset, country, days),
            scale=scale,
            offset=offset,
            target=ahead / scale[:, None] - offset,
        )

    def _history(self, past: Floats, profile: Floats, scale: Floats, country: Rows, days: Rows) -> Floats:
        residual = past - repeat(profile, HISTORY_DAYS)
        parts = [
            _bounded(past / scale[:, None]),
            _bounded(residual / scale[:, None]),
            np.isfinite(past).astype(np.float32),
            self._calendar.holiday[country, days[:, :HISTORY_DAYS]].astype(np.float32),
        ]
        weeks = [part.reshape(len(past), -1, WEEK) for part in parts]
        first_days = self._calendar.features[country, days[:, :HISTORY_DAYS:WEEK]]
        return np.concatenate([*weeks, first_days], axis=-1)

    def _future(self, offset: Floats, country: Rows, days: Rows) -> Floats:
        ahead = self._calendar.features[country, days[:, HISTORY_DAYS:]]
        share = np.broadcast_to(np.arange(1, self.horizon + 1, dtype=np.float32) / 90, offset.shape)
        return np.concatenate([ahead, offset[..., None], share[..., None]], axis=-1)


@dataclass(frozen=True, eq=False)
class Sampler:
    """Draws training windows evenly over all origins that have enough past and a week ahead.

    accounts: (eligible,). first: (eligible,) first origin of each. ends: (eligible,) running count
        of origins.
    """

    accounts: Rows
    first: Rows
    ends: Rows

    @classmethod
    def over(cls, panel: UsagePanel) -> "Sampler":
        """All windows of a panel."""
        first = panel.first_measured() + PROFILE_DAYS
        count = panel.days - WEEK + 1 - first
        rows = np.flatnonzero((count > 0) & (np.nan_to_num(panel.values).max(axis=1, initial=0) > 0))
        return cls(rows, first[rows].astype(np.intp), np.cumsum(count[rows]).astype(np.intp))

    def draw(self, size: int, rng: np.random.Generator) -> tuple[Rows, Rows]:
        """`size` pairs of (account, origin)."""
        picks = rng.integers(0, self.ends[-1], size)
        slot = np.searchsorted(self.ends, picks, side="right")
        return self.accounts[slot], self.first[slot] + self.ends[slot] - 1 - picks


def padded_calendar(panel: UsagePanel, horizon: int, yearly: bool) -> Calendar:
    """Calendar from `HISTORY_DAYS` before the panel to `horizon` days after it."""
    start = np.datetime64(panel.start) - HISTORY_DAYS
    return calendar(panel.countries, start.item(), HISTORY_DAYS + panel.days + horizon, yearly)


def _bounded(values: Floats) -> Floats:
    return np.clip(np.nan_to_num(values), -LARGEST_INPUT, LARGEST_INPUT)
