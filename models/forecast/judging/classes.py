"""Classes of accounts, by which forecasts are judged apart: dense, sparse, young."""

import numpy as np
from numpy.typing import NDArray

from models.forecast.judging.metrics import row_mean
from models.forecast.panel import UsagePanel
from models.forecast.profile import last_days
from models.forecast.settings import HISTORY_DAYS, PROFILE_DAYS, WEEK

DENSE = "dense"
SPARSE = "sparse"
YOUNG = "young"

LONGEST_INTERVAL = 1.32
"""Mean days from one day with use to the next, from which on demand is intermittent.

source: Syntetos, Boylan & Croston 2005
"""
WORKING_DAYS = 5
"""Weekdays that are looked at, the busiest of the account: else every office that closes on Saturday would be
intermittent."""


def classes(panel: UsagePanel) -> NDArray[np.str_]:
    """(accounts,) the class of each account as its history had it at the panel's end.

    Young: under PROFILE_DAYS since its first measured day. No network serves it but its weekday median, which
    is what is judged; without two weeks of history its error has no scale, and without a measured day it is
    not judged at all. Sparse: of the last HISTORY_DAYS, on its busiest weekdays, more than LONGEST_INTERVAL
    days for a day with use. Dense: all others.
    """
    values = last_days(panel.values, HISTORY_DAYS).reshape(len(panel.account_ids), -1, WEEK)
    used = np.where(np.isfinite(values), values > 0, np.nan).astype(np.float32)
    shares = np.sort(np.nan_to_num(row_mean(np.swapaxes(used, 1, 2))), axis=1)
    sparse = shares[:, -WORKING_DAYS:].mean(axis=1) < 1 / LONGEST_INTERVAL
    young = panel.first_measured() + PROFILE_DAYS > panel.days
    return np.where(young, YOUNG, np.where(sparse, SPARSE, DENSE))
