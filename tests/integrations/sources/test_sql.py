"""A warehouse that is late, restates, refuses and goes away."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DatabaseError

from integrations.errors import Retryable, SetupError
from integrations.interfaces import Batch, Watermark
from integrations.sources.fact_rows import Columns
from integrations.sources.sql import SqlSettings, SqlUsage
from tests.postgresql import Server

NOW = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
NAMES = {"day": "usage_date", "events": "event_count", "known_at": "loaded_at"}
QUERY = "SELECT * FROM usage WHERE loaded_at >= :since ORDER BY loaded_at"


class Warehouse:
    """A table of usage in SQLite."""

    def __init__(self, folder: Path) -> None:
        self.file, self.query = folder / "w.db", folder / "usage.sql"
        self.query.write_text(QUERY)
        self.run("CREATE TABLE usage (tenant_id, usage_date, event_count, loaded_at)")

    def run(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self.file)) as db, db:
            db.execute(statement, values)

    def add(self, day: str, events: object, loaded_at: str) -> None:
        self.run("INSERT INTO usage VALUES ('t', ?, ?, ?)", day, events, loaded_at)

    def source(self, **more: Any) -> SqlUsage:
        settings = {"url": f"sqlite:///{self.file}", "batch_rows": 2, "overlap": timedelta(hours=1)} | more
        columns = Columns({"tenant": "tenant_id"}, NAMES)
        return SqlUsage(SqlSettings(name="usage", query=self.query, columns=columns, **settings), lambda: NOW)

    def pull(self, since: Watermark = Watermark()) -> list[Batch]:  # noqa: B008 - frozen
        return list(self.source().pull(since))


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path)


def events(batches: list[Batch]) -> list[float]:
    return [row["events"] for batch in batches for row in batch.rows.to_pylist()]


def test_a_row_says_itself_when_it_was_known(warehouse: Warehouse) -> None:
    warehouse.add("2026-01-01", 1, "2026-01-02T05:00:00+01:00")

    ((row,),) = (batch.rows.to_pylist() for batch in warehouse.pull())

    assert row["known_at"] == datetime(2026, 1, 2, 4, tzinfo=UTC)
    assert row["event_at"] == datetime(2026, 1, 2, tzinfo=UTC)
    assert (row["identity"], row["technology"], row["users"]) == ("tenant:t", "all", None)


def test_a_row_that_shows_late_inside_the_overlap_is_found(warehouse: Warehouse) -> None:
    warehouse.add("2026-01-01", 1, "2026-01-02T06:00:00Z")
    first = warehouse.pull()
    warehouse.add("2026-01-02", 2, "2026-01-02T05:30:00Z")

    assert sorted(events(warehouse.pull(first[-1].watermark))) == [1, 2]


def test_an_unchanged_overlap_is_not_yielded_again(warehouse: Warehouse) -> None:
    warehouse.add("2026-01-01", 1, "2026-01-02T06:00:00Z")
    first = warehouse.pull()
    warehouse.add("2026-01-02", 2, "2026-01-02T06:10:00Z")

    assert events(warehouse.pull(first[-1].watermark)) == [2]


def test_a_load_with_one_instant_resumes_in_its_middle(warehouse: Warehouse) -> None:
    for day in range(1, 6):
        warehouse.add(f"2026-01-0{day}", day, "2026-01-10T06:00:00Z")
    first, *rest = warehouse.pull()

    assert len(rest) == 2
    assert set(events([first]) + events(warehouse.pull(first.watermark))) == {1, 2, 3, 4, 5}


@pytest.mark.parametrize(
    "stamp", ["2026-01-02T06:00:00Z", "2026-01-02 06:00:00", "2026-01-02T06:00:00.5+00:00"]
)
def test_times_are_fetched_however_the_warehouse_writes_them(warehouse: Warehouse, stamp: str) -> None:
    warehouse.add("2026-01-01", 1, stamp)
    last = warehouse.pull()[-1].watermark
    warehouse.add("2026-01-02", 2, stamp.replace("06:00", "06:01"))

    assert events(warehouse.pull(last)) == [2]


def test_null_is_not_zero(warehouse: Warehouse) -> None:
    warehouse.add("2026-01-01", None, "2026-01-02T06:00:00Z")
    warehouse.add("2026-01-02", 0, "2026-01-02T06:00:00Z")

    assert events(warehouse.pull()) == [None, 0.0]


@pytest.mark.parametrize(
    ("day", "count", "loaded_at", "reason"),
    [
        ("2026-01-01", -1, "2026-01-02", "event_count is -1, below zero"),
        ("2026-01-01", "many", "2026-01-02", "event_count is 'many', not a number"),
        ("2026-01-01", "inf", "2026-01-02", "event_count is inf"),
        ("1970-01-01", 1, "2026-01-02", "usage_date is in 1970"),
        ("2026-04-01", 1, "2026-01-02", "usage_date is in the future"),
        ("2026-01-01", 1, "2999-01-02", "loaded_at is in the future"),
        (None, 1, "2026-01-02", "usage_date is empty"),
    ],
)
def test_a_bad_row_is_rejected_with_the_reason(
    warehouse: Warehouse, day: object, count: object, loaded_at: str, reason: str
) -> None:
    warehouse.add("2026-01-01", 1, "2026-01-02")
    warehouse.run("INSERT INTO usage VALUES ('t', ?, ?, ?)", day, count, loaded_at)

    batches = warehouse.pull()

    assert events(batches) == [1]
    (rejected,) = (row for batch in batches for row in batch.rejected)
    assert rejected.reason.startswith(reason)
    assert "tenant_id 't'" in rejected.row


def test_rows_out_of_order_stop_the_source(warehouse: Warehouse) -> None:
    warehouse.query.write_text(QUERY + " DESC")
    warehouse.add("2026-01-01", 1, "2026-01-02T06:00:00Z")
    warehouse.add("2026-01-02", 1, "2026-01-03T06:00:00Z")

    with pytest.raises(SetupError, match="ORDER BY loaded_at"):
        warehouse.pull()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT * FROM usage", "no :since"),
        ("SELECT * FROM nowhere WHERE loaded_at >= :since", "no such table: nowhere"),
        ("SELECT 1 AS x WHERE 1 >= :since", "no column 'loaded_at'"),
    ],
)
def test_a_wrong_query_is_said_in_the_databases_words(warehouse: Warehouse, query: str, words: str) -> None:
    warehouse.query.write_text(query)

    with pytest.raises(SetupError, match=words):
        warehouse.pull()


def test_the_query_cannot_write(warehouse: Warehouse) -> None:
    warehouse.query.write_text("DELETE FROM usage WHERE loaded_at >= :since RETURNING *")
    warehouse.add("2026-01-01", 1, "2026-01-02T06:00:00Z")

    with pytest.raises(SetupError, match="readonly") as error:
        warehouse.pull()
    assert isinstance(error.value.__cause__, DatabaseError)


def test_a_server_that_does_not_answer_is_away_and_its_password_stays_ours(warehouse: Warehouse) -> None:
    source = warehouse.source(url="postgresql+psycopg://reader:s3cret@127.0.0.1:1/w?connect_timeout=2")

    with pytest.raises(Retryable) as error:
        source.check()
    assert "s3cret" not in str(error.value)
    assert "s3cret" not in repr(source)


def test_a_locked_warehouse_is_tried_again(warehouse: Warehouse) -> None:
    with closing(sqlite3.connect(warehouse.file, isolation_level=None)) as db:
        db.execute("BEGIN EXCLUSIVE")

        with pytest.raises(Retryable, match="locked"):
            list(warehouse.source(url=f"sqlite:///{warehouse.file}?timeout=0").pull(Watermark()))


ZONES = ("America/Los_Angeles", "Pacific/Auckland")


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("names_zone", ["", "Z"])
def test_text_is_fetched_by_the_day_it_was_written_wherever_that_was(
    warehouse: Warehouse, zone: str, names_zone: str
) -> None:
    first = datetime(2026, 2, 10, 23, 30, tzinfo=UTC)
    source, since = warehouse.source(timezone=zone, overlap=timedelta()), Watermark()
    for number in range(1, 25):
        at = first + timedelta(hours=number)
        written = at if names_zone else at.astimezone(ZoneInfo(zone))
        warehouse.add("2026-02-01", number, f"{written:%Y-%m-%d %H:%M}{names_zone}")
        pulled = list(source.pull(since))
        since = pulled[-1].watermark

        assert events(pulled) == [number]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("column", ["timestamp", "timestamptz"])
def test_a_column_without_a_zone_is_fetched_in_the_sources_own(
    warehouse: Warehouse, postgresql: Server, zone: str, column: str
) -> None:
    """Whatever zone the session has: PostgreSQL reads a time without one by it."""
    url = postgresql.new_state()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            text(f"CREATE TABLE usage (tenant_id text, usage_date date, event_count int, loaded_at {column})")
        )
    first = datetime(2026, 2, 10, 23, 30, tzinfo=UTC)
    source, since = warehouse.source(url=url, timezone=zone, overlap=timedelta(hours=1)), Watermark()
    for number in range(1, 5):
        at = first + timedelta(hours=7 * number)
        written = at if column == "timestamptz" else at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        with engine.begin() as connection:
            row = {"n": number, "at": written}
            connection.execute(text("INSERT INTO usage VALUES ('t', '2026-02-01', :n, :at)"), row)
        pulled = list(source.pull(since))
        since = pulled[-1].watermark

        assert events(pulled) == [number]
    assert list(source.pull(since)) == []
    engine.dispose()
