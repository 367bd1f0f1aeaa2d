"""Snapshots that are kept: read while they are what was written, built again where they are not."""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine
from structlog.testing import capture_logs

from daemon.config import load
from daemon.slots import Slot
from daemon.snapshots import Snapshots, features_of, table_of_run
from daemon.state import runs
from daemon.state.engine import write
from models.features.catalogue import Catalogue
from models.tables import Snapshot
from tests.daemon.lake.conftest import NOW, World, account, usage

WHOLE = features_of(load(Path(__file__).parents[2] / "config.toml"))
FEATURES = Catalogue(tuple(each for each in WHOLE if each.name in (WHOLE.names[0], *WHOLE.categories)))


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> World:
    found = World(engine, tmp_path / "lake")
    found.land("accounts", account("a", tenant="t"))
    found.land("usage_daily", usage("t", "2026-02-20", 5.0))
    return found


def snapshot(world: World, monkeypatch: pytest.MonkeyPatch) -> Snapshot:
    """As a new process finds or builds it."""
    monkeypatch.setattr("daemon.snapshots._RECENT", OrderedDict())
    with world.read() as reader:
        return Snapshots(world.engine, world.lake, lambda: reader, FEATURES, lambda: NOW).at(NOW)


def cut_short(path: Path) -> None:
    path.write_bytes(b"")


def other(path: Path) -> None:
    table = pq.read_table(path)
    name = next(each for each in table.column_names if pa.types.is_floating(table.schema.field(each).type))
    column = table.column_names.index(name)
    pq.write_table(table.set_column(column, name, pa.array([77.0] * table.num_rows)), path)


def foreign(path: Path) -> None:
    pq.write_table(pa.table({"x": [1]}), path)


@pytest.mark.parametrize("spoil", [cut_short, other, foreign])
def test_a_file_that_is_not_what_was_written_is_built_again(
    world: World, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Path], None]
) -> None:
    """A power cut, a full disk, a restored backup: it is derived, and no reason to fail at every try."""
    built = snapshot(world, monkeypatch)
    (path,) = (world.lake / "snapshots").iterdir()
    spoil(path)

    with capture_logs() as logs:
        again = snapshot(world, monkeypatch)

    assert again.digest == built.digest
    assert [each["path"] for each in logs if each["event"] == "snapshot.discarded"] == [
        f"snapshots/{path.name}"
    ]
    with capture_logs() as logs:
        assert snapshot(world, monkeypatch).digest == built.digest
    assert not logs


def test_the_table_of_a_run_that_cannot_be_read_is_kept_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = snapshot(world, monkeypatch)
    with write(world.engine) as connection:
        run = runs.claim(connection, Slot("2026-03-01T06:30", NOW), 1, NOW)
        runs.set_cut(connection, run.id, NOW)
        runs.start_step(connection, run.id, "snapshot", NOW)
        runs.end_step(connection, run.id, "snapshot", NOW, {"output_digest": built.digest})
    before = table_of_run(world.engine, world.lake, run.id)
    (path,) = (world.lake / "snapshots").iterdir()
    cut_short(path)

    assert before is not None
    assert table_of_run(world.engine, world.lake, run.id) is None
