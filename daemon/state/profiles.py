"""Profiles of runs: what drift is judged against."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from daemon.state.tables import profiles
from daemon.state.upsert import upsert

HELD = "held"
"""Kind of the profile that a run leaves whose ratings were held back."""


def keep(connection: Connection, run_id: int, kind: str, data: Mapping[str, Any]) -> None:
    """Keep a run's profile of a kind; a repeat takes the place of the first."""
    upsert(
        connection, profiles, [{"run_id": run_id, "kind": kind, "data": dict(data)}], key=["run_id", "kind"]
    )


def before(connection: Connection, run_id: int, kind: str, count: int) -> list[dict[str, Any]]:
    """The profiles of the last runs before this one, oldest first."""
    statement = (
        select(profiles.c.data)
        .where(profiles.c.run_id < run_id, profiles.c.kind == kind)
        .order_by(profiles.c.run_id.desc())
        .limit(count)
    )
    return list(connection.execute(statement).scalars())[::-1]


def starting(connection: Connection, run_id: int, kind: str) -> dict[str, Any] | None:
    """A run's own profile whose kind starts so."""
    statement = select(profiles.c.data).where(
        profiles.c.run_id == run_id, profiles.c.kind.startswith(f"{kind} ")
    )
    return connection.execute(statement).scalar_one_or_none()


@dataclass(frozen=True)
class Kept:
    """A profile, and the run that left it."""

    run_id: int
    data: Mapping[str, Any]


def last_before(connection: Connection, run_id: int, kind: str) -> Kept | None:
    """The newest profile of a kind that an earlier run left."""
    statement = (
        select(profiles.c.run_id, profiles.c.data)
        .where(profiles.c.run_id < run_id, profiles.c.kind == kind)
        .order_by(profiles.c.run_id.desc())
        .limit(1)
    )
    row = connection.execute(statement).one_or_none()
    return None if row is None else Kept(row.run_id, row.data)


def of_run(connection: Connection, run_id: int, kind: str) -> dict[str, Any] | None:
    """A run's own profile of a kind."""
    statement = select(profiles.c.data).where(profiles.c.run_id == run_id, profiles.c.kind == kind)
    return connection.execute(statement).scalar_one_or_none()
