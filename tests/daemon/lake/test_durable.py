"""What a power cut leaves of a file: all of it under its name, or nothing."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from daemon import snapshots, training_sets
from daemon.lake.durable import write_table

TABLE = pa.table({"a": [1, 2]})


def test_a_file_and_its_new_folders_are_on_the_disk_before_anybody_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new" / "month=2026-01" / "rows.parquet"
    done: list[tuple[str, str]] = []
    monkeypatch.setattr(
        os,
        "fsync",
        noted(done, "flushed", lambda descriptor: str(Path(f"/proc/self/fd/{descriptor}").readlink())),
    )
    monkeypatch.setattr(os, "replace", noted(done, "renamed", lambda _, to: str(to)))

    size = write_table(path, TABLE)

    assert [(what, Path(name).name.partition(".parquet.")[0]) for what, name in done] == [
        ("flushed", "rows"), ("renamed", "rows.parquet"), ("flushed", "month=2026-01"), ("flushed", "new"),
        ("flushed", tmp_path.name),
    ]  # fmt: skip
    assert size == path.stat().st_size


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "rows.parquet").mkdir()

    with pytest.raises(OSError, match=r"rows\.parquet"):
        write_table(tmp_path / "rows.parquet", TABLE)

    assert [each.name for each in tmp_path.iterdir()] == ["rows.parquet"]


@pytest.mark.parametrize("module", [snapshots, training_sets])
def test_every_file_that_the_state_names_is_written_so(module: Any) -> None:
    assert module.write_table is write_table


def noted(done: list[tuple[str, str]], what: str, named: Callable[..., str]) -> Callable[..., Any]:
    act = {"flushed": os.fsync, "renamed": os.replace}[what]

    def watched(*arguments: Any) -> Any:
        done.append((what, named(*arguments)))
        return act(*arguments)

    return watched
