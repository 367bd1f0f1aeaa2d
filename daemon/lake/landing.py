"""Lands a batch: rows, watermark and quarantine in one unit of work.

Files are written first, under names made of their content, and count only once their manifest rows
commit, in the same transaction as the watermark. A process that dies in between leaves a file without
a manifest row: nobody reads it, and `sweep` removes it after a day.
"""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, Engine, and_, func, select, update

from daemon.errors import LakeError
from daemon.lake.durable import write_table
from daemon.lake.facts import EVENTS, FACTS, INSTANT, checked
from daemon.state.engine import read, write
from daemon.state.tables import expert_ratings, feedback_events, manifest, pulls, quarantine, watermarks
from daemon.state.upsert import insert_new, upsert
from integrations.interfaces import Batch, Rejected, Watermark

LONGEST_WATERMARK = 4_000
ORPHANS_KEPT = timedelta(days=1)
"""Far longer than a batch takes from its file to its manifest row, and a daemon sleeps."""
_EVENT_TABLES = {"feedback": feedback_events, "expert_ratings": expert_ratings}

_Entry = dict[str, Any]
"""A manifest row."""


@dataclass(frozen=True)
class Landed:
    """What became of a batch. rows: new to us; known: landed before, in this pull, and left out."""

    rows: int
    known: int
    rejected: int


def watermark(engine: Engine, source: str) -> Watermark:
    """How far the source is landed."""
    with read(engine) as connection:
        statement = select(watermarks.c.value).where(watermarks.c.source == source)
        return Watermark(connection.execute(statement).scalar())


def land(
    engine: Engine,
    lake: Path,
    source: str,
    batch: Batch,
    landed_at: datetime,
    lag: timedelta = timedelta(0),
    run_id: int | None = None,
) -> Landed:
    """Land a batch, all of it or nothing.

    landed_at: now; rows cannot be known later. lag: how late the source usually shows an event.

    A row is known when its source says. Where it does not say: at `event_at + lag` (assumed) until the
    source has been pulled to its end once, else now. The same rows twice within one pull land once.

    raises: LakeError where the batch does not fit its fact.
    """
    rows = checked(batch, source)
    if batch.watermark.value is not None and len(batch.watermark.value) > LONGEST_WATERMARK:
        raise LakeError(f"{source}: the watermark has over {LONGEST_WATERMARK} characters")
    files: list[_Entry] = []
    if batch.fact in FACTS:
        pulled = _times_pulled(engine, source)
        dated = _dated(rows, source, landed_at, None if pulled else lag)
        parts = _new_parts(engine, source, batch.fact, _parts(source, batch.fact, pulled, rows, dated))
        files = [_write_part(lake, source, batch.fact, digest, part) for digest, part in parts.items()]
    with write(engine) as connection:
        if batch.fact in EVENTS:
            new = _insert_events(connection, batch.fact, rows, landed_at)
        else:
            entries = [entry | {"landed_at": landed_at, "run_id": run_id} for entry in files]
            insert_new(connection, manifest, entries, key=("source", "fact", "digest"))
            new = sum(entry["rows"] for entry in files)
        _quarantine(connection, source, batch.rejected, landed_at)
        _advance(connection, source, batch.watermark, new, landed_at)
    return Landed(new, rows.num_rows - new, len(batch.rejected))


def sweep(engine: Engine, lake: Path, now: datetime) -> int:
    """Remove files of over a day ago that no manifest row names; the number of those.

    Listed first and looked up then, inside a fenced transaction: what another daemon, which has taken over,
    lands meanwhile is not on the list, or is young.

    raises: LeaseLost.
    """
    there = [path for fact in FACTS for path in (lake / fact).rglob("*") if path.is_file()]
    removed = 0
    with write(engine) as connection:
        named = set(connection.execute(select(manifest.c.path)).scalars())
        for path in there:
            if path.relative_to(lake).as_posix() in named:
                continue
            with suppress(FileNotFoundError):  # another daemon gave an unfinished one its name
                if _written_at(path) < now - ORPHANS_KEPT:
                    path.unlink()
                    removed += 1
    return removed


