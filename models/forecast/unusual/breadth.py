"""Many events without more users, technologies or repositories: suspected misuse."""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.forecast.panel import Floats, UsagePanel
from models.forecast.profile import median
from models.forecast.settings import PROFILE_DAYS, RECENT_DAYS, WEEK
from models.forecast.unusual.anomalies import MISUSE, SPIKE, Anomaly

BREADTH_DAYS = RECENT_DAYS + PROFILE_DAYS
"""Newest days that a breadth must be known of: odd days are among the last, the others show what is usual."""
MISUSE_TIMES = 4.0
"""As many times more events than usual: a peak that each user would have to make several times over."""
GREW_TIMES, NOISE = 1.3, 2.0
"""A breadth grew along where it is so many times as usual, and beyond so many deviations of a count."""


def named(one: Anomaly, panel: UsagePanel, row: int, breadths: Mapping[str, UsagePanel]) -> Anomaly:
    """The same anomaly, called misuse where a peak came without any breadth that is known growing along."""
    if one.kind != SPIKE:
        return one
    columns = (one.day - panel.start).days + np.arange(one.days)
    events, usual = _sums(panel.values[row], columns)
    if events < MISUSE_TIMES * usual:
        return one
    known = [_sums(each.values[row], columns) for each in breadths.values()]
    known = [(actual, usual) for actual, usual in known if usual > 0]
    if not known or any(_grew(actual, usual) for actual, usual in known):
        return one
    return replace(one, kind=MISUSE)


def _grew(actual: float, usual: float) -> bool:
    return actual > GREW_TIMES * usual and actual > usual + NOISE * math.sqrt(usual)


def _sums(values: Floats, columns: NDArray[np.int64]) -> tuple[float, float]:
    """Over the measured ones of these days: what there was, and the median of their weekdays before."""
    before = np.arange(max(0, columns[0] - PROFILE_DAYS), columns[0])
    usual = np.array([median(values[before[(before - column) % WEEK == 0]]) for column in columns])
    known = np.isfinite(values[columns]) & np.isfinite(usual)
    return float(values[columns][known].sum()), float(usual[known].sum())
