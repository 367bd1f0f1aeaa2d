"""What CRM sources need of a Salesforce client, and how they write SOQL that carries no surprises."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Protocol

from integrations.errors import Permanent, SetupError
from integrations.interfaces import JsonScalar

Record = Mapping[str, JsonScalar]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*")
_ESCAPES = str.maketrans(
    {"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f", "\b": "\\b"}
)


class SoqlClient(Protocol):
    """A logged-in client of an org."""

    def query(self, soql: str, include_deleted: bool = False) -> Iterator[Record]:
        """Rows, page after page. A parent's field has its path as key ("Owner.Name").

        include_deleted: deleted and merged records too (Salesforce's queryAll).

        raises: Retryable, SetupError; Permanent for a query that the org refuses.
        """
        ...

    def server_now(self) -> datetime:
        """The org's own clock, aware."""
        ...


def name(text: str) -> str:
    """The name of an object or field as it is. raises: SetupError where it is none."""
    if not _NAME.fullmatch(text):
        raise SetupError(f"{text!r} is no name of a Salesforce object or field; see config.toml")
    return text


def literal(value: str | datetime) -> str:
    """A value in SOQL: text quoted and escaped, an instant in UTC."""
    if isinstance(value, datetime):
        at = value.astimezone(UTC)
        return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
    return "'" + value.translate(_ESCAPES) + "'"


def select(object_name: str, fields: Sequence[str], where: Sequence[str], order: str) -> str:
    """A query in the order of a timestamp, ties by Id. where: conditions that all hold."""
    columns = ", ".join(dict.fromkeys(map(name, fields)))
    conditions = f" WHERE {' AND '.join(where)}" if where else ""
    # Names are checked, values come through `literal`.
    return f"SELECT {columns} FROM {name(object_name)}{conditions} ORDER BY {name(order)}, Id"  # noqa: S608


def instant(value: JsonScalar) -> datetime:
    """A timestamp from an answer (2026-03-01T06:00:00.000+0000). raises: ValueError."""
    return datetime.fromisoformat(str(value)).astimezone(UTC)


@contextmanager
def refusals_as_setup(source: str, object_name: str) -> Iterator[None]:
    """Turns the org's refusal of a query into what an admin can mend."""
    try:
        yield
    except Permanent as error:
        raise SetupError(
            f"{source}: the org refuses to show {object_name} ({error}); check the fields mapped in "
            "config.toml, and that the sync user's permission set lets it read them"
        ) from error
