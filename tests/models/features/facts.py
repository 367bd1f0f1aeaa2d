"""Small fact tables for tests: rows as dictionaries in, Ibis tables out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Any

import ibis
import pyarrow as pa

from models.tables import Facts

CUT = datetime(2026, 3, 2, 13, tzinfo=UTC)
"""A Monday at the midday slot."""

_INSTANT = pa.timestamp("us", tz="UTC")
_TEXT, _NUMBER = pa.string(), pa.float64()

SCHEMAS: dict[str, dict[str, pa.DataType]] = {
    "accounts": {
        **dict.fromkeys(("account_id", "name", "country", "region", "segment", "industry", "tier"), _TEXT),
        "created_on": pa.date32(),
    },
    "tiers": {"account_id": _TEXT, "tier": _TEXT, "event_at": _INSTANT},
    "contacts": {"account_id": _TEXT, "contact_id": _TEXT, "event_at": _INSTANT, "role": _TEXT},
    "cases": {
        "account_id": _TEXT,
        "case_id": _TEXT,
        "event_at": _INSTANT,
        "closed_at": _INSTANT,
        "priority": _TEXT,
    },
    "usage_daily": {
        "account_id": _TEXT,
        "day": pa.date32(),
        "technology": _TEXT,
        "events": _NUMBER,
        "users": _NUMBER,
        "repositories": _NUMBER,
    },
    "activity": {
        "account_id": _TEXT,
        "activity_id": _TEXT,
        "event_at": _INSTANT,
        "kind": _TEXT,
        "value": _NUMBER,
    },
    "emails": {
        "account_id": _TEXT,
        "message_key": _TEXT,
        "event_at": _INSTANT,
        "direction": _TEXT,
        "reply_to": _TEXT,
        "person": _TEXT,
    },
    "email_topics": {
        "account_id": _TEXT,
        "message_key": _TEXT,
        "event_at": _INSTANT,
        "topic": _TEXT,
        "mentions": pa.int64(),
        "negated": pa.int64(),
    },
    "firmographics": {
        "account_id": _TEXT,
        "event_at": _INSTANT,
        "employees": _NUMBER,
        "devops_engineers": _NUMBER,
        "is_public": pa.bool_(),
        "industry": _TEXT,
    },
}

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]


def make_facts(rows: Rows) -> Facts:
    """Facts of the given rows; a column left out is null, a table left out empty."""
    unknown = set(rows) - {field.name for field in fields(Facts)}
    assert not unknown, unknown
    return Facts(**{name: ibis.memtable(_table(rows.get(name, ()), SCHEMAS[name])) for name in SCHEMAS})


def _table(rows: Sequence[Row], schema: Mapping[str, pa.DataType]) -> pa.Table:
    return pa.table({name: pa.array([row.get(name) for row in rows], kind) for name, kind in schema.items()})


def both(*parts: Rows) -> Rows:
    """The rows of several sets of facts together."""
    return {name: [row for part in parts for row in part.get(name, ())] for name in SCHEMAS}


def ago(days: float, hours: float = 0) -> datetime:
    """An instant before the cut; negative values lie behind it."""
    return CUT - timedelta(days=days, hours=hours)


def day_ago(days: int) -> date:
    """A day before the day of the cut."""
    return CUT.date() - timedelta(days=days)


def usage(
    account: str, days: Iterable[int], events: float | None, technology: str = "docker", **more: Any
) -> list[Row]:
    """The same usage on each of the days, counted back from the cut's."""
    return [
        {"account_id": account, "day": day_ago(d), "technology": technology, "events": events, **more}
        for d in days
    ]


def account(account_id: str, **more: Any) -> Row:
    """An account, created two years before the cut unless said otherwise."""
    return {"account_id": account_id, "created_on": day_ago(730), **more}
