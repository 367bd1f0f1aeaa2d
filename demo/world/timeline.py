"""The days of a world: months, weekends and public holidays per country."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

import holidays
import numpy as np
from numpy.typing import NDArray

from demo.world.records import Array

OFFSET_H = {
    "US": -6.0, "GB": 0.0, "DE": 1.0, "FR": 1.0, "NL": 1.0, "SE": 1.0, "JP": 9.0, "BR": -3.0, "IN": 5.5,
    "IL": 2.0,
}  # fmt: skip
"""Hours from UTC to a country's time; summer time makes no difference here."""

WEEKEND = {"IL": (4, 5)}
"""Days off where they are not Saturday and Sunday (Monday = 0)."""


@dataclass(frozen=True)
class Timeline:
    """The `days` days up to and including `today`; a day's index counts from the first."""

    today: date
    days: int

    @cached_property
    def first(self) -> date:
        return self.today - timedelta(days=self.days - 1)

    @cached_property
    def _midnight(self) -> datetime:
        return datetime(self.first.year, self.first.month, self.first.day, tzinfo=UTC)

    def day(self, index: int) -> date:
        return self.first + timedelta(days=index)

    def index(self, day: date) -> int:
        return (day - self.first).days

    def moment(self, index: float, hour: float = 0.0) -> datetime:
        """The instant `hour` hours (UTC) into a day, to the second."""
        return self._midnight + timedelta(seconds=round(index * 86_400 + hour * 3_600))

    @cached_property
    def months(self) -> tuple[date, ...]:
        """The first day, then every first of a month."""
        rest = (self.day(i) for i in range(1, self.days))
        return (self.first, *(day for day in rest if day.day == 1))

    @cached_property
    def month_index(self) -> Array:
        """Index of the day on which each month starts, (months,)."""
        return np.array([self.index(month) for month in self.months], dtype=np.float64)

    @cached_property
    def weekday(self) -> NDArray[np.int64]:
        """Monday = 0, (days,)."""
        return (np.arange(self.days) + self.first.weekday()) % 7

    @cached_property
    def day_of_year(self) -> NDArray[np.int64]:
        """January 1st = 1, (days,)."""
        return np.array([self.day(i).timetuple().tm_yday for i in range(self.days)])

    def daily(self, monthly: Array) -> Array:
        """Monthly values, (months, k), drawn as lines between the months: (days, k)."""
        days = np.arange(self.days)
        return np.stack([np.interp(days, self.month_index, column) for column in monthly.T], axis=1)

    def days_off(self, country: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Weekend days and public holidays of a country, each (days,)."""
        weekend = np.isin(self.weekday, WEEKEND.get(country, (5, 6)))
        years = range(self.first.year, self.today.year + 1)
        public = holidays.country_holidays(country, years=years)
        return weekend, np.array([self.day(i) in public for i in range(self.days)])
