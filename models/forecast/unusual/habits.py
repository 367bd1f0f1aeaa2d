"""What was expected of each past day by the weeks before it: an account's own record of odd days."""

from datetime import timedelta

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from models.forecast.calendar import calendar
from models.forecast.panel import Floats, UsagePanel
from models.forecast.profile import last_days, median
from models.forecast.settings import HISTORY_DAYS, PROFILE_DAYS, WEEK

HABIT_DAYS = 364
"""Of the past that an account is known by."""

STEADY_SHARE = 0.5
"""Of its days on which a steady account is used at least: weekdays are five in seven."""

BUSY_SHARE = 0.25
"""Of the account's busiest day: a day that expects less says little of the account, most are weekends."""


def judged(past: UsagePanel) -> NDArray[np.bool_]:
    """(accounts,) whether forecasts from here on judge them: neither too young nor used in bursts."""
    old = past.first_measured() + PROFILE_DAYS <= past.days
    return np.asarray(old & steady(past.values))


def around_holidays(panel: UsagePanel) -> NDArray[np.bool_]:
    """(accounts, days) holidays of their countries and the days beside them: they prove nothing."""
    before, after = panel.start - timedelta(days=1), panel.days + 2
    days = calendar(panel.countries, before, after, yearly=False)
    holiday = days.holiday[days.country_of]
    return np.asarray(holiday[:, :-2] | holiday[:, 1:-1] | holiday[:, 2:])


def busy(expected: Floats) -> NDArray[np.bool_]:
    """(accounts, days) days on which the account is expected to be used much as on its busiest."""
    busiest = np.nan_to_num(expected).max(axis=1, initial=0)[:, None]
    return np.asarray(expected >= BUSY_SHARE * busiest)


def steady(values: Floats) -> NDArray[np.bool_]:
    """(rows,) accounts that are used on most days; those used in bursts have no level to leave.

    values: (rows, days), the newest day last.
    """
    known = last_days(values, HISTORY_DAYS)
    measured = np.isfinite(known).sum(axis=1)
    return np.asarray((np.nan_to_num(known) > 0).sum(axis=1) > STEADY_SHARE * measured)


def habitual(values: Floats) -> tuple[Floats, Floats]:
    """Values of the last HABIT_DAYS days, and the median of their weekday in the 8 weeks before each.

    values: (rows, days), the newest day last. returns: two of (rows, HABIT_DAYS), NaN where not known.
    """
    known = last_days(values, HABIT_DAYS + PROFILE_DAYS)
    weeks = known.reshape(len(known), -1, WEEK)
    windows = sliding_window_view(weeks, PROFILE_DAYS // WEEK, axis=1)[:, :-1]
    expected = median(np.ascontiguousarray(windows)).reshape(len(known), HABIT_DAYS)
    return known[:, PROFILE_DAYS:], expected
