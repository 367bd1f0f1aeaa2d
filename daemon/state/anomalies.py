"""Anomalies of accounts from run to run: one row per happening, amended as its story goes on."""

from collections.abc import Collection, Mapping, Sequence
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
    amend(connection, amended)


def amend(connection: Connection, amended: Sequence[Kept]) -> None:
    """Write what is new about known ones."""
    for each in amended:
        connection.execute(update(anomalies).where(anomalies.c.id == each.id).values(**each.values))


def with_notice_due(connection: Connection) -> list[RowMapping]:
    """Those of which a customer is to be told, oldest first."""
    statement = select(anomalies).where(anomalies.c.notice == "due").order_by(anomalies.c.id)
    return list(connection.execute(statement).mappings())


def with_notice(connection: Connection) -> list[RowMapping]:
    """Those of which a customer was, is or was once to be told, newest first."""
    statement = select(anomalies).where(anomalies.c.notice.is_not(None)).order_by(anomalies.c.id.desc())
    return list(connection.execute(statement).mappings())


def noticed(connection: Connection, keys: Collection[str]) -> list[RowMapping]:
    """Those whose notices have these keys."""
    statement = select(anomalies).where(anomalies.c.notice_key.in_(keys)).order_by(anomalies.c.id)
    return list(connection.execute(statement).mappings()) if keys else []


def judged_until(connection: Connection, run_id: int) -> date | None:
    """The first day that no run before this one judged; None before the first."""
    newest = select(func.max(forecasts.c.start)).where(forecasts.c.run_id < run_id)
    return connection.execute(newest).scalar_one_or_none()
