"""Writes a file so that it outlives a power cut, before the state names it."""

import os
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

UNFINISHED = ".part"


def write_table(path: Path, table: pa.Table) -> int:
    """Write, flush to the disk, then give it its name; the size in bytes.

    A state commits to the disk too: a row there must not name a file that a power cut takes away.
    """
    new = [folder for folder in path.parents if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}{UNFINISHED}")
    try:
        with unfinished.open("wb") as stream:
            pq.write_table(table, stream, compression="zstd")
            stream.flush()
            os.fsync(stream.fileno())
            size = stream.tell()
        unfinished.replace(path)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink()
        raise
    for folder in (path.parent, *(each.parent for each in new)):
        _flush(folder)
    return size


def _flush(folder: Path) -> None:
    """The names in a folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
