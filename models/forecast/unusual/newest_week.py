"""The newest days that say something of an account's level: a week of them."""

import numpy as np
from numpy.typing import NDArray

from models.forecast.panel import Floats
from models.forecast.settings import WEEK
from models.forecast.unusual.habits import busy

WITHIN_DAYS = 14
"""Weekends, holidays and gaps are passed over, as far back as this."""


def on_busy_days(sizes: Floats, expected: Floats) -> Floats:
    """Errors (accounts, days), NaN on days on which little is expected of the account."""
    return np.where(busy(expected), sizes, np.nan).astype(np.float32)


def newest_week(sizes: Floats) -> Floats:
    """(accounts, WITHIN_DAYS at most) the newest seven errors that are known; NaN for all others."""
    near = sizes[:, -WITHIN_DAYS:]
    return np.where(newest(near, WEEK), near, np.nan).astype(np.float32)


def newest(sizes: Floats, count: int) -> NDArray[np.bool_]:
    """Which of (accounts, days) are the newest so many that are known."""
    known = np.isfinite(sizes)
    return np.asarray(known & (known[:, ::-1].cumsum(axis=1)[:, ::-1] <= count))
