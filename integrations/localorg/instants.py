"""Dates and times: the wire format, and SOQL's relative date literals.

The org's time zone is UTC and its weeks start on Sunday (as in the en_US locale).
"""

import re
from datetime import UTC, date, datetime, timedelta


def wire(at: datetime) -> str:
    """`2026-01-01T08:30:00.000+0000`: to the second, in UTC; sorts as text."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def parse_datetime(text: str) -> datetime:
    """An instant as SOQL or JSON write it.

    raises: ValueError.
    """
    tidy = re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", text.upper().replace("Z", "+00:00"))
    at = datetime.fromisoformat(tidy)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def relative_range(literal: str, now: datetime) -> tuple[date, date]:
    """First day and the day after the last of a relative date literal (`today`, `last_n_days:30`, …)."""
    today = now.astimezone(UTC).date()
    name, _, number = literal.lower().partition(":")
    if number:
        return _counted(name, int(number), today)
    if name in ("today", "yesterday", "tomorrow"):
        day = today + timedelta(days=("yesterday", "today", "tomorrow").index(name) - 1)
        return day, day + timedelta(days=1)
    which, unit = name.split("_")
    shift = ("last", "this", "next").index(which) - 1
    return _start(unit, today, shift), _start(unit, today, shift + 1)


def _counted(name: str, number: int, today: date) -> tuple[date, date]:
    which, _, unit = name.split("_")
    if unit == "days":
        tomorrow = today + timedelta(days=1)
        if which == "last":
            return today - timedelta(days=number), tomorrow
        return tomorrow, tomorrow + timedelta(days=number)
    unit = unit.rstrip("s")
    if which == "last":
        return _start(unit, today, -number), _start(unit, today, 0)
    return _start(unit, today, 1), _start(unit, today, number + 1)


def _start(unit: str, today: date, shift: int) -> date:
    """First day of the week, month, quarter or year that lies `shift` of them away."""
    if unit == "week":
        sunday = today - timedelta(days=(today.weekday() + 1) % 7)
        return sunday + timedelta(weeks=shift)
    if unit == "year":
        return date(today.year + shift, 1, 1)
    step = 3 if unit == "quarter" else 1
    month = today.year * 12 + (today.month - 1) // step * step + shift * step
    return date(month // 12, month % 12 + 1, 1)
