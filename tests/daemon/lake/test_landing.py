"""What counts as landed, and what a stop in between leaves behind."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import event, select

from daemon.errors import LakeError, LeaseLost
from daemon.lake.facts import FACTS
from daemon.lake.landing import Landed, land, sweep, watermark
from daemon.lease import lease
from daemon.state.engine import read
from daemon.state.tables import expert_ratings, feedback_events, manifest, quarantine, watermarks
from integrations.interfaces import Batch, Rejected, Watermark
from tests.conftest import StillClock
from tests.daemon.lake.conftest import NOW, World, at, batch, usage

LAG = timedelta(hours=6)


def table(world: World, name: Any) -> list[dict[str, Any]]:
    with read(world.engine) as connection:
        return [dict(row) for row in connection.execute(select(name)).mappings()]


def days_on(days: int) -> datetime:
    """So many days after the files of this test are written."""
    return datetime.now(UTC) + timedelta(days=days)


def files(world: World) -> list[str]:
    return sorted(path.relative_to(world.lake).as_posix() for path in world.lake.rglob("*") if path.is_file())


def landed_rows(world: World, fact: str = "usage_daily") -> list[dict[str, Any]]:
    paths = sorted((world.lake / fact).rglob("*.parquet"))
    return [row for path in paths for row in pq.read_table(path, partitioning=None).to_pylist()]


def test_rows_watermark_and_quarantine_come_together(world: World) -> None:
    bad = Rejected("line 3 of usage.csv", "day is empty", "d" * 64)

    landed = land(
        world.engine, world.lake, "s", batch("usage_daily", [usage("t", "2026-01-01", 1.0)], "w", bad), NOW
    )

    assert landed == Landed(rows=1, known=0, rejected=1)
    assert watermark(world.engine, "s") == Watermark("w")
    assert [row["path"] for row in table(world, manifest)] == files(world)
    assert [(row["row"], row["times"]) for row in table(world, quarantine)] == [("line 3 of usage.csv", 1)]
    assert table(world, watermarks)[0]["rows"] == 1


def test_a_file_per_month_says_what_it_holds(world: World) -> None:
    world.land("usage_daily", usage("t", "2026-01-30", 1.0), usage("t", "2026-02-10", 2.0))

    entries = table(world, manifest)
    assert [entry["path"].split("/")[:2] for entry in entries] == [
        ["usage_daily", "month=2026-01"],
        ["usage_daily", "month=2026-02"],
    ]
    assert [(entry["rows"], entry["min_event_at"]) for entry in entries] == [
        (1, at("2026-01-31")),
        (1, at("2026-02-11")),
    ]
    schema = pq.read_schema(world.lake / entries[0]["path"])
    assert schema.equals(FACTS["usage_daily"].landed_schema)


def test_the_same_rows_land_once_in_a_pull_and_again_in_a_later_one(world: World) -> None:
    row = usage("t", "2026-01-01", 1.0)
    first = world.land("usage_daily", row)
    again = world.land("usage_daily", row)
    world.pulled()
    later = world.land("usage_daily", row, now=NOW + timedelta(days=1))

    assert (first.rows, again.rows, again.known, later.rows) == (1, 0, 1, 1)
    assert len(table(world, manifest)) == 2


@pytest.mark.parametrize("fails_at", ["INSERT INTO manifest", "UPDATE quarantine", "INSERT INTO watermarks"])
def test_a_stop_before_the_commit_leaves_nothing_that_counts(world: World, fails_at: str) -> None:
    """The file may lie there; without its manifest row nobody reads it, and it is swept."""

    def stop(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith(fails_at):
            raise KeyboardInterrupt

    event.listen(world.engine, "before_cursor_execute", stop)
    bad = Rejected("line 3", "bad", "d" * 64)
    full = batch("usage_daily", [usage("t", "2026-01-01", 1.0)], "w", bad)
    with pytest.raises(KeyboardInterrupt):
        land(world.engine, world.lake, "s", full, NOW)
    event.remove(world.engine, "before_cursor_execute", stop)

    assert watermark(world.engine, "s") == Watermark(None)
    assert table(world, manifest) == table(world, quarantine) == []
    assert len(files(world)) == 1
    assert sweep(world.engine, world.lake, days_on(2)) == 1
    assert files(world) == []


def test_after_a_stop_the_same_batch_lands_over_what_lay_there(world: World) -> None:
    row = usage("t", "2026-01-01", 1.0)
    world.land("usage_daily", row)
    (left,) = files(world)
    with world.engine.begin() as connection:
        connection.execute(manifest.delete())
    (world.lake / left).write_bytes(b"half a file")

    world.land("usage_daily", row)

    assert len(landed_rows(world)) == 1


def test_sweep_leaves_what_counts(world: World) -> None:
    world.land("usage_daily", usage("t", "2026-01-01", 1.0))
    stray = world.lake / "usage_daily" / "month=2026-01" / "x.parquet.77.part"
    stray.write_bytes(b"")

    assert sweep(world.engine, world.lake, days_on(2)) == 1
    assert len(files(world)) == 1


def test_sweep_leaves_what_may_be_landing_now(world: World) -> None:
    """A daemon that has taken over writes a file first, and its manifest row a moment later."""
    world.land("usage_daily", usage("t", "2026-01-01", 1.0))
    with world.engine.begin() as connection:
        connection.execute(manifest.delete())

    assert sweep(world.engine, world.lake, days_on(0)) == 0
    assert len(files(world)) == 1


def test_a_daemon_that_was_replaced_sweeps_nothing(world: World, clock: StillClock) -> None:
    with lease(world.engine, clock) as stale:
        assert stale is not None
    with lease(world.engine, clock):
        pass
    stray = world.lake / "usage_daily" / "x.parquet"
    stray.parent.mkdir(parents=True)
    stray.touch()

    with pytest.raises(LeaseLost):
        sweep(stale, world.lake, days_on(2))

    assert stray.exists()


def test_a_source_that_says_when_a_row_was_known_is_believed(world: World) -> None:
    world.land("usage_daily", usage("t", "2026-01-01", 1.0, known_at=at("2026-01-05")))

    (row,) = landed_rows(world)
    assert (row["known_at"], row["assumed"], row["landed_at"]) == (at("2026-01-05"), False, NOW)


def test_nothing_is_known_later_than_it_was_landed(world: World) -> None:
    world.land("usage_daily", usage("t", "2026-02-27", 1.0, known_at=NOW + timedelta(hours=3)))

    assert landed_rows(world)[0]["known_at"] == NOW


def test_a_first_load_is_assumed_known_a_lag_after_it_happened(world: World) -> None:
    old, fresh = usage("t", "2026-01-01", 1.0), usage("t", "2026-02-28", 1.0)
    land(world.engine, world.lake, "s", batch("usage_daily", [old, fresh]), NOW, LAG)

    rows = landed_rows(world)
    assert [(row["known_at"], row["assumed"]) for row in rows] == [
        (at("2026-01-02 06:00"), True),
        (NOW, True),
    ]


def test_after_the_first_load_a_row_is_known_when_it_is_landed(world: World) -> None:
    world.pulled()
    land(world.engine, world.lake, "s", batch("usage_daily", [usage("t", "2026-01-01", 1.0)]), NOW, LAG)

    assert [(row["known_at"], row["assumed"]) for row in landed_rows(world)] == [(NOW, False)]


def test_a_bad_row_is_quarantined_once_and_counted(world: World) -> None:
    bad = Rejected("line 3", "bad", "d" * 64)
    for _ in range(3):
        land(world.engine, world.lake, "s", batch("usage_daily", [], "w", bad), NOW)

    (row,) = table(world, quarantine)
    assert (row["times"], row["first_seen_at"], row["resolved_at"]) == (3, NOW, None)


def test_what_people_said_goes_to_the_state_once(world: World) -> None:
    said = {"event_id": "e", "account_id": "001" + "0" * 15, "value": "Won", "by": "005" + "0" * 15}
    rated = {"event_id": "r", "account_id": "001" + "0" * 15, "level": "High"}
    for _ in range(2):
        world.land("feedback", said | {"at": at("2026-02-01")}, source="feedback")
        world.land("expert_ratings", rated | {"at": at("2026-02-01")}, source="feedback")

    (event_row,) = table(world, feedback_events)
    assert (event_row["value"], event_row["by_user"], event_row["at"]) == (
        "Won",
        said["by"],
        at("2026-02-01"),
    )
    assert len(table(world, expert_ratings)) == 1
    assert files(world) == []


def test_a_batch_without_a_watermark_leaves_the_old_one(world: World) -> None:
    land(world.engine, world.lake, "s", batch("usage_daily", [usage("t", "2026-01-01", 1.0)], None), NOW)

    assert watermark(world.engine, "s") == Watermark(None)
    assert len(table(world, manifest)) == 1


def wrong(change: Any) -> Batch:
    good = batch("usage_daily", [usage("t", "2026-01-01", 1.0)])
    return Batch(good.fact, change(good.rows), good.watermark)


@pytest.mark.parametrize(
    ("spoiled", "words"),
    [
        (lambda: wrong(lambda rows: rows.drop_columns(["events"])), "lacks .*events"),
        (lambda: wrong(lambda rows: rows.append_column("more", pa.array([1]))), "more.* too much"),
        (lambda: wrong(lambda rows: rows.set_column(6, "events", pa.array(["1"]))), "events as string"),
        (lambda: batch("usage_daily", [usage("t", "2026-01-01", 1.0, identity=None)]), "without identity"),
        (lambda: Batch("visits", pa.table({}), Watermark("1")), "no fact 'visits'"),
        (lambda: batch("usage_daily", [], "x" * 4_001), "4000 characters"),
    ],
)  # fmt: skip
def test_a_batch_that_does_not_fit_is_refused_and_changes_nothing(
    world: World, spoiled: Callable[[], Batch], words: str
) -> None:
    with pytest.raises(LakeError, match=words):
        land(world.engine, world.lake, "s", spoiled(), NOW)

    assert table(world, manifest) == table(world, watermarks) == []
