"""Which column of a table is the account, the day, the value: as told, else by name and content."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from models.errors import TableError
from models.reading.parse import Cells
from models.reading.texts import PARSED_SHARE, as_days, as_numbers, as_texts, require

ACCOUNT_NAMES = (
    "account_id", "account", "customer_id", "customer", "tenant_id", "tenant", "unique_id", "series_id",
    "series_name", "series", "item_id", "item", "store", "product", "package", "page", "name", "id",
)  # fmt: skip
DAY_NAMES = ("date", "day", "ds", "datetime", "timestamp", "time", "datum", "tag")
VALUE_NAMES = (
    "value", "y", "usage", "events", "count", "amount", "total", "quantity", "qty", "number", "sales",
    "visits", "demand",
)  # fmt: skip
"""Usual names, the surest first; a name may stand as a word among others."""

PARTS = frozenset({"hour", "minute", "weekday", "week", "month", "quarter", "year", "season", "holiday"})
"""What a day has beside it in many tables, which no account is."""

LISTED = 8
"""Columns named in a message."""

LOOKED_AT = 2000
"""Rows, to see of what kind a column is."""


@dataclass(frozen=True)
class Roles:
    """Columns by what they are for; account is None for a single series, the others where not told."""

    account: str | None = None
    day: str | None = None
    value: str | None = None


@dataclass(frozen=True)
class Found:
    """The columns of a table. words: others of words, which may tell rows of one day apart."""

    account: str | None
    day: str
    value: str
    words: tuple[str, ...]


def columns(cells: Cells, told: Roles, name: str) -> Found:
    """raises: TableError where a column cannot be told, with the candidates and the option that names it."""
    for column in (told.account, told.day, told.value):
        require(cells.frame, column, name)
    kinds = {str(column): _kind(cells.frame[column]) for column in cells.frame}
    day = _day(kinds, told, name)
    rest = {column: kind for column, kind in kinds.items() if column != day}
    account = told.account or _account(cells.frame, rest, day, told.value, name)
    rest.pop(account, None) if account else None
    value = told.value or _value(rest, name)
    words = tuple(column for column, kind in rest.items() if kind == "words" and column != value)
    return Found(account, day, value, words)


def _kind(column: "pd.Series[Any]") -> str:
    """`days`, `numbers`, `words`, `row number`, or `nothing` where all is missing."""
    written = as_texts(column.iloc[:LOOKED_AT]).dropna()
    if written.empty:
        return "nothing"
    if as_days(written).notna().mean() >= PARSED_SHARE:
        return "days"
    numbers = as_numbers(written, comma_free=False)
    if numbers.notna().mean() < PARSED_SHARE:
        return "words"
    return "row number" if len(numbers) > 2 and (numbers.diff().dropna() == 1).all() else "numbers"


def _day(kinds: Mapping[str, str], told: Roles, name: str) -> str:
    if told.day is not None:
        if kinds[told.day] in ("days", "words"):  # a wrong cell is told when it is read
            return told.day
        raise TableError(f'{name}: the column "{told.day}" holds no days; name another with --date')
    free = [column for column in kinds if column not in (told.account, told.value)]
    dated = [column for column in free if kinds[column] == "days"]
    unread = [column for column in free if kinds[column] == "words"]
    found = dated[0] if len(dated) == 1 else _named(dated or unread, DAY_NAMES)
    if found is None:
        held = f"several columns of dates ({_list(dated)})" if dated else "no column of dates"
        raise TableError(
            f"{name} has {held}; name it with --date. Days are written as 2026-03-31, 31/03/2026, "
            f"31.03.2026 or 20260331. It has: {_list(kinds)}"
        )
    return found


def _account(
    frame: pd.DataFrame, kinds: Mapping[str, str], day: str, value: str | None, name: str
) -> str | None:
    """None where no day comes twice: one series."""
    days = as_days(as_texts(frame[day]))
    if not days.duplicated().any():
        return None
    numbers = [column for column, kind in kinds.items() if kind == "numbers"]
    taken = value or (numbers[0] if len(numbers) == 1 else _named(numbers, VALUE_NAMES))
    free = [c for c in kinds if c != taken and not PARTS.intersection(_words(c)) and _comes_again(frame[c])]
    words = [column for column in free if kinds[column] == "words"]
    if named := _named([*words, *(column for column in free if column not in words)], ACCOUNT_NAMES):
        return named
    fitting = [column for column in free if not pd.concat([frame[column], days], axis=1).duplicated().any()]
    if len(words_fitting := [column for column in fitting if column in words]) == 1:
        return words_fitting[0]
    if len(words) > 1:
        raise TableError(
            f"{name}: several columns could be the account ({_list(words)}); name it with --account"
        )
    return words[0] if words else min(fitting, key=lambda column: frame[column].nunique(), default=None)


def _value(kinds: Mapping[str, str], name: str) -> str:
    numbers = [column for column, kind in kinds.items() if kind == "numbers"]
    unread = [column for column, kind in kinds.items() if kind == "words"]
    found = numbers[0] if len(numbers) == 1 else _named(numbers or unread, VALUE_NAMES)
    if found is None:
        held = f"several columns of numbers ({_list(numbers)})" if numbers else "no column of numbers"
        raise TableError(
            f"{name} has {held} beside the account and the day; name the value with --value. A table takes "
            "one row per account and day"
        )
    return found


def _named(candidates: Sequence[str], names: Sequence[str]) -> str | None:
    """The candidate with the surest name: as a whole before as a word in it."""
    whole = {"_".join(_words(column)): column for column in reversed(candidates)}
    if exact := next((whole[name] for name in names if name in whole), None):
        return exact
    return next((column for name in names for column in candidates if name in _words(column)), None)


def _words(column: str) -> list[str]:
    return re.findall(r"[^\W_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column).lower())


def _comes_again(column: "pd.Series[Any]") -> bool:
    """A name of something that is measured on many days, not of a row."""
    return bool(column.nunique() <= len(column) / 2)


def _list(columns: Collection[str]) -> str:
    more = len(columns) - LISTED
    return ", ".join(list(columns)[:LISTED]) + (f" and {more} more" if more > 0 else "")
