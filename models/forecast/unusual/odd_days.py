"""Single days, and runs of a few, that are further off than chance allows."""

import numpy as np
from numpy.typing import NDArray

from models.forecast.panel import Floats, UsagePanel
from models.forecast.settings import WEEK
from models.forecast.unusual.anomalies import DROP, SPIKE, Anomaly
from models.forecast.unusual.false_alarms import Rule
from models.forecast.unusual.habits import habitual
from models.forecast.unusual.sizes import off_level
from models.forecast.unusual.surprise import Surprise
from models.forecast.unusual.view import View

FALSE_SHARE = 0.2
"""Expected share of false alarms among all single days that are raised."""
RARE_SHARE, FURTHER = 0.1, 1.25
"""An odd day is so many times as far off as the account was in all but RARE_SHARE of its weeks before: an odd
week a year ago makes no habit."""
LEAST_EVENTS = 10.0
"""Least distance from the forecast in events: a rep is not told of less."""
LEAST_CHANGE = 0.5


def odd_days(panel: UsagePanel, view: View, surprise: Surprise, rule: Rule) -> dict[int, list[Anomaly]]:
    """Odd days by row of the panel; neighbours with the same sign are one anomaly."""
    sizes = off_level(view.sizes)
    chances = surprise.day.chance(sizes)
    hits = rule(chances, FALSE_SHARE) & _worth_telling(view)
    found: dict[int, list[Anomaly]] = {}
    for row in np.flatnonzero(hits.any(axis=1)):
        hits[row] &= ~_usual(panel, view, int(row))
        columns = np.flatnonzero(hits[row])
        breaks = (np.diff(columns) > 1) | (np.diff(np.sign(view.sizes[row, columns])) != 0)
        for run in np.split(columns, np.flatnonzero(breaks) + 1) if len(columns) else ():
            found.setdefault(int(row), []).append(
                Anomaly(
                    kind=SPIKE if view.sizes[row, run[0]] > 0 else DROP,
                    day=view.day(run[0]),
                    days=len(run),
                    size=view.change(row, run),
                    chance=float(np.nanmin(chances[row, run])),
                    value=float(view.actual[row, run[0]]),
                )
            )
    return found


def _worth_telling(view: View) -> NDArray[np.bool_]:
    far = np.abs(view.actual - view.expected)
    return np.asarray((far >= LEAST_EVENTS) & (far >= LEAST_CHANGE * view.expected))


def _usual(panel: UsagePanel, view: View, row: int) -> NDArray[np.bool_]:
    """(days,) whether the account has often been as far off: some are used in bursts."""
    values, expected = habitual(panel.values[[row], : panel.days - view.days])
    weeks = _factors(values, expected).reshape(-1, WEEK)
    weeks = weeks[np.isfinite(weeks).any(axis=1)]
    if not len(weeks):
        return np.zeros(view.days, dtype=bool)
    now = _factors(view.actual[row], view.expected[row])
    high = max(float(np.quantile(np.nanmax(weeks, axis=1), 1 - RARE_SHARE)), 0.0) + np.log(FURTHER)
    low = min(float(np.quantile(np.nanmin(weeks, axis=1), RARE_SHARE)), 0.0) - np.log(FURTHER)
    return np.asarray((now <= high) & (now >= low))


def _factors(actual: Floats, expected: Floats) -> Floats:
    return np.asarray(np.log((actual + 1) / (expected + 1)))
