"""How many accounts a public holiday moves, on its day and on the two days that show it."""

from datetime import date

import pytest

from models.monitoring.holidays import holiday_share

COUNTRIES = {"DE": 30, "US": 70}
UNITY_DAY = date(2026, 10, 3)
"""A holiday in Germany alone; a Saturday."""


@pytest.mark.parametrize(
    ("day", "share"),
    [(2, 0.0), (3, 0.3), (4, 0.3), (5, 0.3), (6, 0.0)],
)
def test_a_holiday_counts_for_its_country_that_day_and_two_more(day: int, share: float) -> None:
    assert holiday_share(COUNTRIES, UNITY_DAY.replace(day=day)) == pytest.approx(share)


def test_a_country_that_is_not_known_rests_at_new_year_and_christmas_only() -> None:
    assert holiday_share({"Atlantis": 5}, date(2026, 1, 1)) == 1
    assert holiday_share({"Atlantis": 5}, UNITY_DAY) == 0


def test_without_any_country_nobody_rests() -> None:
    assert holiday_share({}, date(2026, 1, 1)) == 0
