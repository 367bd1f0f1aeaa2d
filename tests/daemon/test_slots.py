"""Due times across every change of the clocks."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.slots import Schedule, Slot, instant, is_scheduled, next_slot, parse_slot, slots_between

ZONES = sorted(zone for zone in available_timezones() if "/" in zone)


def at(zone: str, *times: time) -> Schedule:
    return Schedule(ZoneInfo(zone), times, timedelta(hours=6))


def test_a_time_that_the_clocks_jump_over_is_the_end_of_the_jump() -> None:
    found = instant(date(2027, 3, 28), time(2, 30), ZoneInfo("Europe/Berlin"))

    assert found == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)  # 03:00 summer time


def test_a_time_that_happens_twice_is_its_first_passing() -> None:
    found = instant(date(2026, 10, 25), time(2, 30), ZoneInfo("Europe/Berlin"))

    assert found == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # still summer time


def test_a_day_that_a_zone_left_out_has_no_slot() -> None:
    assert instant(date(2011, 12, 30), time(6, 30), ZoneInfo("Pacific/Apia")) is None


def test_a_jump_at_midnight_does_not_lose_the_day() -> None:
    found = instant(date(2024, 4, 26), time(0, 30), ZoneInfo("Africa/Cairo"))

    assert found == datetime(2024, 4, 25, 22, 0, tzinfo=UTC)  # 01:00, where the jump ends


@settings(max_examples=150)
@given(
    zone=st.sampled_from(ZONES),
    at_time=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    year=st.integers(2015, 2035),
)
def test_every_day_has_its_slot_once(zone: str, at_time: time, year: int) -> None:
    """A year has as many slots as days, but for days that the zone left out."""
    schedule = at(zone, at_time)
    start = datetime(year, 1, 1, tzinfo=UTC)

    slots = list(slots_between(schedule, start, start + timedelta(days=365)))

    assert 364 <= len(slots) <= 366
    assert len({slot.name for slot in slots}) == len(slots)
    assert [slot.due_at for slot in slots] == sorted(slot.due_at for slot in slots)


@settings(max_examples=50)
@given(zone=st.sampled_from(ZONES), hours=st.lists(st.integers(1, 200), min_size=1, max_size=8))
def test_no_slot_is_lost_or_doubled_however_time_is_cut_up(zone: str, hours: list[int]) -> None:
    schedule = at(zone, time(0, 30), time(6, 30), time(12, 0))
    start = datetime(2026, 3, 20, tzinfo=UTC)
    edges = [start]
    for step in hours:
        edges.append(edges[-1] + timedelta(hours=step))

    in_parts = [slot for low, high in pairwise(edges) for slot in slots_between(schedule, low, high)]

    assert in_parts == list(slots_between(schedule, start, edges[-1]))


def test_the_next_slot_is_the_first_after_now() -> None:
    schedule = at("Europe/Berlin", time(12, 0), time(6, 30))

    found = next_slot(schedule, datetime(2026, 11, 23, 6, 0, tzinfo=UTC))

    assert found == Slot("2026-11-23T12:00", datetime(2026, 11, 23, 11, 0, tzinfo=UTC))


def test_a_slot_is_found_by_its_name() -> None:
    schedule = at("Asia/Tokyo", time(6, 30))

    assert parse_slot("2026-11-23T06:30", schedule).due_at == datetime(2026, 11, 22, 21, 30, tzinfo=UTC)
    by_hand = parse_slot("2026-11-23T06:30:07", schedule)
    assert by_hand.due_at == datetime(2026, 11, 22, 21, 30, 7, tzinfo=UTC)
    assert [is_scheduled(slot, schedule) for slot in (parse_slot("2026-11-23T06:30", schedule), by_hand)] == [
        True,
        False,
    ]
    with pytest.raises(ValueError, match="does not match format"):
        parse_slot("this morning", schedule)
