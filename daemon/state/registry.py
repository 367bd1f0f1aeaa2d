"""Model versions: their bytes, their evaluation, and which of them is the champion."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from daemon.errors import VersionError
from daemon.state import promotions
from daemon.state.tables import artifacts, model_versions
from daemon.state.upsert import insert_new, upsert


@dataclass(frozen=True)
class Version:
    """A model version without its bytes.

    record: what it was trained from; None where it cannot be trained again. decision: the gate's checks.
    """

    version: str
    task: str
    run_id: int
    state: str
    reason: str | None
    artifact: str
    training_digest: str
    evaluation: dict[str, Any]
    created_at: datetime
    live_from: datetime | None
    live_until: datetime | None
    record: dict[str, Any] | None
    decision: dict[str, Any] | None


@dataclass(frozen=True)
class NewVersion:
    """A trained model on its way into the registry.

    artifact: its digest. content: its bytes. record: what it takes to train it again, if that is kept.
    """

    version: str
    task: str
    run_id: int
    artifact: str
    content: bytes
    training_digest: str
    evaluation: dict[str, Any]
    held_out: bytes | None
    record: dict[str, Any] | None = None


def register(connection: Connection, new: NewVersion, now: datetime) -> None:
    """Keep a challenger; the same run trains one per task, and a repeat takes the place of the first."""
    insert_new(connection, artifacts, [{"digest": new.artifact, "content": new.content}], key=["digest"])
    row = {
        "version": new.version,
        "task": new.task,
        "run_id": new.run_id,
        "artifact": new.artifact,
        "state": "challenger",
        "reason": None,
        "training_digest": new.training_digest,
        "evaluation": new.evaluation,
        "held_out": new.held_out,
        "record": new.record,
        "decision": None,
        "created_at": now,
        "live_from": None,
        "live_until": None,
    }
    upsert(connection, model_versions, [row], key=["task", "run_id"])


def promote(
    connection: Connection,
    version: str,
    reason: str,
    now: datetime,
    by: str = promotions.GATE,
    pinned: bool = False,
) -> None:
    """Make a version the champion of its task; the champion before it retires. The log says who and why.

    The version's own reason is the gate's: a person's stands in the log only.
    """
    task = get(connection, version).task
    promotions.note(connection, promotions.Promotion(task, version, pinned, by, reason, now))
    before = (
        model_versions.c.task == task,
        model_versions.c.state == "champion",
        model_versions.c.version != version,
    )
    connection.execute(update(model_versions).where(*before).values(state="retired", live_until=now))
    live: dict[str, Any] = {"state": "champion", "live_from": now, "live_until": None}
    if by == promotions.GATE:
        live["reason"] = reason
    connection.execute(update(model_versions).where(model_versions.c.version == version).values(live))


def reject(connection: Connection, version: str, reason: str) -> None:
    """Keep the champion; the challenger stays on record with the reason."""
    statement = update(model_versions).where(model_versions.c.version == version)
    connection.execute(statement.values(state="rejected", reason=reason))


def keep_decision(connection: Connection, version: str, decision: Mapping[str, Any]) -> None:
    """Put on record by which figures the gate decided."""
    statement = update(model_versions).where(model_versions.c.version == version)
    connection.execute(statement.values(decision=dict(decision)))


def champion(connection: Connection, task: str) -> Version | None:
    """The version in use."""
    return _one(connection, model_versions.c.task == task, model_versions.c.state == "champion")


def used_before(connection: Connection, task: str, run_id: int) -> Version | None:
    """The newest version of the earlier runs that went live: in use when this run began."""
    statement = (
        select(model_versions)
        .where(model_versions.c.task == task, model_versions.c.run_id < run_id)
        .where(model_versions.c.live_from.is_not(None))
        .order_by(model_versions.c.live_from.desc())
        .limit(1)
    )
    row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else _version(row)


def get(connection: Connection, version: str) -> Version:
    """A version by its name.

    raises: VersionError where there is none, naming the newest ones.
    """
    found = _one(connection, model_versions.c.version == version)
    if found is None:
        newest = ", ".join(each.version for each in versions(connection)[:3])
        raise VersionError(f'there is no model version "{version}"; the newest are {newest or "none"}')
    return found


def of_run(connection: Connection, task: str, run_id: int) -> Version | None:
    """The version that a run trained."""
    return _one(connection, model_versions.c.task == task, model_versions.c.run_id == run_id)


def versions(connection: Connection, task: str | None = None) -> list[Version]:
    """All versions, newest first."""
    statement = select(model_versions).order_by(model_versions.c.created_at.desc())
    if task is not None:
        statement = statement.where(model_versions.c.task == task)
    return [_version(row) for row in connection.execute(statement).mappings()]


def content(connection: Connection, version: Version) -> bytes:
    """The bytes of a version."""
    statement = select(artifacts.c.content).where(artifacts.c.digest == version.artifact)
    found: bytes = connection.execute(statement).scalar_one()
    return found


def held_out(connection: Connection, version: Version) -> bytes | None:
    """The held-out predictions of a version."""
    statement = select(model_versions.c.held_out).where(model_versions.c.version == version.version)
    found: bytes | None = connection.execute(statement).scalar_one()
    return found


def rejections(connection: Connection, task: str) -> int:
    """How many of the newest versions the gate held back, one after the other."""
    states = (each.state for each in versions(connection, task))
    return sum(1 for _ in takewhile(lambda state: state == "rejected", states))


def _one(connection: Connection, *where: Any) -> Version | None:
    row = connection.execute(select(model_versions).where(*where)).mappings().one_or_none()
    return None if row is None else _version(row)


def _version(row: RowMapping) -> Version:
    return Version(
        row["version"],
        row["task"],
        row["run_id"],
        row["state"],
        row["reason"],
        row["artifact"],
        row["training_digest"],
        row["evaluation"],
        row["created_at"],
        row["live_from"],
        row["live_until"],
        row["record"],
        row["decision"],
    )
