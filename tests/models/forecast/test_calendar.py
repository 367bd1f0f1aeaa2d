"""Holidays are the account's country's, and known with their neighbours."""

from datetime import date

import numpy as np

from models.forecast.calendar import NEIGHBOURS, WIDTH, calendar
from models.forecast.settings import WEEK

SECOND_OF_OCTOBER = date(2024, 10, 2)


def test_a_holiday_counts_only_in_its_country() -> None:
    found = calendar(["DE", "US", None], SECOND_OF_OCTOBER, 3, yearly=True)

    assert found.holiday[found.country_of[0]].tolist() == [False, True, False]
    assert not found.holiday[found.country_of[1]].any()
    assert not found.holiday[found.country_of[2]].any()


def test_the_days_around_a_holiday_know_of_it() -> None:
    found = calendar(["DE"], SECOND_OF_OCTOBER, 3, yearly=True)

    assert found.features[found.country_of[0], :, -5:].tolist() == [
        [0, 0, 0, 1, 0],
        [0, 0, 1, 0, 0],
        [0, 1, 0, 0, 0],
    ]


def test_a_country_nobody_knows_has_christmas_and_new_year() -> None:
    holiday = calendar(["XX", None], date(2024, 12, 1), 60, yearly=True)

    for row in holiday.country_of:
        assert np.flatnonzero(holiday.holiday[row]).tolist() == [24, 31]


def test_the_turn_of_the_year_is_told_in_every_country_with_or_without_the_season() -> None:
    for yearly in (False, True):
        found = calendar(["IN"], date(2024, 12, 1), 60, yearly)

        turn = found.features[found.country_of[0], :, WIDTH - len(NEIGHBOURS) - 1]

        assert np.flatnonzero(turn).tolist() == list(range(19, 34))


def test_weekdays_start_on_monday() -> None:
    monday = calendar([None], date(2024, 1, 1), 8, yearly=True).features[0, :, :WEEK]

    np.testing.assert_array_equal(monday.argmax(axis=1), [0, 1, 2, 3, 4, 5, 6, 0])


def test_without_years_of_history_the_season_is_blank() -> None:
    spring, autumn = (calendar([None], date(2024, month, 5), 1, yearly=False) for month in (2, 8))

    assert spring.features[0, 0, WEEK:].tolist() == autumn.features[0, 0, WEEK:].tolist()


def test_no_days_have_no_holidays() -> None:
    assert calendar(["DE"], SECOND_OF_OCTOBER, 0, yearly=True).holiday.size == 0
