"""When a cycle is due: local times turned into instants, across every change of the clocks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Schedule:
    """timezone: the business's own. times: local times of day. catch_up: how late a slot may still start."""

    timezone: ZoneInfo
    times: tuple[time, ...]
    catch_up: timedelta


@dataclass(frozen=True)
class Slot:
    """One due time. name: its local date and time, `2026-11-23T06:30`. due_at: UTC."""

    name: str
    due_at: datetime


def instant(day: date, at: time, zone: ZoneInfo) -> datetime | None:
    """The instant at which the local clock shows `at` on `day`; UTC.

    A time that happens twice is its first passing. A time that the clocks jump over is the end of
    the jump; None where that is on another day (a day that a zone left out altogether).
    """
    local = datetime.combine(day, at, zone)
    found = local.astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return found
    # Inside a jump, fold=1 reads the time with the later offset: an instant before the jump.
    low, high = local.replace(fold=1).astimezone(UTC), found
    jump = high.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        low, high = (low, middle) if middle.astimezone(zone).utcoffset() == jump else (middle, high)
    end = high.replace(microsecond=0)
    return end if end.astimezone(zone).date() == day else None


def slots_between(schedule: Schedule, after: datetime, until: datetime) -> Iterator[Slot]:
    """Every slot with `after < due_at <= until`, in order of time."""
    day = after.astimezone(schedule.timezone).date() - timedelta(days=1)
    last = until.astimezone(schedule.timezone).date()
    while day <= last:
        for at in sorted(schedule.times):
            due_at = instant(day, at, schedule.timezone)
            if due_at is not None and after < due_at <= until:
                yield Slot(slot_name(day, at), due_at)
        day += timedelta(days=1)


def is_scheduled(slot: Slot, schedule: Schedule) -> bool:
    """Whether the schedule has the slot; one of a run by hand it has not."""
    return slot in slots_between(schedule, slot.due_at - timedelta(seconds=1), slot.due_at)


def slot_name(day: date, at: time) -> str:
    """`2026-11-23T06:30`."""
    return f"{day.isoformat()}T{at.strftime('%H:%M')}"


def next_slot(schedule: Schedule, now: datetime) -> Slot:
    """The first slot after now."""
    return next(slots_between(schedule, now, now + timedelta(days=8)))


def parse_slot(name: str, schedule: Schedule) -> Slot:
    """A slot by its name; a run by hand, which is between those of the schedule, is named by the second.

    raises: ValueError for a name that is no local date and time, or one that the clocks left out.
    """
    form = "%Y-%m-%dT%H:%M:%S" if name.count(":") == 2 else "%Y-%m-%dT%H:%M"
    local = datetime.strptime(name, form)  # noqa: DTZ007 - local by meaning; the zone comes next
    due_at = instant(local.date(), local.time(), schedule.timezone)
    if due_at is None:
        raise ValueError(f"{name} does not exist in {schedule.timezone.key}: the clocks left that day out")
    return Slot(name, due_at)
