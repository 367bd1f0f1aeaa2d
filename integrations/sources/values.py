"""Reads one foreign value at a time: text, number, time, day, truth."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
"""The time now, aware and in UTC."""

EARLIEST = date(1990, 1, 1)
"""Older dates are the empty dates of other systems (1970, 1900), never facts about a customer."""

LONGEST_TEXT = 255
_AHEAD = timedelta(hours=24)
_ABSENT = frozenset({"", "null", "none", "n/a", "na", "-"})
_TRUE = frozenset(
    {"true", "t", "yes", "y", "1", "1.0", "ja", "j", "oui", "si", "sí", "x", "public", "listed"}
)
_FALSE = frozenset({"false", "f", "no", "n", "0", "0.0", "nein", "non", "private", "unlisted"})
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
# NUL is refused by PostgreSQL; the others (bidirectional controls, lone surrogates) mislead or break readers.
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class BadValue(ValueError):
    """A value that cannot be what its column should hold. The message names no personal data."""


def clean(text: str) -> str:
    """The text without control characters, bidirectional overrides and outer blanks."""
    return _UNWANTED.sub("", text).strip()


def text_of(value: object) -> str | None:
    """A cleaned text, or None where nothing was given.

    raises: BadValue where it is longer than LONGEST_TEXT characters.
    """
    if value is None:
        return None
    text = clean(str(value))
    if len(text) > LONGEST_TEXT:
        raise BadValue(f"is {len(text)} characters long, at most {LONGEST_TEXT} are taken")
    return text or None


def truth_of(value: object) -> bool | None:
    """True or false in the spellings of several languages; None where nothing was given."""
    if value is None or isinstance(value, bool):
        return value
    text = clean(str(value)).casefold()
    if text in _ABSENT:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise BadValue(f"is {shown(text)}, neither yes nor no")


def stamp_text(at: datetime) -> str:
    """The instant as ISO 8601 in UTC, the way watermarks keep it."""
    return at.astimezone(UTC).isoformat()


@dataclass(frozen=True)
class Reading:
    """How one source writes times and numbers.

    clock: values over a day ahead of it are refused, since no future row may feed a feature.
    timezone: of times that name none. date_format: as for `strptime`; None reads ISO 8601.
    decimal: "." or ","; the other one may group thousands.
    """

    clock: Clock
    timezone: str = "UTC"
    date_format: str | None = None
    decimal: str = "."

    def number(self, value: object) -> float | None:
        """A finite number of at least zero, or None where nothing was given (not measured)."""
        if value is None:
            return None
        try:
            number = float(value) if isinstance(value, int | float) else self._parsed_number(str(value))
        except ValueError as error:
            raise BadValue(f"is {shown(str(value))}, not a number") from error
        if number is None:
            return None
        if not math.isfinite(number):
            raise BadValue(f"is {number}, not a number")
        if number < 0:
            raise BadValue(f"is {number:g}, below zero")
        return number

    def _parsed_number(self, text: str) -> float | None:
        text = text.strip()
        if text.casefold() in _ABSENT:
            return None
        if self.decimal == ",":
            text = text.translate(_SWAP_MARKS)
        if "," in text and _THOUSANDS.fullmatch(text):
            text = text.replace(",", "")
        if "_" in text:  # Python reads 1_000; no exporter means it
            raise ValueError(text)
        return float(text)

    def time(self, value: object) -> datetime:
        """An instant in UTC, neither before EARLIEST nor more than a day ahead."""
        at = _instant(value, self.date_format, self.timezone)
        if at > self.clock() + _AHEAD:
            raise BadValue(f"is in the future ({at:%Y-%m-%d})")
        return at

    def day(self, value: object) -> date:
        """A calendar day as the source wrote it, not ahead of today anywhere on earth."""
        day = _day(value, self.date_format)
        if day > (self.clock() + _AHEAD).date():
            raise BadValue(f"is in the future ({day})")
        return day


_SWAP_MARKS = str.maketrans(",.", ".,")


@lru_cache(maxsize=8192)  # tables repeat their dates
def _instant(value: object, date_format: str | None, timezone: str) -> datetime:
    at = _parsed(value, date_format)
    try:
        at = (at.replace(tzinfo=ZoneInfo(timezone)) if at.tzinfo is None else at).astimezone(UTC)
    except OverflowError as error:
        raise BadValue("is outside the calendar") from error
    if at.date() < EARLIEST:
        raise BadValue(f"is in {at.year}, before {EARLIEST.year}")
    return at


@lru_cache(maxsize=8192)
def _day(value: object, date_format: str | None) -> date:
    day = _parsed(value, date_format).date()
    if day < EARLIEST:
        raise BadValue(f"is in {day.year}, before {EARLIEST.year}")
    return day


def _parsed(value: object, date_format: str | None) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - the zone is set by the caller
    text = "" if value is None else str(value).strip()
    if text.casefold() in _ABSENT:
        raise BadValue("is empty")
    try:
        if date_format is not None:
            return datetime.strptime(text, date_format)  # noqa: DTZ007 - the zone is set by the caller
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise BadValue(f"is {shown(text)}, not a date {date_format or 'in ISO 8601'}") from error


def shown(text: str) -> str:
    """A value short enough for a message; one with an @ may be an address and is not shown."""
    if "@" in text:
        return "a text with an @"
    return repr(clean(text)[:40])
