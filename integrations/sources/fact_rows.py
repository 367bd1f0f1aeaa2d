"""Turns foreign rows into rows of a fact: which column holds what, and what a good value is."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import starmap
from typing import Any

import pyarrow as pa

from integrations.errors import SetupError
from integrations.interfaces import Rejected
from integrations.sources.identity import NAMESPACES, identities_of
from integrations.sources.values import BadValue, Reading, shown, text_of, truth_of

INSTANT = pa.timestamp("us", tz="UTC")

Row = dict[str, Any]
"""A fact's row: our column name to value."""


@dataclass(frozen=True)
class Field:
    """A column of a fact, and how it is read.

    read: raises BadValue. required: the foreign column must be there. default: the value where it is not.
    """

    name: str
    type: pa.DataType
    read: Callable[[Reading, object], object]
    required: bool = False
    default: object = None


@dataclass(frozen=True)
class FactShape:
    """A fact as a table of foreign rows gives it.

    event_at: when the row happened, from its other columns; None where `fields` holds `event_at`.
    check: raises BadValue where columns do not go together.
    """

    fact: str
    fields: tuple[Field, ...]
    event_at: Callable[[Row], datetime] | None = None
    check: Callable[[Row], None] | None = None


@dataclass(frozen=True)
class Columns:
    """Which foreign column holds what.

    identity: namespace (`tenant`, `domain`, `account`) to foreign column, in the order to be tried; at
        most two, the second is the fallback.
    names: our column to the foreign one. A column that is not mapped is taken under its own name.
    """

    identity: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)


def fact_schema(*own: tuple[str, pa.DataType]) -> pa.Schema:
    """The columns of every fact, then the fact's own."""
    return pa.schema(
        [
            pa.field("identity", pa.string(), nullable=False),
            pa.field("fallback_identity", pa.string()),
            pa.field("event_at", INSTANT, nullable=False),
            pa.field("known_at", INSTANT),
            *starmap(pa.field, own),
        ]
    )


def fact_table(rows: Sequence[Row], schema: pa.Schema) -> pa.Table:
    """The rows as a table; a column that a row lacks is null."""
    return pa.Table.from_pydict(
        {name: [row.get(name) for row in rows] for name in schema.names}, schema=schema
    )


def schema_of(shape: FactShape) -> pa.Schema:
    """The table that a shape's rows make."""
    return fact_schema(*((each.name, each.type) for each in shape.fields if each.name != "event_at"))


def digest_of(raw: object) -> str:
    """SHA-256 of a raw row, by which quarantine knows it again."""
    return hashlib.sha256(repr(raw).encode("utf-8", "surrogatepass")).hexdigest()


class RowReader:
    """Reads the rows of one foreign table with a known header."""

    def __init__(
        self, shape: FactShape, columns: Columns, reading: Reading, header: Sequence[str], where: str
    ) -> None:
        """where: the file or query, for messages.

        raises: SetupError where a column is missing, or there twice.
        """
        self._shape, self._reading = shape, reading
        self.width = len(header)
        known_at = Field("known_at", INSTANT, lambda reading, value: reading.time(value) if value else None)
        place = _Header(header, where)
        self._identity = [
            (namespace, place.of(name)) for namespace, name in _checked(columns.identity).items()
        ]
        self._fields = []
        self._defaults: Row = {}
        for each in (*shape.fields, known_at):
            name = columns.names.get(each.name, each.name)
            if each.required or each.name in columns.names or name in header:
                self._fields.append((each, place.of(name), name))
            else:
                self._defaults[each.name] = each.default
        named = [*columns.identity.values(), *(name for each, _, name in self._fields if each.required)]
        self._key = [(name, place.of(name)) for name in named]

    def read(self, raw: Sequence[object]) -> Row:
        """One row of the fact. raises: BadValue, which names the foreign column."""
        identity, fallback = _identities(tuple((namespace, raw[at]) for namespace, at in self._identity))
        row: Row = {"identity": identity, "fallback_identity": fallback, **self._defaults}
        for each, at, name in self._fields:
            try:
                row[each.name] = each.read(self._reading, raw[at])
            except BadValue as error:
                raise BadValue(f"{name} {error}") from error
        if self._shape.event_at is not None:
            row["event_at"] = self._shape.event_at(row)
        if self._shape.check is not None:
            self._shape.check(row)
        return row

    def rejected(self, raw: Sequence[object], reason: BadValue, where: str = "") -> Rejected:
        """The row as quarantine keeps it. where: its place, if it has one better than its key."""
        if not where:
            where = "row with " + ", ".join(f"{name} {shown(str(raw[at]))}" for name, at in self._key)
        return Rejected(where, str(reason), digest_of(tuple(raw)))


