"""Anomalies of accounts from run to run: one row per happening, amended as its story goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, or_, select, update

from daemon.state.tables import anomalies, forecasts
from daemon.state.upsert import chunks

UNFINISHED = ("open", "confirmed")


@dataclass(frozen=True)
class Kept:
    """A row that is there already, and what is new about it."""

    id: int
    values: Mapping[str, Any]


def to_go_on(connection: Connection, since: date) -> dict[str, list[RowMapping]]:
    """Unfinished anomalies, and those that began since a day, by account; oldest first."""
    wanted = or_(anomalies.c.status.in_(UNFINISHED), anomalies.c.day >= since)
    found: dict[str, list[RowMapping]] = {}
    for row in connection.execute(select(anomalies).where(wanted).order_by(anomalies.c.id)).mappings():
        found.setdefault(row["account_id"], []).append(row)
    return found


def record(
    connection: Connection, run_id: int, begun: Sequence[Mapping[str, Any]], amended: Sequence[Kept]
) -> None:
    """Write new anomalies and what became of known ones."""
    for chunk in chunks(begun):
        connection.execute(insert(anomalies), [{"run_id": run_id, **row} for row in chunk])
    for each in amended:
        connection.execute(update(anomalies).where(anomalies.c.id == each.id).values(**each.values))


def judged_until(connection: Connection, run_id: int) -> date | None:
    """The first day that no run before this one judged; None before the first."""
    newest = select(func.max(forecasts.c.start)).where(forecasts.c.run_id < run_id)
    return connection.execute(newest).scalar_one_or_none()
