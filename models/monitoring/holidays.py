"""Public holidays that disturb inputs: usage of the day before, and the return to work after it."""

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np

from models.forecast.calendar import holiday_dates

DAYS_BACK = 2
"""Complete days reach the features a day late, and the return a day after that."""


def holiday_share(countries: Mapping[str, int], today: date) -> float:
    """Share of the accounts in whose country a holiday is today or was on one of the two days before.

    countries: ISO 3166 alpha-2 code to its number of accounts; one that is not known has EVERYWHERE's.
    """
    first = today - timedelta(days=DAYS_BACK)
    days = np.datetime64(first) + np.arange(DAYS_BACK + 1)
    resting = sum(
        count
        for country, count in countries.items()
        if np.isin(days, holiday_dates(country, first, DAYS_BACK + 1)).any()
    )
    return resting / max(sum(countries.values()), 1)
