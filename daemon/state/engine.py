"""Opens the state and hands out its transactions: the same guarantees on SQLite and PostgreSQL."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from daemon.errors import LeaseLost, StateError, StateLost
from daemon.state.tables import leases

BUSY_TIMEOUT_MS = 10_000
"""SQLite: how long a writer waits for another."""

WRITERS_KEY = 0x6D617476
"""PostgreSQL: key of the advisory lock that every writing transaction holds, as SQLite has one writer."""

SESSION = {
    "lock_timeout": "40s",
    "idle_in_transaction_session_timeout": "30s",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
"""PostgreSQL: a process that is suspended in a transaction, or whose machine is gone, lets go of its locks
within a minute. A writer waits longer than another may sleep."""


def connect(url: str) -> Engine:
    """An engine on `sqlite:///path` or `postgresql+psycopg://...`; a SQLite folder is made if missing.

    SQLite runs in WAL mode with synchronous=FULL: a committed transaction survives a power cut.
    A statement's error is told without the statement's values: it goes to logs and alerts.

    raises: StateError for a URL that is neither.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StateError(
            f"[state] url is no database URL; write for example sqlite:///var/state.db ({error})"
        ) from error
    if parsed.get_backend_name() == "postgresql":
        try:
            engine = create_engine(parsed, pool_pre_ping=True, hide_parameters=True, json_serializer=_json)
        except (NoSuchModuleError, ModuleNotFoundError) as error:
            raise StateError(
                f"[state] url asks for a driver that is not installed ({error}); write postgresql+psycopg://..."
            ) from error
        event.listen(engine, "connect", _prepare_postgresql)
        return engine
    if parsed.get_backend_name() != "sqlite":
        raise StateError(
            f"[state] url names {parsed.get_backend_name()}; the state runs on sqlite or postgresql+psycopg"
        )
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, hide_parameters=True, json_serializer=_json)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _json(value: object) -> str:
    # NaN is no JSON. SQLite would take it, and PostgreSQL refuse it one night.
    return json.dumps(value, allow_nan=False)


def _prepare_postgresql(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    for name, value in SESSION.items():
        cursor.execute(f"SET {name} = '{value}'")
    cursor.close()
    connection.commit()


def _prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
    # The driver's own transaction handling starts with BEGIN too late; "begin" below does it instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A read that turns into a write cannot wait for the lock (SQLITE_BUSY at once); IMMEDIATE can.
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


READING: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""PostgreSQL: else each statement would see a state of its own."""


@contextmanager
def read(engine: Engine) -> Iterator[Connection]:
    """A connection whose reads see one state.

    raises: StateLost where the database is gone.
    """
    options = {} if engine.dialect.name == "sqlite" else READING
    with reachable(), engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


@contextmanager
def write(engine: Engine) -> Iterator[Connection]:
    """A transaction: all of it is committed at the end of the block, or none; one at a time.

    An engine that carries an epoch (`fenced`) writes only while that epoch is the newest.

    raises: LeaseLost when another daemon has taken over since; StateLost where the database is gone, or
        another writer holds it too long. After that a commit may or may not have been done.
    """
    options: dict[str, Any] = {"immediate": True} if engine.dialect.name == "sqlite" else {}
    with reachable(), engine.connect().execution_options(**options) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(WRITERS_KEY)))
        epoch = engine.get_execution_options().get("epoch")
        if epoch is not None:
            _check_epoch(connection, epoch)
        yield connection


@contextmanager
def reachable() -> Iterator[None]:
    """Tells a database that is gone, or held by another, from a statement that is wrong.

    raises: StateLost.
    """
    try:
        yield
    except DBAPIError as error:
        if not _passing(error):
            raise
        raise StateLost(
            f"the state does not answer ({str(error.orig).strip()}); what is committed stays, and the rest "
            "is resumed at the next try. See that the database is up, and [state] url"
        ) from error


def _passing(error: DBAPIError) -> bool:
    # SQLite calls a missing table operational too; PostgreSQL only what is no fault of the statement.
    name = getattr(error.orig, "sqlite_errorname", None)
    if name is not None:
        return str(name).startswith("SQLITE_BUSY")
    return error.connection_invalidated or isinstance(error, OperationalError)


def fenced(engine: Engine, epoch: int) -> Engine:
    """The same engine, for the daemon that holds this epoch."""
    return engine.execution_options(epoch=epoch)


def _check_epoch(connection: Connection, epoch: int) -> None:
    # Any other epoch than ours, a smaller one or none too: somebody may have restored an older state.
    newest = connection.execute(select(func.max(leases.c.epoch))).scalar()
    if newest != epoch:
        raise LeaseLost(f"another daemon has taken over (epoch {newest}, ours was {epoch}); this one stops")
