"""Tells every channel what the book of alerts holds, once for each opening and each resolution."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, Connection, Engine, FromClause, RowMapping, and_, select

from daemon.clock import Clock
from daemon.errors import ConfigError
from daemon.events import Event
from daemon.state.engine import read, write
from daemon.state.tables import alerts, deliveries
from daemon.state.upsert import upsert
from integrations.errors import IntegrationError
from integrations.interfaces import AlertChannel, AlertMessage

SEVERITIES = ("info", "warning", "critical")
SOON, SOON_TRIES = timedelta(minutes=5), 12
LATER = timedelta(hours=1)
"""Between two tries of a message to a channel: SOON for the first hour, LATER then, as long as it is open."""

RESOLVED_FOR = timedelta(days=7)
"""How long a resolution is worth another try."""


@dataclass(frozen=True)
class Receiver:
    """A channel, opened for each message, and the severity from which it is told. name: as in config.toml."""

    name: str
    open: Callable[[], AlertChannel]
    min_severity: str


def deliver(engine: Engine, clock: Clock, receivers: Sequence[Receiver]) -> int:
    """Send what is not yet sent; the number of messages that a channel took.

    A channel that is down, or cannot be opened, costs nothing but its own message, which is sent again.
    """
    sent = 0
    for receiver in receivers:
        with read(engine) as connection:
            waiting = _waiting(connection, receiver, clock.now())
        for row in waiting:
            error = _send(receiver, row)
            with write(engine) as connection:
                _record(connection, receiver.name, row, error, clock.now())
            sent += error is None
    return sent


def _waiting(connection: Connection, receiver: Receiver, now: datetime) -> list[RowMapping]:
    """What is open and not told, and what is resolved where the channel was told that it was open."""
    loud = SEVERITIES[SEVERITIES.index(receiver.min_severity) :]
    tried, opened = deliveries.alias(), deliveries.alias()
    statement = (
        select(alerts, tried.c.attempts, tried.c.updated_at)
        .outerjoin(tried, _to(tried, receiver) & (tried.c.status == alerts.c.status))
        .outerjoin(opened, _to(opened, receiver) & (opened.c.status == "open") & opened.c.sent)
        .where(tried.c.sent.is_(None) | tried.c.sent.is_(False))
        .where(
            and_(alerts.c.status == "open", alerts.c.severity.in_(loud))
            | and_(opened.c.alert_id.is_not(None), alerts.c.resolved_at > now - RESOLVED_FOR)
        )
        .order_by(alerts.c.id)
    )
    rows = connection.execute(statement).mappings()
    return [row for row in rows if not row["attempts"] or now >= row["updated_at"] + _pause(row["attempts"])]


def _to(table: FromClause, receiver: Receiver) -> ColumnElement[bool]:
    return and_(table.c.alert_id == alerts.c.id, table.c.channel == receiver.name)


def _pause(attempts: int) -> timedelta:
    return SOON if attempts <= SOON_TRIES else LATER


def _send(receiver: Receiver, row: RowMapping) -> str | None:
    """Why the channel did not take it; None where it did."""
    message = AlertMessage(
        fingerprint=row["fingerprint"],
        status=row["status"],
        severity=row["severity"],
        title=row["title"],
        what=row["what"],
        cause=row["cause"],
        held_back=row["held_back"],
        to_do=row["to_do"],
        since=row["since"],
    )
    try:
        receiver.open().send(message)
    except (ConfigError, IntegrationError) as problem:
        error = str(problem)
    except Exception as problem:  # noqa: BLE001 - a channel that is broken stops neither others nor a run
        error = type(problem).__name__  # its words may name the URL, which is a secret
    else:
        return None
    structlog.get_logger().warning(Event.ALERT_UNDELIVERED, channel=receiver.name, error=error)
    return error


def _record(connection: Connection, channel: str, row: RowMapping, error: str | None, now: datetime) -> None:
    delivery = {
        "alert_id": row["id"],
        "channel": channel,
        "status": row["status"],
        "sent": error is None,
        "attempts": (row["attempts"] or 0) + 1,
        "error": error,
        "updated_at": now,
    }
    upsert(connection, deliveries, [delivery], key=["alert_id", "channel", "status"])
