"""What counts as a measured day of usage, and what as none."""

import math
from collections.abc import Sequence
from typing import Any

import pytest

from models.features.catalogue import Catalogue, catalogue
from models.features.snapshot import build
from models.features.usage_rows import usage_by_day
from tests.models.features.facts import CUT, Row, account, make_facts, usage

CATALOGUE = Catalogue(tuple(f for f in catalogue((), ("docker",)) if f.sources == ("usage_daily",)))
OTHERS = usage("other", range(1, 500), 1.0, users=1.0)
"""Another account with a row on every day, so that every day was delivered."""


def features_of_a(rows: Sequence[Row]) -> dict[str, Any]:
    facts = make_facts({"accounts": [account("A"), account("other")], "usage_daily": rows})
    return dict(build(facts, CUT, CATALOGUE).frame.loc["A"])


def test_a_day_without_a_row_is_a_zero() -> None:
    now = features_of_a(OTHERS + usage("A", range(1, 57, 2), 10.0))

    assert now["usage_events_per_day_28d"] == 5
    assert now["usage_active_days_percent_28d"] == 50


def test_a_day_that_the_source_delivered_for_nobody_is_not_measured() -> None:
    """Three days of delay, or an outage, are no drop in usage."""
    now = features_of_a(usage("A", range(4, 100), 10.0) + usage("other", range(4, 100), 1.0))

    assert now["usage_events_per_day_28d"] == 10
    assert now["usage_growth_percent_28d"] == 0
    assert now["usage_days_since_last"] == 4


def test_a_null_is_not_measured() -> None:
    now = features_of_a(OTHERS + usage("A", range(1, 11), None) + usage("A", range(11, 100), 10.0))

    assert now["usage_events_per_day_28d"] == 10
    assert now["usage_active_days_percent_28d"] == 100


def test_half_of_a_window_must_be_measured() -> None:
    now = features_of_a(OTHERS + usage("A", range(1, 46), 10.0))

    assert now["usage_events_per_day_90d"] == 10
    assert math.isnan(now["usage_events_per_day_365d"])
    assert now["usage_growth_percent_28d"] == 0
    assert math.isnan(now["usage_growth_percent_90d"])


def test_what_a_source_never_gives_is_missing_even_on_days_without_a_row() -> None:
    now = features_of_a(OTHERS + usage("A", range(10, 100), 10.0))

    assert math.isnan(now["users_peak_28d"])
    assert math.isnan(now["usage_users_growth_percent_28d"])


def test_usage_that_stopped_has_fallen_by_all_of_it() -> None:
    now = features_of_a(OTHERS + usage("A", range(29, 100), 10.0, users=2.0))

    assert now["usage_growth_percent_28d"] == -100
    assert now["users_peak_28d"] == 0
    assert now["usage_slope_percent_90d"] < 0


def test_a_straight_line_has_its_slope() -> None:
    """One event more each day, from 11 to 100: 30 a month, with a mean of 55.5."""
    rows = [row for day in range(1, 91) for row in usage("A", range(day, day + 1), 101.0 - day)]

    assert features_of_a(OTHERS + rows)["usage_slope_percent_90d"] == pytest.approx(100 * 30 / 55.5, rel=1e-6)


def test_weekends_are_saturday_and_sunday() -> None:
    """The cut is a Monday: 1 day ago was a Sunday."""
    facts = make_facts({"accounts": [account("A")], "usage_daily": usage("A", range(1, 15), 1.0)})

    days = usage_by_day(facts, CUT).to_pyarrow().to_pandas()

    assert sorted(days.age_days[days.weekend]) == [1, 2, 8, 9]


def test_a_pause_is_the_longest_stretch_of_measured_days_without_use() -> None:
    """Idle 11 to 15 and 21 to 28 days ago; of two of those days nothing was delivered for anybody."""
    used = [*usage("A", range(1, 11), 1.0), *usage("A", range(16, 21), 1.0), *usage("A", range(29, 99), 1.0)]
    others = usage("other", [*range(1, 22), *range(24, 99)], 1.0)

    assert features_of_a(used + others)["usage_longest_pause_days_90d"] == 8 - 2


def test_the_last_weeks_are_held_against_the_best_and_the_quietest_of_the_year() -> None:
    """10 a day, but 40 in the third span of 4 weeks and 2 in the fifth."""
    rows = [
        row
        for span in range(13)
        for row in usage("A", range(28 * span + 1, 28 * span + 29), {2: 40.0, 4: 2.0}.get(span, 10.0))
    ]

    now = features_of_a(OTHERS + rows)
    assert now["usage_of_best_percent_365d"] == 25
    assert now["usage_quietest_percent_365d"] == pytest.approx(100 * 2 / ((11 * 10 + 40 + 2) / 13), rel=1e-6)


def test_under_half_a_year_there_is_no_best_and_under_a_year_no_quietest() -> None:
    now = features_of_a(OTHERS + usage("A", range(1, 170), 10.0))

    assert math.isnan(now["usage_of_best_percent_365d"])
    assert math.isnan(features_of_a(OTHERS + usage("A", range(1, 330), 10.0))["usage_quietest_percent_365d"])


def test_a_technology_is_compared_only_with_a_time_the_account_was_there() -> None:
    """What began 120 days ago has taken no work from what was there before."""
    young = usage("A", range(1, 121), 10.0)
    old = young + usage("A", range(91, 200), 30.0, "npm")

    shift = "usage_docker_shift_percent_90d"
    assert math.isnan(features_of_a(OTHERS + young)[shift])
    assert features_of_a(OTHERS + old)[shift] == pytest.approx(100 - 100 * 300 / 3000)
    assert math.isnan(features_of_a(OTHERS + young)["technologies_dropped_90d"])


def test_a_technology_never_used_has_not_shifted() -> None:
    """It is measured: nothing then, nothing now."""
    assert (
        features_of_a(OTHERS + usage("A", range(1, 300), 10.0, "npm"))["usage_docker_shift_percent_90d"] == 0
    )


def test_technologies_are_not_compared_over_days_that_nobody_was_delivered() -> None:
    delivered = [*range(1, 31), *range(81, 300)]
    rows = [*usage("A", delivered, 10.0), *usage("other", delivered, 1.0)]

    assert math.isnan(features_of_a(rows)["usage_docker_shift_percent_90d"])


def test_repositories_add_up_over_technologies_and_people_do_not() -> None:
    rows = [
        *usage("A", range(1, 90), 1.0, users=5.0, repositories=3.0),
        *usage("A", range(1, 90), 1.0, "npm", users=4.0, repositories=2.0),
    ]

    now = features_of_a(OTHERS + rows)
    assert (now["users_peak_28d"], now["repositories_peak_28d"]) == (5, 5)
