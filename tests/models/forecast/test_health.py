"""Health claims a trend only outside the noise, on days that compare."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.forecast.health import Health, health
from models.forecast.unusual.anomalies import STOP, SUSTAINED, Anomaly
from tests.models.forecast.worlds import WEEKDAYS

START = date(2024, 7, 19)
DAYS = 200
NO_HOLIDAY = np.zeros(DAYS + 90, dtype=bool)


def judged(times: float, noise: float | None, *lasting: Anomaly, **changed: object) -> Health:
    """Health of 100 events a day, forecast to be `times` as many, give or take a logarithm."""
    pattern = 100 * WEEKDAYS[np.arange(DAYS + 90) % 7].astype(np.float32)
    median = pattern[DAYS:] * times
    inputs = {
        "values": pattern[:DAYS],
        "start": START,
        "ahead": median,
        "holiday": NO_HOLIDAY,
        "noise": None if noise is None else np.array([noise, 1.6 * noise], dtype=np.float32),
        "stopped_on": None,
        "lasting": lasting,
    }
    return health(**(inputs | changed))  # type: ignore[arg-type]


def test_a_clear_fall_is_negative_and_said_with_its_interval() -> None:
    found = judged(0.82, noise=0.1)

    assert found.rating == "negative"
    assert found.sentence == (
        "Usage is expected to fall about 18 % over the next 30 days (between 9 % and 26 %)"
    )


@pytest.mark.parametrize(
    ("fall_at", "rating"), [(0.5, "negative"), (0.75, "negative"), (0.85, "stable"), (1.0, "stable")]
)
def test_a_fall_is_told_from_the_score_on_that_was_selected(fall_at: float, rating: str) -> None:
    """A fall by e^-.2 with a noise of .24: four fifths as sure as is usually told."""
    assert judged(0.82, 0.15, fall_at=fall_at).rating == rating


def test_a_fall_that_is_not_sure_is_said_with_the_rise_that_it_may_be() -> None:
    found = judged(0.82, 0.3, fall_at=0.3)

    assert found.sentence == "Usage is expected to fall about 18 % over the next 30 days (−39 % to +11 %)"


def test_a_clear_rise_is_positive() -> None:
    assert judged(1.3, noise=0.1).rating == "positive"


@pytest.mark.parametrize("ahead", [0.82, 0.97, 1.0, 1.03, 1.25])
def test_no_claim_is_made_inside_the_noise(ahead: float) -> None:
    found = judged(ahead, noise=0.3)

    assert found.rating == "stable"
    assert found.sentence.startswith("No clear change")


def test_a_trend_must_be_surer_than_the_interval_that_is_told() -> None:
    found = judged(0.87, 0.1)

    assert found.high is not None
    assert found.high < 0
    assert found.rating == "stable"


def test_a_change_that_is_likely_and_not_sure_is_said_to_be_so() -> None:
    falling, rising = judged(0.87, 0.1), judged(1.15, 0.1)

    assert (falling.rating, rising.rating) == ("stable", "stable")
    assert falling.sentence == "A fall over the next 30 days is likely, not sure (between 4 % and 21 %)"
    assert rising.sentence == "A rise over the next 30 days is likely, not sure (between 4 % and 27 %)"


@pytest.mark.parametrize(("times", "coming"), [(0.52, "a further fall"), (0.7, "a rise")])
def test_what_is_likely_after_a_known_level_goes_on_or_turns(times: float, coming: str) -> None:
    found = judged(times, 0.1, fallen(35, -0.42), values=dropped(35, 0.6))

    assert found.sentence.startswith(
        f"Usage fell around 14 June and has stayed down; {coming} over the next 30 days is likely, not sure"
    )


def test_a_change_of_under_five_percent_is_no_trend_however_sure() -> None:
    assert judged(0.96, noise=0.001).rating == "stable"


def test_holidays_ahead_are_no_decline() -> None:
    holiday = NO_HOLIDAY.copy()
    holiday[DAYS : DAYS + 5] = True
    ahead = 100 * WEEKDAYS[np.arange(DAYS, DAYS + 90) % 7].astype(np.float32)
    ahead[:5] = 0

    found = judged(1.0, 0.03, holiday=holiday, ahead=ahead)

    assert found.rating == "stable"
    assert found.change == pytest.approx(0)


def test_one_wild_day_is_no_trend() -> None:
    values = 100 * WEEKDAYS[np.arange(DAYS) % 7].astype(np.float32)
    values[-10] *= 20

    assert judged(1.0, 0.03, values=values).rating == "stable"


def test_under_eight_weeks_says_what_is_missing() -> None:
    values = np.full(DAYS, np.nan, dtype=np.float32)
    values[-23:] = 50

    found = judged(0.5, 0.1, values=values)

    assert (found.rating, found.sentence) == (
        "unknown",
        "Too little history to tell a trend: 23 days, 56 are needed",
    )


def test_gaps_are_named_with_the_last_measured_day() -> None:
    values = np.full(DAYS, 50, dtype=np.float32)
    values[-20:] = np.nan

    found = judged(0.5, 0.1, values=values)

    assert found.sentence == "Only 8 of the last 28 days were measured, the last on 28 June"


def test_nothing_measured_is_unknown() -> None:
    found = judged(1.0, None, values=np.full(DAYS, np.nan, dtype=np.float32))

    assert found == Health("unknown", "No usage has been measured yet")


def test_hardly_any_usage_is_unknown() -> None:
    assert judged(0.5, 0.1, values=np.full(DAYS, 0.2, dtype=np.float32)).rating == "unknown"


def test_a_stop_is_negative_with_its_date() -> None:
    stop = Anomaly(STOP, date(2024, 7, 12), 7, -1.0, 0.0)

    assert judged(1.0, 0.1, stop) == Health("negative", "Usage stopped on 12 July, 7 days ago")
    assert judged(1.0, 0.1, stopped_on=date(2024, 6, 1)).sentence == "Usage stopped on 1 June, 48 days ago"


def dropped(days_ago: int, to: float) -> np.ndarray:
    """100 events a day, and a share of them since so many days."""
    values = 100 * WEEKDAYS[np.arange(DAYS) % 7].astype(np.float32)
    values[DAYS - days_ago :] *= to
    return values


def fallen(days_ago: int, size: float, days: int | None = None) -> Anomaly:
    """A lasting change that holds to the end, or for so many days."""
    day = START - timedelta(days=days_ago)
    return Anomaly(SUSTAINED, day, days_ago if days is None else days, size, 1e-5)


def test_a_new_level_is_compared_with_the_weeks_before_it() -> None:
    """Against the last 28 days, which are half below it already, the flat forecast after it is no fall."""
    found = judged(0.6, 0.1, fallen(17, -0.42), values=dropped(17, 0.6))

    assert found.rating == "negative"
    assert found.sentence == (
        "Usage fell around 2 July and is about 40 % below the weeks before (between 34 % and 46 %)"
    )


def test_after_four_weeks_a_new_level_is_the_usual_one_and_only_told() -> None:
    found = judged(0.6, 0.1, fallen(35, -0.42), values=dropped(35, 0.6))

    assert found.rating == "stable"
    assert found.sentence == (
        "Usage fell around 14 June and has stayed down; no further clear change of usage is expected "
        "over the next 30 days (−10 % to +11 %)"
    )


def test_a_new_level_counts_although_the_forecast_has_not_followed_yet() -> None:
    """A median of eight weeks does not see a level of three."""
    assert judged(1.0, 0.1, fallen(17, -0.42), values=dropped(17, 0.6)).rating == "negative"


def test_a_change_that_the_weeks_do_not_show_is_no_new_level() -> None:
    assert judged(1.0, 0.1, fallen(17, -0.42)).rating == "stable"


def test_a_new_level_of_an_account_that_was_not_used_before_goes_by_the_last_weeks() -> None:
    values = dropped(21, 1.0)
    values[:-21] = 0

    assert judged(1.0, 0.1, fallen(21, 9.0), values=values).rating == "stable"


def test_where_usage_may_as_well_halve_as_double_nothing_is_known() -> None:
    found = judged(0.2, 0.8)

    assert (found.rating, found.sentence) == ("unknown", "Usage varies too much to tell a trend")


@settings(max_examples=100, deadline=None)
@given(st.floats(0, 5), st.floats(0, 2))
def test_a_claim_names_an_interval_on_one_side_of_zero(times: float, noise: float) -> None:
    found = judged(times, noise)

    if found.rating in ("positive", "negative"):
        assert found.low is not None
        assert found.high is not None
        assert found.low * found.high > 0
        assert "between 0 %" not in found.sentence
