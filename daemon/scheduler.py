"""The daemon's loop: APScheduler ticks, our own slots decide what is due."""

import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Engine

from daemon.alerts import book
from daemon.events import Event
from daemon.slots import Schedule, Slot, slots_between
from daemon.state import runs
from daemon.state.engine import read, write

TICK_S = 30
MAX_ATTEMPTS = 3
"""Of one slot within its catch-up window; the next slot starts afresh."""

LOOK_BACK = timedelta(days=31)
"""Slots missed before are on no record."""


@dataclass(frozen=True)
class Due:
    """slot: what to run now, if anything. missed: slots that will not be run, each with the reason."""

    slot: Slot | None
    missed: Sequence[tuple[Slot, str]]


def due(engine: Engine, schedule: Schedule, now: datetime) -> Due:
    """The newest slot that is due and not done; older ones without a run are missed.

    Slots before the newest one that was done or skipped are settled, whatever the schedule says today. A
    daemon that has never run owes nothing older than its catch-up window.
    """
    window_start = now - schedule.catch_up
    with read(engine) as connection:
        since = runs.settled_until(connection, now)
        if since is None:
            since = min(runs.first_due(connection) or window_start, window_start)
        slots = list(slots_between(schedule, max(since, now - LOOK_BACK), now))
        known = runs.find_all(connection, [slot.name for slot in slots])
        newest = known.get(slots[-1].name) if slots else None
        attempts = [row["attempts"] for row in runs.steps_of(connection, newest.id)] if newest else []
    missed: list[tuple[Slot, str]] = []
    for slot in slots[:-1]:
        if slot.name not in known:
            late = slot.due_at <= window_start
            missed.append(
                (slot, "the daemon was down past its catch-up window" if late else "a newer slot is due")
            )
    if not slots or slots[-1].due_at <= window_start:
        if slots and newest is None:
            missed.append((slots[-1], "the daemon was down past its catch-up window"))
        return Due(None, missed)
    if newest is None or newest.state == "claimed":
        return Due(slots[-1], missed)  # killed or told to stop is not failed: it goes on as often as it takes
    again = newest.state == "failed" and max(attempts, default=0) < MAX_ATTEMPTS
    return Due(slots[-1] if again else None, missed)


def skip_missed(engine: Engine, missed: Sequence[tuple[Slot, str]], now: datetime) -> None:
    """Put missed slots on record, and tell ops once."""
    if not missed:
        return
    with write(engine) as connection:
        new = [slot for slot, reason in missed if runs.skip(connection, slot, reason, now)]
        if not new:
            return
        names = ", ".join(slot.name for slot in new[-5:])
        alert = book.Alert(
            key="missed",
            severity="warning",
            title="Slots were missed",
            what=f"{len(new)} not run: {names}" + (" and older ones" if len(new) > 5 else ""),
            cause="the daemon was not running, or could not finish, when they were due",
            held_back="nothing: the newest slot takes in what they would have",
            to_do="look why it was down; nothing else is needed",
        )
        book.settle(connection, "slots", [alert], None, now)
    for slot in new:
        structlog.get_logger().warning(Event.SLOT_SKIPPED, slot=slot.name)


def run_forever(tick: Callable[[], None], stopping: threading.Event) -> None:
    """Call `tick` at once and every half minute until SIGTERM or SIGINT; a tick is never run twice at a time.

    APScheduler is the ticker only: its own cron trigger skips and doubles times around clock changes.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    scheduler = BackgroundScheduler(timezone="UTC")
    scheduler.add_job(
        tick, "interval", seconds=TICK_S, max_instances=1, coalesce=True, misfire_grace_time=None
    )
    structlog.get_logger().info(Event.DAEMON_STARTED)
    tick()
    scheduler.start()
    stopping.wait()
    scheduler.shutdown(wait=True)
    structlog.get_logger().info(Event.DAEMON_STOPPED)
