"""Which slot is run, which is missed: after downtime, failure and success."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select
from sqlalchemy.event import listen

from daemon.alerts.book import open_alerts
from daemon.scheduler import due, skip_missed
from daemon.slots import Schedule, Slot
from daemon.state import runs
from daemon.state.engine import read, write
from daemon.state.tables import alerts
from tests.conftest import NOW

SCHEDULE = Schedule(ZoneInfo("Europe/Berlin"), (time(6, 30), time(12, 0)), timedelta(hours=6))
MORNING = Slot("2026-11-23T06:30", NOW)
NOON = Slot("2026-11-23T12:00", NOW + timedelta(hours=5, minutes=30))


def ran(engine: Engine, slot: Slot, state: str) -> None:
    with write(engine) as connection:
        run = runs.claim(connection, slot, 1, slot.due_at)
        runs.start_step(connection, run.id, "pull", slot.due_at)
        runs.finish(connection, run.id, state, None, slot.due_at)


def found(engine: Engine, now: datetime) -> tuple[str | None, list[str]]:
    result = due(engine, SCHEDULE, now)
    return result.slot.name if result.slot else None, [slot.name for slot, _ in result.missed]


def test_nothing_is_due_before_the_first_slot_of_a_fresh_state(engine: Engine) -> None:
    assert found(engine, NOW - timedelta(minutes=1)) == (None, [])


def test_a_slot_is_due_from_its_time_on(engine: Engine) -> None:
    assert found(engine, NOW) == (MORNING.name, [])


def test_a_slot_that_is_done_is_not_due_again(engine: Engine) -> None:
    ran(engine, MORNING, "done")

    assert found(engine, NOW + timedelta(hours=1)) == (None, [])


def test_a_run_that_was_killed_is_due_until_it_is_done(engine: Engine) -> None:
    ran(engine, MORNING, "claimed")

    assert found(engine, NOW + timedelta(hours=1)) == (MORNING.name, [])


def test_a_run_that_is_killed_again_and_again_is_not_given_up(engine: Engine) -> None:
    for _ in range(5):
        ran(engine, MORNING, "claimed")

    assert found(engine, NOW + timedelta(hours=1)) == (MORNING.name, [])


def test_a_failed_run_is_tried_three_times(engine: Engine) -> None:
    ran(engine, MORNING, "failed")
    assert found(engine, NOW + timedelta(minutes=5))[0] == MORNING.name

    ran(engine, MORNING, "failed")
    ran(engine, MORNING, "failed")

    assert found(engine, NOW + timedelta(minutes=15)) == (None, [])


def test_after_downtime_only_the_newest_slot_runs_and_the_others_are_on_record(engine: Engine) -> None:
    ran(engine, MORNING, "done")
    next_noon = NOON.due_at + timedelta(days=1, hours=1)

    assert found(engine, next_noon) == ("2026-11-24T12:00", [NOON.name, "2026-11-24T06:30"])


def test_past_the_catch_up_window_nothing_runs(engine: Engine) -> None:
    ran(engine, MORNING, "done")

    assert found(engine, NOON.due_at + timedelta(hours=7)) == (None, [NOON.name])


def test_missed_slots_are_recorded_once_and_told_once(engine: Engine) -> None:
    ran(engine, MORNING, "done")
    missed = due(engine, SCHEDULE, NOON.due_at + timedelta(hours=7)).missed

    skip_missed(engine, missed, NOW)
    skip_missed(engine, missed, NOW)

    with read(engine) as connection:
        run = runs.find(connection, NOON.name)
        told = connection.execute(select(alerts.c.what)).scalars().all()
    assert run is not None
    assert run.state == "skipped"
    assert told == [f"1 not run: {NOON.name}"]


def test_another_time_of_day_in_config_leaves_what_was_done_alone(engine: Engine) -> None:
    """A year of runs at 06:30 says nothing of slots at 07:00, which nobody owed then."""
    for days in (365, 1, 0):
        ran(engine, Slot(f"{days} days ago", NOW - timedelta(days=days)), "done")
    moved = Schedule(SCHEDULE.timezone, (time(6, 0), time(7, 0)), SCHEDULE.catch_up)

    before_seven = due(engine, moved, NOW + timedelta(minutes=29))
    from_seven = due(engine, moved, NOW + timedelta(minutes=31))

    assert (before_seven.slot, before_seven.missed) == (None, [])
    assert from_seven.slot is not None
    assert (from_seven.slot.name, from_seven.missed) == ("2026-11-23T07:00", [])


def test_a_run_by_hand_settles_no_slot_of_the_schedule(engine: Engine) -> None:
    ran(engine, Slot("2026-11-23T06:40:07", NOW + timedelta(minutes=10)), "done")

    assert found(engine, NOW + timedelta(hours=1)) == (MORNING.name, [])


def test_what_is_due_takes_few_questions_however_long_the_daemon_was_down(engine: Engine) -> None:
    ran(engine, Slot("a year ago", NOW - timedelta(days=365)), "done")
    asked: list[str] = []
    listen(engine, "before_cursor_execute", lambda *call: asked.append(call[2]))

    missed = due(engine, SCHEDULE, NOON.due_at).missed

    assert len(missed) == 61
    assert len(asked) <= 6


def test_a_second_outage_counts(engine: Engine) -> None:
    ran(engine, MORNING, "done")
    for days in (1, 2):
        now = NOW + timedelta(days=days, minutes=-1)
        skip_missed(engine, due(engine, SCHEDULE, now).missed, now)

    with read(engine) as connection:
        (alert,) = open_alerts(connection, "slots")
    assert (alert["times"], alert["what"]) == (2, "2 not run: 2026-11-24T06:30, 2026-11-24T12:00")
