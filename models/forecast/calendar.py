"""What is known of every day in advance: weekday, season, holidays of the account's country."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import holidays
import numpy as np
from numpy.typing import NDArray

from models.forecast.panel import Floats
from models.forecast.settings import WEEK

NEIGHBOURS = (-2, -1, 0, 1, 2)
HARMONICS = 3
WIDTH = WEEK + len(NEIGHBOURS) + 2 * HARMONICS + 3
"""Features of a day: weekday one-hot, holidays around it, day of year, day of month, turn of the year."""
EVERYWHERE = ((1, 1), (12, 25))
"""Month and day of the holidays of accounts whose country is not known."""
TURN_OF_YEAR = (-12, 2)
"""Days around 1 January on which offices stand still whatever their country."""


@dataclass(frozen=True, eq=False)
class Calendar:
    """Features of each day per country.

    features: (countries, days, WIDTH). holiday: (countries, days), the day itself.
    country_of: (accounts,) row of an account's country in both.
    """

    features: Floats
    holiday: NDArray[np.bool_]
    country_of: NDArray[np.intp]


def calendar(countries: Sequence[str | None], start: date, days: int, yearly: bool) -> Calendar:
    """Calendar of `days` days from `start` on for accounts in these countries.

    yearly: False blanks the day of the year: with less than two winters it says which week it was,
        not which season.
    """
    known = sorted({"", *(country or "" for country in countries)})
    day = np.datetime64(start) + np.arange(days)
    around = np.datetime64(start) + np.arange(NEIGHBOURS[0], days + NEIGHBOURS[-1])
    flags = np.stack([np.isin(around, holiday_dates(country, start, days)) for country in known])
    shifted = [flags[:, offset - NEIGHBOURS[0] :][:, :days] for offset in NEIGHBOURS]
    common = np.broadcast_to(_common(day, yearly), (len(known), days, WIDTH - len(NEIGHBOURS)))
    features = np.concatenate([common, np.stack(shifted, axis=-1)], axis=-1).astype(np.float32)
    return Calendar(
        features=features,
        holiday=shifted[NEIGHBOURS.index(0)],
        country_of=np.searchsorted(known, [country or "" for country in countries]),
    )


def holiday_dates(country: str, start: date, days: int) -> NDArray[np.datetime64]:
    """Public holidays of a country (ISO 3166 alpha-2) around those days; EVERYWHERE where it is not known."""
    last = np.datetime64(start) + days + NEIGHBOURS[-1]
    found = [_holidays_of(country, year) for year in range(start.year - 1, last.item().year + 1)]
    return np.array(sorted(day for year in found for day in year), dtype="datetime64[D]")


@lru_cache(maxsize=4096)
def _holidays_of(country: str, year: int) -> frozenset[date]:
    if country not in holidays.list_supported_countries():
        return frozenset(date(year, month, day) for month, day in EVERYWHERE)
    return frozenset(holidays.country_holidays(country, years=year))


def _common(day: NDArray[np.datetime64], yearly: bool) -> NDArray[np.float64]:
    """Weekday (Monday first), season, day of month, turn of the year; (days, WIDTH without NEIGHBOURS)."""
    weekday = (day.astype(np.int64) + 3) % WEEK
    of_year = (day - day.astype("datetime64[Y]")).astype(np.float64) / 365.25
    of_month = (day - day.astype("datetime64[M]")).astype(np.float64) / 31
    angles = np.stack([*(of_year * k for k in range(1, HARMONICS + 1)), of_month], axis=-1) * 2 * np.pi
    waves = np.stack([np.sin(angles), np.cos(angles)], axis=1)
    waves[..., :HARMONICS] *= yearly
    nearest = (day + 183).astype("datetime64[Y]").astype("datetime64[D]")
    from_turn = (day - nearest).astype(np.int64)
    turn = (from_turn >= TURN_OF_YEAR[0]) & (from_turn <= TURN_OF_YEAR[1])
    return np.concatenate(
        [np.eye(WEEK)[weekday], waves.reshape(len(day), 2 * (HARMONICS + 1)), turn[:, None]], axis=-1
    )
