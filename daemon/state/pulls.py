"""How each source's pull of a run ended."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from daemon.state.tables import manifest, pulls, runs
from daemon.state.upsert import upsert


@dataclass(frozen=True)
class Pull:
    """rows: new ones landed. error: why it stopped short; None where it reached the end."""

    source: str
    rows: int
    rejected: int
    error: str | None
    finished_at: datetime


def record(connection: Connection, run_id: int, pull: Pull) -> None:
    """Put on record how a pull ended; a repeat takes the place of the first."""
    row = {
        "run_id": run_id,
        "source": pull.source,
        "state": "failed" if pull.error else "done",
        "rows": pull.rows,
        "rejected": pull.rejected,
        "error": pull.error,
        "finished_at": pull.finished_at,
    }
    upsert(connection, pulls, [row], key=["run_id", "source"])


def of_run(connection: Connection, run_id: int) -> list[Pull]:
    """The pulls of a run, by source."""
    rows = connection.execute(
        select(pulls).where(pulls.c.run_id == run_id).order_by(pulls.c.source)
    ).mappings()
    return [
        Pull(row["source"], row["rows"], row["rejected"], row["error"], row["finished_at"]) for row in rows
    ]


def finished(connection: Connection, run_id: int) -> set[str]:
    """Sources whose pull reached its end in this run."""
    statement = select(pulls.c.source).where(pulls.c.run_id == run_id, pulls.c.state == "done")
    return set(connection.execute(statement).scalars())


def last_success(connection: Connection) -> dict[str, datetime]:
    """When each source was last pulled to its end."""
    statement = (
        select(pulls.c.source, func.max(pulls.c.finished_at))
        .where(pulls.c.state == "done")
        .group_by(pulls.c.source)
    )
    return dict(connection.execute(statement).all())


def rows_before(connection: Connection, run_id: int, slot: str) -> dict[str, list[int]]:
    """Rows of each source in earlier complete pulls at the same time of day, but for its first load."""
    statement = (
        select(pulls.c.source, pulls.c.rows, runs.c.slot)
        .join(runs, runs.c.id == pulls.c.run_id)
        .where(pulls.c.run_id < run_id, pulls.c.state == "done")
        .order_by(pulls.c.run_id)
    )
    loaded: set[str] = set()
    found: dict[str, list[int]] = {}
    for row in connection.execute(statement):
        if row.source in loaded and row.slot[10:16] == slot[10:16]:
            found.setdefault(row.source, []).append(row.rows)
        loaded.add(row.source)
    return found


def newest_events(connection: Connection) -> dict[str, datetime]:
    """When the newest landed event of each source happened."""
    statement = select(manifest.c.source, func.max(manifest.c.max_event_at)).group_by(manifest.c.source)
    return dict(connection.execute(statement).all())
