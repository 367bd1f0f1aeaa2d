"""Idempotent inserts that read the same on SQLite and PostgreSQL."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")

ROWS_A_STATEMENT = 500
"""SQLite takes 32,766 bound values in a statement; the widest table has under 60 columns."""


def insert_new(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], key: Sequence[str]
) -> int:
    """Insert the rows whose key is not there yet; the number of those."""
    inserted = 0
    for chunk in chunks(rows):
        statement = (
            _insert(connection, table)
            .values([dict(row) for row in chunk])
            .on_conflict_do_nothing(index_elements=list(key))
        )
        # The driver's own count is unknown (-1) on PostgreSQL where keys are made by the server.
        inserted += len(connection.execute(statement.returning(table.c[key[0]])).all())
    return inserted


def upsert(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], key: Sequence[str]
) -> None:
    """Insert the rows; where the key is there already, overwrite the given columns."""
    for chunk in chunks(rows):
        statement = _insert(connection, table).values([dict(row) for row in chunk])
        given = [name for name in chunk[0] if name not in key]
        statement = statement.on_conflict_do_update(
            index_elements=list(key), set_={name: statement.excluded[name] for name in given}
        )
        connection.execute(statement)


def chunks(rows: Iterable[T]) -> Iterator[Sequence[T]]:
    """The rows in pieces that fit a statement, each made when it is asked for."""
    left = iter(rows)
    while chunk := list(islice(left, ROWS_A_STATEMENT)):
        yield chunk


def _insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
