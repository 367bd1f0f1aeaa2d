"""A state and a lake for each test, and a short way to land rows."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import Engine

from daemon.lake.facts import schema_of
from daemon.lake.landing import Landed, land
from daemon.lake.reading import LakeReader
from daemon.state.engine import write
from daemon.state.tables import pulls, runs
from integrations.interfaces import Batch, Rejected, Watermark

NOW = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)


def at(text: str) -> datetime:
    """An instant in UTC from ISO text."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def batch(fact: str, rows: list[dict[str, Any]], mark: str | None = "1", *rejected: Rejected) -> Batch:
    """A batch whose rows may leave out what is null."""
    schema = schema_of(fact)
    table = pa.Table.from_pydict(
        {name: [row.get(name) for row in rows] for name in schema.names}, schema=schema
    )
    return Batch(fact, table, Watermark(mark), rejected)


def usage(tenant: str, day: str, events: float | None, **more: Any) -> dict[str, Any]:
    """A row of usage_daily."""
    date = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return {
        "identity": f"tenant:{tenant}",
        "event_at": date + timedelta(days=1),
        "day": date.date(),
        "technology": "all",
        "events": events,
        **more,
    }


def account(name: str, stamp: str = "2026-02-01", **more: Any) -> dict[str, Any]:
    """A row of accounts; the Id is made of the name."""
    return {
        "identity": f"account:{name:0<18}",
        "account_id": f"{name:0<18}",
        "event_at": at(stamp),
        "name": name,
        "created_on": at("2024-01-01").date(),
        "deleted": False,
        **more,
    }


@dataclass(frozen=True)
class World:
    """A state and a lake."""

    engine: Engine
    lake: Path

    def land(self, fact: str, *rows: dict[str, Any], source: str = "s", now: datetime = NOW) -> Landed:
        """Land rows as the next batch of a source."""
        return land(self.engine, self.lake, source, batch(fact, list(rows)), now)

    def pulled(self, source: str = "s") -> None:
        """Record that the source was pulled to its end."""
        with write(self.engine) as connection:
            slot = {"slot": f"slot {source}", "due_at": NOW, "state": "done"}
            key = connection.execute(runs.insert().values(slot)).inserted_primary_key
            row = {"source": source, "state": "done", "rows": 0, "rejected": 0, "finished_at": NOW}
            connection.execute(pulls.insert().values(run_id=key[0], **row))

    def read(self, *static: str) -> LakeReader:
        """Open the lake; `static` is carried back."""
        return LakeReader(self.engine, self.lake, static)


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> World:
    return World(engine, tmp_path / "lake")
