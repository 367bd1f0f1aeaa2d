"""One active daemon: a lock that dies with its process, and an epoch that outlives it."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.exc import DBAPIError

from daemon.clock import Clock
from daemon.state.engine import fenced, reachable, write
from daemon.state.tables import leases
from daemon.state.upsert import upsert

NAME = "cycle"
ADVISORY_KEY = 0x6D617475
"""Key of the PostgreSQL advisory lock ("matu"); the same for every maturityd on one database."""


@contextmanager
def lease(engine: Engine, clock: Clock) -> Iterator[Engine | None]:
    """Hold the right to run cycles; yields an engine whose writes are fenced, or None where another holds it.

    The lock is a file lock beside a SQLite state (freed by the kernel at death, at once) or an
    advisory lock of a PostgreSQL session. A holder that was suspended, or whose session was ended, may
    go on after its lock went to another: the epoch then refuses each of its writes.

    raises: StateLost where the database is gone.
    """
    with ExitStack() as stack:
        if not _lock(engine, stack):
            yield None
            return
        yield fenced(engine, _next_epoch(engine, clock))


def _lock(engine: Engine, stack: ExitStack) -> bool:
    if engine.dialect.name == "postgresql":
        with reachable():
            connection = stack.enter_context(engine.connect().execution_options(isolation_level="AUTOCOMMIT"))
            connection.detach()  # should the unlock fail, the lock goes with the connection, not to the pool
            taken = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": ADVISORY_KEY}))
        if taken:
            stack.callback(_unlock, connection)
        return taken
    path = Path(f"{engine.url.database}.lock")
    file = stack.enter_context(path.open("w", encoding="utf-8"))
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _unlock(connection: Connection) -> None:
    with suppress(DBAPIError):  # a connection that broke has lost its lock already
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": ADVISORY_KEY})


def _next_epoch(engine: Engine, clock: Clock) -> int:
    with write(engine) as connection:
        newest = connection.execute(select(leases.c.epoch).where(leases.c.name == NAME)).scalar_one_or_none()
        epoch = (newest or 0) + 1
        holder = f"{socket.gethostname()}:{os.getpid()}"
        row = {"name": NAME, "holder": holder, "epoch": epoch, "acquired_at": clock.now()}
        upsert(connection, leases, [row], key=["name"])
    return epoch
