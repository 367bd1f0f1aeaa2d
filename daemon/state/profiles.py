"""Profiles of runs: what drift is judged against."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from daemon.state.tables import profiles
from daemon.state.upsert import upsert


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


def of_run(connection: Connection, run_id: int, kind: str) -> dict[str, Any] | None:
    """A run's own profile of a kind."""
    statement = select(profiles.c.data).where(profiles.c.run_id == run_id, profiles.c.kind == kind)
    return connection.execute(statement).scalar_one_or_none()
