"""Which slot is run, which is missed: after downtime, failure and success."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select

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
    assert told == [f"not run: {NOON.name}"]
