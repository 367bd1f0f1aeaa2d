"""Tells every channel what the book of alerts holds, once for each opening and each resolution."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection, Engine, RowMapping, and_, select

from daemon.clock import Clock
from daemon.events import Event
from daemon.state.engine import read, write
from daemon.state.tables import alerts, deliveries
from daemon.state.upsert import upsert
from integrations.errors import IntegrationError
from integrations.interfaces import AlertChannel, AlertMessage

SEVERITIES = ("info", "warning", "critical")
MAX_ATTEMPTS = 10
"""Of one message to one channel; after so many the log is where it stays."""


@dataclass(frozen=True)
class Receiver:
    """A channel, and the severity from which it is told."""

    channel: AlertChannel
    min_severity: str


def deliver(engine: Engine, clock: Clock, receivers: Sequence[Receiver]) -> int:
    """Send what is not yet sent; the number of messages that a channel took.

    A channel that is down costs nothing but its own message, which is sent again next time.
    """
    sent = 0
    for receiver in receivers:
        with read(engine) as connection:
            waiting = _waiting(connection, receiver)
        for row in waiting:
            error = _send(receiver.channel, row)
            with write(engine) as connection:
                _record(connection, receiver.channel.name, row, error, clock.now())
            sent += error is None
    return sent


def _waiting(connection: Connection, receiver: Receiver) -> list[RowMapping]:
    loud = SEVERITIES[SEVERITIES.index(receiver.min_severity) :]
    told = and_(
        deliveries.c.alert_id == alerts.c.id,
        deliveries.c.status == alerts.c.status,
        deliveries.c.channel == receiver.channel.name,
    )
    statement = (
        select(alerts, deliveries.c.attempts)
        .outerjoin(deliveries, told)
        .where(alerts.c.severity.in_(loud))
        .where(
            (deliveries.c.sent.is_(None))
            | (deliveries.c.sent.is_(False) & (deliveries.c.attempts < MAX_ATTEMPTS))
        )
        .order_by(alerts.c.id)
    )
    return list(connection.execute(statement).mappings())


def _send(channel: AlertChannel, row: RowMapping) -> str | None:
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
        channel.send(message)
    except IntegrationError as error:
        structlog.get_logger().warning(Event.ALERT_UNDELIVERED, channel=channel.name, error=str(error))
        return str(error)
    return None


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
