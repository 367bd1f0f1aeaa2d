"""Fixtures that several parts share: a state on SQLite and on PostgreSQL, a clock that stands still."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Engine

from daemon.state.engine import connect
from daemon.state.schema import migrate
from tests.postgresql import Server, serving

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
def postgresql() -> Iterator[Server]:
    """A real PostgreSQL server, one per worker."""
    # Not in pytest's folder: each start of pytest shuts that to other users, and root's server runs as one.
    with tempfile.TemporaryDirectory(prefix="postgresql-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        with serving(Path(folder)) as server:
            yield server


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated state to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "state.db"
    engine = connect(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def state_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty, migrated state, on each of the two databases."""
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgresql")
        return server.new_state()
    shutil.copyfile(request.getfixturevalue("migrated_sqlite"), tmp_path / "state.db")
    return f"sqlite:///{tmp_path / 'state.db'}"


@pytest.fixture(scope="session")
def state_on(request: pytest.FixtureRequest) -> Callable[[str], str | None]:
    """URL of an empty state on a database for a scenario; None for SQLite, which is what is shipped."""

    def found(database: str) -> str | None:
        if database == "sqlite":
            return None
        server: Server = request.getfixturevalue("postgresql")
        return server.new_state()

    return found


@pytest.fixture
def engine(state_url: str) -> Iterator[Engine]:
    """That state, opened."""
    found = connect(state_url)
    yield found
    found.dispose()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Scenarios take minutes each: first, so that no worker waits for them at the end."""
    items.sort(key=lambda item: "scenarios" not in item.path.parts)
