"""What followed a decision: whether usage then fell, and whether an anomaly was one, by what is known later.

Nothing here knows a forecast: usage after the cut is compared with the same account's usage before.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from models.decisions import NOT_KNOWN
from models.forecast.calendar import calendar
from models.forecast.changes import COMPARED_DAYS, LEAST_PER_WEEK
from models.forecast.judging.metrics import row_mean
from models.forecast.panel import Floats, UsagePanel
from models.forecast.profile import last_days, median, repeat, weekday_profile
from models.forecast.settings import WEEK
from models.forecast.unusual.anomalies import DROP, SPIKE, STOP, SUSTAINED, Anomaly
from models.forecast.unusual.lasting import LEAST_CHANGE
from models.forecast.unusual.silence import STOP_SHARE

LEAST_FALL = 0.05
"""What the health claims at least when it tells of a fall."""
SURE = 0.95
LEAST_WEEKS = 3
"""Measured weeks, of four, on each side of the cut."""
LEAST_MEASURED = 0.5
"""Share of a week's usual events that must be on measured days for the week to count."""
OUTLIER = 3.5
"""Modified z-score; source: Iglewicz & Hoaglin 1993."""
NORMAL_MAD = 1.4826
"""Standard deviations of a normal per median absolute deviation."""


@dataclass(frozen=True, eq=False)
class Aftermath:
    """Usage as it is known later, around one cut.

    values: (accounts, days), NaN = not measured, or a public holiday of the account's country; at the end
        four weeks that nobody knows yet. cut: the column of the first day after the cut.
    """

    values: Floats
    start: date
    cut: int

    @classmethod
    def of(cls, known: UsagePanel, cut: date) -> "Aftermath":
        """The accounts of a panel that reaches beyond the cut."""
        days = calendar(known.countries, known.start, known.days, yearly=False)
        values = np.where(days.holiday[days.country_of], np.nan, known.values).astype(np.float32)
        unknown = np.full((len(values), COMPARED_DAYS), np.nan, dtype=np.float32)
        return cls(np.concatenate([values, unknown], axis=1), known.start, (cut - known.start).days)

    def fell(self) -> NDArray[np.int8]:
        """(accounts,) whether usage of the four weeks from the cut on fell against the four before.

        YES: by LEAST_FALL or more, and by more than weeks of this account differ by chance (the one-sided
        95 % bound of Student's t): without that, half of all unsteady accounts would have fallen. NOT_KNOWN:
        too few measured weeks, or too little usage.
        """
        weeks = COMPARED_DAYS // WEEK
        before, after = (
            self._levels(slice(None), self.cut, start, weeks)
            for start in (self.cut - COMPARED_DAYS, self.cut)
        )
        counts = [np.isfinite(side).sum(axis=1) for side in (before, after)]
        means = [row_mean(side).astype(np.float64) for side in (before, after)]
        squares = sum(
            np.nansum((side - mean[:, None]) ** 2, axis=1)
            for side, mean in zip((before, after), means, strict=True)
        )
        known = (counts[0] >= LEAST_WEEKS) & (counts[1] >= LEAST_WEEKS) & (np.nan_to_num(means[0]) > 0)
        freedom = np.maximum(counts[0] + counts[1] - 2, 1)
        error = np.sqrt(squares / freedom * sum(1 / np.maximum(count, 1) for count in counts))
        fall = means[0] - means[1]
        yes = (fall >= LEAST_FALL * means[0]) & (fall > student.ppf(SURE, freedom) * error)
        return np.where(known, yes, NOT_KNOWN).astype(np.int8)

    def borne_out(self, row: int, one: Anomaly) -> int:
        """Whether an anomaly of an account was one, by what followed: YES, NO or NOT_KNOWN.

        A stop: next to no use in the four weeks from the cut on either. A sustained change: the level of
        those weeks is on the same side of the one before it, by LEAST_CHANGE or more. A spike or drop: its
        days stand out from those of the four weeks before and after it. Suspected misuse: one of the two.
        """
        if one.kind in (STOP, SUSTAINED):
            return self._lasted(row, one)
        if one.kind in (SPIKE, DROP):
            return self._stood_out(row, one)
        return max(self._lasted(row, one), self._stood_out(row, one))

    def _lasted(self, row: int, one: Anomaly) -> int:
        first = (one.day - self.start).days
        levels = self._levels(slice(row, row + 1), first, self.cut, COMPARED_DAYS // WEEK)[0]
        if np.isfinite(levels).sum() < LEAST_WEEKS:
            return NOT_KNOWN
        level = float(median(levels))
        if one.kind == STOP:
            return int(level <= STOP_SHARE)
        return int((level - 1) * np.sign(one.size) >= LEAST_CHANGE)

    def _stood_out(self, row: int, one: Anomaly) -> int:
        first = (one.day - self.start).days
        last = first + one.days
        values = self.values[row]
        sides = [
            _scores(values[first:last], (day - first) % WEEK, values[day : day + COMPARED_DAYS])
            for day in (first - COMPARED_DAYS, last)
            if day >= 0
        ]
        if len(sides) < 2 or not np.isfinite(sides).all():
            return NOT_KNOWN
        return int(all(score * np.sign(one.size) > OUTLIER for score in sides))

    def _levels(self, rows: slice, before: int, start: int, weeks: int) -> Floats:
        """(rows, weeks) usage of weeks from a column on, as a share of the profile before another column."""
        profile = weekday_profile(self.values[rows, :before])
        days = last_days(self.values[rows, : start + weeks * WEEK], weeks * WEEK)
        usual = np.roll(repeat(profile, weeks * WEEK), -((start - before) % WEEK), axis=1)
        shape = (len(days), weeks, WEEK)
        events = np.nan_to_num(days).reshape(shape).sum(axis=2)
        expected = np.where(np.isfinite(days), usual, 0).reshape(shape).sum(axis=2)
        of_week = profile.sum(axis=1)[:, None]
        counts = (expected >= LEAST_MEASURED * of_week) & (of_week >= LEAST_PER_WEEK)
        levels: Floats = np.where(counts, events / np.where(counts, expected, 1), np.nan).astype(np.float32)
        return levels


def _scores(days: Floats, shift: int, around: Floats) -> float:
    """Median modified z-score of days against others; NaN where too few were measured.

    shift: weekdays from the first of `days` to the first of `around`.
    """
    if np.isfinite(around).sum() < COMPARED_DAYS // 2 or not np.isfinite(days).any():
        return float("nan")
    weeks = around.reshape(-1, WEEK)
    middle = median(weeks.T)
    middle = np.where(np.isnan(middle), median(around), middle)
    apart = (weeks - middle).ravel()
    spread = NORMAL_MAD * float(median(np.abs(apart)))
    usual = middle[(np.arange(len(days)) - shift) % WEEK]
    floor = np.sqrt(np.maximum(usual, 1))
    return float(median(((days - usual) / np.maximum(spread, floor)).astype(np.float32)))
