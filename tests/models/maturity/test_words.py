"""Numbers, dates and foreign text as people say them."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.maturity.words import Spoken, clean, days, hours, long_date, number, percent, share, shorten


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (0.001, "under 0.01"),
        (0.04, "0.04"),
        (0.5, "0.5"),
        (1.0, "1"),
        (2.35, "2.4"),
        (37.000001, "37"),
        (999.7, "about 1,000"),
        (1240.0, "1,240"),
        (1243.7, "about 1,240"),
        (1_234_567.0, "about 1,230,000"),
    ],
)
def test_numbers_are_rounded_for_people(value, said):
    assert number(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.2, "less than a day"),
        (1, "1 day"),
        (59, "59 days"),
        (75, "about 2 months"),
        (729, "about 2 years"),
    ],
)
def test_days_are_said_in_the_unit_people_use(value, said):
    assert days(value) == said


@pytest.mark.parametrize(
    ("per_day", "said"),
    [
        (123.0, "123 times a day"),
        (2.0, "twice a day"),
        (0.97, "once a day"),
        (0.5, "about 4 times a week"),
        (0.15, "about once a week"),
        (0.04, "about once a month"),
        (0.001, "less than once a month"),
    ],
)
def test_a_rate_below_one_a_day_is_said_by_the_week_or_the_month(per_day, said):
    assert f"{Spoken(per_day):often}" == said


def test_multiples_read_before_what_they_are_compared_with():
    assert [f"{Spoken(value):fold}" for value in (1.02, 2, 3.44)] == ["about", "twice", "3.4 times"]


def test_hours_and_percents_are_said_without_false_precision():
    assert [hours(0.3), hours(1.2), hours(20), hours(72)] == [
        "less than an hour",
        "1 hour",
        "20 hours",
        "3 days",
    ]
    assert [percent(0.0), percent(0.4), percent(45.6), percent(1200)] == [
        "0 %",
        "under 1 %",
        "46 %",
        "more than 300 %",
    ]


def test_nouns_agree_with_the_number_shown():
    said = [f"{Spoken(value):visit|visits}" for value in (0.97, 1, 1.04, 1.1, 2)]

    assert said == ["0.97 visits", "1 visit", "1 visit", "1.1 visits", "2 visits"]
    assert [f"{Spoken(value):time|times}" for value in (1, 2, 3)] == ["once", "twice", "3 times"]


@given(st.floats(0, 1))
def test_a_share_of_peers_is_never_more_than_is_true(part):
    said = share(part)

    assert said in {"all", "less than 1 %"} or int(said.split()[0]) <= 100 * part + 1e-6
    assert (said == "all") == (part == 1)


@given(st.text(max_size=60))
@settings(max_examples=50)
def test_foreign_text_is_one_line_of_visible_characters(text):
    cleaned = clean(text)

    assert cleaned == " ".join(cleaned.split())
    assert not any(c in cleaned for c in "\u202e\u200b\x00\n\t\ufeff")


@given(st.text(min_size=1, max_size=60), st.integers(2, 40))
@settings(max_examples=50)
def test_shortening_keeps_the_limit_and_short_text(text, limit):
    short = shorten(text, limit)

    assert len(short) <= limit
    assert short == text or short.endswith("…")


def test_dates_are_written_out():
    assert long_date(date(2026, 3, 3)) == "3 March 2026"
