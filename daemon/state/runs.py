"""Runs and their steps: claimed once, resumed where they stopped, finished once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, RowMapping, func, insert, select, text, update

from daemon.slots import Slot
from daemon.state.tables import metadata, runs, steps
from daemon.state.upsert import insert_new, upsert


@dataclass(frozen=True)
class Run:
    """The work for one slot. id: also the generation of its changes. cut: None until the pull is complete."""

    id: int
    slot: str
    due_at: datetime
    state: str
    reason: str | None
    cut: datetime | None
    report: Mapping[str, Any] | None


def find(connection: Connection, slot: str) -> Run | None:
    """The run of a slot, if it was ever claimed or skipped."""
    row = connection.execute(select(runs).where(runs.c.slot == slot)).mappings().one_or_none()
    return None if row is None else _run(row)


def find_all(connection: Connection, slots: Sequence[str]) -> dict[str, Run]:
    """The runs of slots, by slot; a slot that was never claimed or skipped is left out."""
    rows = connection.execute(select(runs).where(runs.c.slot.in_(slots))).mappings()
    return {row["slot"]: _run(row) for row in rows}


def newest(connection: Connection, count: int = 1) -> list[Run]:
    """The latest runs, newest first."""
    rows = connection.execute(select(runs).order_by(runs.c.due_at.desc(), runs.c.id.desc()).limit(count))
    return [_run(row) for row in rows.mappings()]


def first_due(connection: Connection) -> datetime | None:
    """When the oldest slot on record was due."""
    return connection.execute(select(func.min(runs.c.due_at))).scalar()


def settled_until(connection: Connection, now: datetime) -> datetime | None:
    """When the newest slot of the schedule that was done or skipped was due, up to now."""
    settled = (runs.c.state.in_(("done", "skipped")), runs.c.due_at <= now)
    by_hand = runs.c.slot.like("%:%:%")  # named by the second
    return connection.execute(select(func.max(runs.c.due_at)).where(*settled, ~by_hand)).scalar()


def claim(connection: Connection, slot: Slot, epoch: int, now: datetime) -> Run:
    """The run of a slot, claimed for this epoch; a second claim resumes what is not done."""
    row = {"slot": slot.name, "due_at": slot.due_at, "state": "claimed", "epoch": epoch, "claimed_at": now}
    if not insert_new(connection, runs, [row], key=["slot"]):
        again = {"state": "claimed", "reason": None, "epoch": epoch}
        unfinished = (runs.c.slot == slot.name, runs.c.state != "done")
        connection.execute(update(runs).where(*unfinished).values(again))
    found = find(connection, slot.name)
    if found is None:
        raise LookupError(f"the run of slot {slot.name} vanished in its own transaction")
    return found


def skip(connection: Connection, slot: Slot, reason: str, now: datetime) -> bool:
    """Put on record that a slot is not run; False where it already has a run."""
    row = {"slot": slot.name, "due_at": slot.due_at, "state": "skipped", "reason": reason, "finished_at": now}
    return insert_new(connection, runs, [row], key=["slot"]) == 1


def cuts_before(connection: Connection, cut: datetime) -> list[datetime]:
    """Cuts of earlier runs, ascending."""
    return list(connection.execute(select(runs.c.cut).where(runs.c.cut < cut).order_by(runs.c.cut)).scalars())


def newest_cut(connection: Connection) -> datetime | None:
    """The cut of the newest run whose pull was complete."""
    return connection.execute(select(func.max(runs.c.cut))).scalar()


def set_cut(connection: Connection, run_id: int, cut: datetime) -> None:
    """Fix what the run's snapshot speaks for; a cut that is set stays."""
    connection.execute(update(runs).where(runs.c.id == run_id, runs.c.cut.is_(None)).values(cut=cut))


def keep_report(connection: Connection, run_id: int, report: Mapping[str, Any]) -> None:
    """Keep the ledger and the results of a run."""
    connection.execute(update(runs).where(runs.c.id == run_id).values(report=dict(report)))


def finish(connection: Connection, run_id: int, state: str, reason: str | None, now: datetime) -> None:
    """End a run as done or failed."""
    values = {"state": state, "reason": reason, "finished_at": now}
    connection.execute(update(runs).where(runs.c.id == run_id).values(values))


def renumber(connection: Connection, run_id: int, above: int, reason: str, now: datetime) -> int:
    """Hand a run's slot and all that it did to a run whose id is above a number; later ones count on from it.

    The old id stays on record as failed, so that whoever works under it can still say how it ended.

    returns: the new id.
    """
    old = connection.execute(select(runs).where(runs.c.id == run_id)).mappings().one()
    ended = {"slot": f"{old['slot']} ({run_id})", "state": "failed", "reason": reason, "finished_at": now}
    connection.execute(update(runs).where(runs.c.id == run_id).values(ended))
    newer = above + 1
    connection.execute(insert(runs).values({**old, "id": newer, "state": "claimed"}))
    for key in _keys_of_runs():
        connection.execute(update(key.table).where(key == run_id).values({key: newer}))
    if connection.dialect.name == "postgresql":  # SQLite counts on from the highest id by itself
        counted = text("SELECT setval(pg_get_serial_sequence('runs', 'id'), :newest)")
        connection.execute(counted, {"newest": newer})
    return newer


def steps_of(connection: Connection, run_id: int) -> list[RowMapping]:
    """A run's steps in the order they started."""
    rows = connection.execute(select(steps).where(steps.c.run_id == run_id).order_by(steps.c.started_at))
    return list(rows.mappings())


def start_step(connection: Connection, run_id: int, step: str, now: datetime) -> None:
    """Put on record that a step runs, for the first time or again."""
    before = connection.execute(
        select(steps.c.attempts).where(steps.c.run_id == run_id, steps.c.step == step)
    ).scalar_one_or_none()
    row = {
        "run_id": run_id,
        "step": step,
        "state": "running",
        "started_at": now,
        "finished_at": None,
        "attempts": (before or 0) + 1,
        "error": None,
    }
    upsert(connection, steps, [row], key=["run_id", "step"])


def end_step(
    connection: Connection, run_id: int, step: str, now: datetime, values: Mapping[str, Any]
) -> None:
    """Put on record how a step ended: state, rows, digests or error."""
    connection.execute(
        update(steps).where(steps.c.run_id == run_id, steps.c.step == step).values(finished_at=now, **values)
    )


def _keys_of_runs() -> list[Column[Any]]:
    """Every column that names a run."""
    return [
        key.parent
        for table in metadata.tables.values()
        for key in table.foreign_keys
        if key.column is runs.c.id
    ]


def _run(row: RowMapping) -> Run:
    return Run(row["id"], row["slot"], row["due_at"], row["state"], row["reason"], row["cut"], row["report"])
