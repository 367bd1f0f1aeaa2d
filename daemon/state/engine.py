"""Opens the state and hands out its transactions."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError

from daemon.errors import LeaseLost, StateError
from daemon.state.tables import leases

BUSY_TIMEOUT_MS = 10_000


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
        return create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
    if parsed.get_backend_name() != "sqlite":
        raise StateError(
            f"[state] url names {parsed.get_backend_name()}; the state runs on sqlite or postgresql+psycopg"
        )
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


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


@contextmanager
def read(engine: Engine) -> Iterator[Connection]:
    """A connection whose reads see one state."""
    with engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def write(engine: Engine) -> Iterator[Connection]:
    """A transaction: all of it is committed at the end of the block, or none.

    An engine that carries an epoch (`fenced`) writes only while that epoch is the newest.

    raises: LeaseLost when another daemon has taken over since.
    """
    options: dict[str, Any] = {"immediate": True} if engine.dialect.name == "sqlite" else {}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        epoch = engine.get_execution_options().get("epoch")
        if epoch is not None:
            _check_epoch(connection, epoch)
        yield connection


def fenced(engine: Engine, epoch: int) -> Engine:
    """The same engine, for the daemon that holds this epoch."""
    return engine.execution_options(epoch=epoch)


def _check_epoch(connection: Connection, epoch: int) -> None:
    # FOR SHARE holds off a new holder until this transaction ends; SQLite writes one at a time anyway.
    statement = select(func.max(leases.c.epoch))
    if connection.dialect.name == "postgresql":
        statement = select(leases.c.epoch).with_for_update(read=True)
    newest = connection.execute(statement).scalar()
    if newest is not None and newest > epoch:
        raise LeaseLost(f"another daemon has taken over (epoch {newest}, ours was {epoch}); this one stops")