class _Header:
    def __init__(self, header: Sequence[str], where: str) -> None:
        self._header, self._where = list(header), where

    def of(self, name: str) -> int:
        """The place of a column. raises: SetupError where it is missing or there twice."""
        if self._header.count(name) == 1:
            return self._header.index(name)
        trouble = "is there twice" if name in self._header else "is missing"
        there = ", ".join(f"'{each}'" for each in self._header[:30])
        raise SetupError(
            f"{self._where}: column '{name}' {trouble} (found {there}); "
            "rename it there, or map the column in config.toml"
        )


def _checked(identity: Mapping[str, str]) -> Mapping[str, str]:
    unknown = [namespace for namespace in identity if namespace not in NAMESPACES]
    if unknown or not 1 <= len(identity) <= 2:
        raise SetupError(
            f"identity maps one or two of {', '.join(NAMESPACES)} to columns; "
            f"config.toml gives {', '.join(identity) or 'none'}"
        )
    return identity


@lru_cache(maxsize=16_384)
def _identities(values: tuple[tuple[str, object], ...]) -> tuple[str, str | None]:
    return identities_of(values)


# --- facts that come as tables ----------------------------------------------------------------------


def required_text(_reading: Reading, value: object) -> str:
    """A text that must be there."""
    text = text_of(value)
    if text is None:
        raise BadValue("is empty")
    return text


def _technology(_reading: Reading, value: object) -> str:
    return text_of(value) or ALL_TECHNOLOGIES


ALL_TECHNOLOGIES = "all"
"""The technology of usage that names none."""


@lru_cache(maxsize=4096)
def _midnight_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), UTC)


USAGE = FactShape(
    "usage_daily",
    (
        Field("day", pa.date32(), Reading.day, required=True),
        Field("technology", pa.string(), _technology, default=ALL_TECHNOLOGIES),
        Field("events", pa.float64(), Reading.number, required=True),
        Field("users", pa.float64(), Reading.number),
        Field("repositories", pa.float64(), Reading.number),
    ),
    event_at=lambda row: _midnight_after(row["day"]),
)

ACTIVITY_KINDS = ("web_advanced", "web_basic", "webinar", "event", "training", "ticket", "survey")


def _check_activity(row: Row) -> None:
    value = row.get("value")
    if row["kind"] == "survey" and value is not None and not 1 <= value <= 10:
        raise BadValue(f"value is {value:g}; a survey's satisfaction is 1 to 10")


def activity(kinds: Mapping[str, str]) -> FactShape:
    """Activity, with foreign names of kinds mapped to ours. raises: SetupError for a kind that we lack."""
    wrong = sorted(set(kinds.values()) - set(ACTIVITY_KINDS))
    if wrong:
        raise SetupError(f'kinds: "{wrong[0]}" is no kind of activity; there are {", ".join(ACTIVITY_KINDS)}')

    def kind(_reading: Reading, value: object) -> str:
        text = required_text(_reading, value)
        ours = kinds.get(text, text)
        if ours not in ACTIVITY_KINDS:
            raise BadValue(f"is {shown(text)}, no known kind; map it under kinds in config.toml")
        return ours

    return FactShape(
        "activity",
        (
            Field("activity_id", pa.string(), required_text, required=True),
            Field("event_at", INSTANT, Reading.time, required=True),
            Field("kind", pa.string(), kind, required=True),
            Field("value", pa.float64(), Reading.number),
        ),
        check=_check_activity,
    )


FIRMOGRAPHICS = FactShape(
    "firmographics",
    (
        Field("event_at", INSTANT, Reading.time, required=True),
        Field("employees", pa.float64(), Reading.number),
        Field("devops_engineers", pa.float64(), Reading.number),
        Field("is_public", pa.bool_(), lambda _reading, value: truth_of(value)),
        Field("industry", pa.string(), lambda _reading, value: text_of(value)),
    ),
)


def read_all(reader: RowReader, raws: Iterable[Sequence[object]]) -> tuple[list[Row], list[Rejected]]:
    """Good rows and rejected ones."""
    rows: list[Row] = []
    rejected: list[Rejected] = []
    for raw in raws:
        try:
            rows.append(reader.read(raw))
        except BadValue as error:
            rejected.append(reader.rejected(raw, error))
    return rows, rejected
