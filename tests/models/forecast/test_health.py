"""Health claims a trend only outside the noise, on days that compare."""

from datetime import date

import numpy as np
import pytest

from models.forecast.anomalies import STOP, SUSTAINED, Anomaly
from models.forecast.health import Health, health
from models.forecast.totals import Total
from tests.models.forecast.worlds import WEEKDAYS

START = date(2024, 7, 19)
DAYS = 200
NO_HOLIDAY = np.zeros(DAYS + 90, dtype=bool)


def judged(times: float, within: float, *found: Anomaly, **changed: object) -> Health:
    """Health of 100 events a day, forecast to be `times` as many, give or take a share."""
    pattern = 100 * WEEKDAYS[np.arange(DAYS + 90) % 7].astype(np.float32)
    median = pattern[DAYS:] * times
    value = float(median[:30].sum())
    inputs = {
        "values": pattern[:DAYS],
        "start": START,
        "ahead": median,
        "holiday": NO_HOLIDAY,
        "total": Total(value, value * (1 - within), value * (1 + within)),
        "stopped_on": None,
        "found": found,
    }
    return health(**(inputs | changed))  # type: ignore[arg-type]


def test_a_clear_fall_is_negative_and_said_with_its_interval() -> None:
    found = judged(0.82, within=0.1)

    assert found.rating == "negative"
    assert found.sentence == (
        "Usage is expected to fall about 18 % over the next 30 days (between 10 % and 26 %)"
    )


@pytest.mark.parametrize(("fall_at", "rating"), [(0.5, "negative"), (0.75, "stable"), (1.0, "stable")])
def test_a_fall_is_told_from_the_score_on_that_was_selected(fall_at: float, rating: str) -> None:
    """18 % lower, 30 % either way: .73 of the half-interval above it reach to no change."""
    assert judged(0.82, within=0.3, fall_at=fall_at).rating == rating


def test_a_fall_that_is_not_sure_is_said_with_the_rise_that_it_may_be() -> None:
    found = judged(0.82, within=0.3, fall_at=0.5)

    assert found.sentence == ("Usage is expected to fall about 18 % over the next 30 days (−43 % to +7 %)")


def test_a_clear_rise_is_positive() -> None:
    assert judged(1.3, within=0.1).rating == "positive"


@pytest.mark.parametrize("ahead", [0.82, 0.97, 1.0, 1.03, 1.25])
def test_no_claim_is_made_inside_the_noise(ahead: float) -> None:
    found = judged(ahead, within=0.3)

    assert found.rating == "stable"
    assert found.sentence.startswith("No clear change")


def test_a_change_of_under_five_percent_is_no_trend_however_sure() -> None:
    assert judged(0.96, within=0.001).rating == "stable"


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
    found = judged(1.0, 0.1, values=np.full(DAYS, np.nan, dtype=np.float32), total=None)

    assert found == Health("unknown", "No usage has been measured yet")


def test_hardly_any_usage_is_unknown() -> None:
    assert judged(0.5, 0.1, values=np.full(DAYS, 0.2, dtype=np.float32)).rating == "unknown"


def test_a_stop_is_negative_with_its_date() -> None:
    stop = Anomaly(STOP, date(2024, 7, 12), 7, -1.0, 0.0)

    assert judged(1.0, 0.1, stop) == Health("negative", "Usage stopped on 12 July, 7 days ago")
    assert judged(1.0, 0.1, stopped_on=date(2024, 6, 1)).sentence == "Usage stopped on 1 June, 48 days ago"


def test_a_lasting_change_is_told_rather_than_the_flat_forecast_after_it() -> None:
    fallen = Anomaly(SUSTAINED, date(2024, 7, 2), 17, -0.42, 1e-5)

    found = judged(1.0, 0.1, fallen)

    assert found.rating == "negative"
    assert found.sentence == "Usage fell about 42 % around 2 July and has stayed there"