def _written_at(path: Path) -> datetime:
    """Asked again just before the end: a file may have been landed once more, under the same name."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _times_pulled(engine: Engine, source: str) -> int:
    done = and_(pulls.c.source == source, pulls.c.state == "done")
    with read(engine) as connection:
        return connection.execute(select(func.count()).select_from(pulls).where(done)).scalar_one()


def _dated(rows: pa.Table, source: str, landed_at: datetime, first_lag: timedelta | None) -> pa.Table:
    """The rows with `known_at` decided and the columns that landing adds."""
    now = pa.scalar(landed_at, INSTANT)
    unsaid = pc.is_null(rows["known_at"])
    guess = now if first_lag is None else pc.add(rows["event_at"], pa.scalar(first_lag, pa.duration("us")))
    known_at = pc.coalesce(rows["known_at"], guess)
    known_at = pc.if_else(pc.greater(known_at, now), now, known_at)
    rows = rows.set_column(rows.schema.get_field_index("known_at"), pa.field("known_at", INSTANT), known_at)
    assumed = unsaid if first_lag is not None else pc.and_(unsaid, False)
    for name, column in (
        ("source", pa.repeat(source, rows.num_rows)),
        ("landed_at", pa.repeat(now, rows.num_rows)),
        ("assumed", assumed),
    ):
        rows = rows.append_column(name, column)
    return rows


def _parts(source: str, fact: str, pulled: int, said: pa.Table, dated: pa.Table) -> dict[str, pa.Table]:
    """The rows by month of `event_at`, under a digest of what the source said and in which of its pulls.

    Within a pull the same rows come again after a kill: they are the same part. In a later pull they
    are news: the source may have said something else in between.
    """
    months = pc.strftime(said["event_at"], format="%Y-%m")
    parts = {}
    for month in sorted(pc.unique(months).to_pylist()):
        of_month = pc.equal(months, month)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, said.schema) as stream:
            stream.write_table(said.filter(of_month).combine_chunks())
        seen = hashlib.sha256(f"{source}\n{fact}\n{pulled}\n".encode())
        seen.update(sink.getvalue())
        parts[seen.hexdigest()] = dated.filter(of_month)
    return parts


def _new_parts(engine: Engine, source: str, fact: str, parts: dict[str, pa.Table]) -> dict[str, pa.Table]:
    ours = and_(manifest.c.source == source, manifest.c.fact == fact, manifest.c.digest.in_(parts))
    with read(engine) as connection:
        known = set(connection.execute(select(manifest.c.digest).where(ours)).scalars())
    return {digest: part for digest, part in parts.items() if digest not in known}


def _write_part(lake: Path, source: str, fact: str, digest: str, part: pa.Table) -> _Entry:
    """Write a file that does not count yet; its manifest row, without when and by which run."""
    event, known = pc.min_max(part["event_at"]), pc.min_max(part["known_at"])
    path = Path(fact) / f"month={event['min'].as_py():%Y-%m}" / f"{digest[:32]}.parquet"
    return {
        "source": source,
        "fact": fact,
        "path": path.as_posix(),
        "digest": digest,
        "rows": part.num_rows,
        "bytes": write_table(lake / path, part.cast(FACTS[fact].landed_schema)),
        "min_event_at": event["min"].as_py(),
        "max_event_at": event["max"].as_py(),
        "min_known_at": known["min"].as_py(),
        "max_known_at": known["max"].as_py(),
    }


def _insert_events(connection: Connection, fact: str, rows: pa.Table, landed_at: datetime) -> int:
    events = [row | {"landed_at": landed_at} for row in rows.rename_columns({"by": "by_user"}).to_pylist()]
    return insert_new(connection, _EVENT_TABLES[fact], events, key=("event_id",))


def _quarantine(connection: Connection, source: str, rejected: Sequence[Rejected], at: datetime) -> None:
    """Keep each bad row once, and count how often it came."""
    rows = {
        row.digest: {
            "source": source, "row": row.row, "reason": row.reason, "digest": row.digest,
            "times": 0, "first_seen_at": at, "last_seen_at": at,
        }
        for row in rejected
    }  # fmt: skip
    insert_new(connection, quarantine, list(rows.values()), key=("source", "digest"))
    digests = list(rows)
    for start in range(0, len(digests), 500):
        seen = and_(quarantine.c.source == source, quarantine.c.digest.in_(digests[start : start + 500]))
        again = {"times": quarantine.c.times + 1, "last_seen_at": at, "resolved_at": None}
        connection.execute(update(quarantine).where(seen).values(again))


def _advance(connection: Connection, source: str, mark: Watermark, rows: int, at: datetime) -> None:
    if mark.value is None:
        return
    statement = select(watermarks.c.rows).where(watermarks.c.source == source)
    before = connection.execute(statement).scalar() or 0
    row = {"source": source, "value": mark.value, "rows": before + rows, "updated_at": at}
    upsert(connection, watermarks, [row], key=("source",))
