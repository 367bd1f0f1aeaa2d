"""A source that gives nothing, little or old rows is found out."""

from datetime import UTC, datetime, timedelta

import pytest

from models.monitoring.fact_checks import fact_freshness, fact_volume

CUT = datetime(2026, 3, 2, 13, tzinfo=UTC)


@pytest.mark.parametrize(("rows", "kind"), [(0, "empty"), (1, "few_rows"), (99, "few_rows")])
def test_under_a_tenth_of_the_usual_rows_is_a_failure(rows: int, kind: str) -> None:
    alarm = fact_volume("usage_daily", rows, [900, 1000, 1100])

    assert alarm is not None
    assert (alarm.fact, alarm.kind, alarm.before, alarm.now) == ("usage_daily", kind, 1000, rows)


@pytest.mark.parametrize("rows", [100, 1000, 9000])
def test_a_tenth_of_the_usual_rows_or_more_is_none(rows: int) -> None:
    assert fact_volume("usage_daily", rows, [900, 1000, 1100]) is None


@pytest.mark.parametrize("history", [[], [1000, 1000], [0, 0, 0, 0, 700]])
def test_where_nothing_is_usual_nothing_rings(history: list[int]) -> None:
    assert fact_volume("firmographics", 0, history) is None


@pytest.mark.parametrize(("hours", "stale"), [(0, False), (48, False), (49, True)])
def test_events_older_than_allowed_are_stale(hours: int, stale: bool) -> None:
    alarm = fact_freshness("usage_daily", CUT - timedelta(hours=hours), CUT, timedelta(days=2))

    assert (alarm is not None) == stale


def test_a_source_without_any_event_is_stale() -> None:
    alarm = fact_freshness("usage_daily", None, CUT, timedelta(days=2))

    assert alarm is not None
    assert alarm.now == float("inf")
