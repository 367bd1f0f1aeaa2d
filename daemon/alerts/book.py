"""The book of alerts: one open entry per cause, resolved when its check no longer finds it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection, RowMapping, insert, select, update

from daemon.events import Event
from daemon.state.tables import alerts


@dataclass(frozen=True)
class Alert:
    """What somebody must hear. key: its cause within the scope; the same cause is the same alert."""

    key: str
    severity: str
    title: str
    what: str
    cause: str
    held_back: str
    to_do: str


def settle(
    connection: Connection, scope: str, found: Sequence[Alert], run_id: int | None, now: datetime
) -> None:
    """Make the book agree with what a check found: new causes open, known ones count, ended ones resolve.

    scope: the check; it speaks for all causes of its scope and for no other.
    run_id: what a run finds again counts once; None: found outside of any run, and each time is one more.
    """
    open_rows = {row["fingerprint"]: row for row in open_alerts(connection, scope)}
    for alert in found:
        fingerprint = _fingerprint(scope, alert.key)
        known = open_rows.pop(fingerprint, None)
        if known is None:
            _open(connection, scope, fingerprint, alert, run_id, now)
        elif run_id is None or known["run_id"] != run_id:
            again = {"times": known["times"] + 1, "last_seen_at": now, "run_id": run_id, "what": alert.what}
            connection.execute(update(alerts).where(alerts.c.id == known["id"]).values(again))
    for ended in open_rows.values():
        closed = {"status": "resolved", "resolved_at": now}
        connection.execute(update(alerts).where(alerts.c.id == ended["id"]).values(closed))
        structlog.get_logger().info(Event.ALERT_RESOLVED, title=ended["title"], scope=scope)


def open_alerts(connection: Connection, scope: str | None = None) -> list[RowMapping]:
    """Open alerts, oldest first; of one scope, or of all."""
    statement = select(alerts).where(alerts.c.status == "open").order_by(alerts.c.id)
    if scope is not None:
        statement = statement.where(alerts.c.scope == scope)
    return list(connection.execute(statement).mappings())


def _open(
    connection: Connection, scope: str, fingerprint: str, alert: Alert, run_id: int | None, now: datetime
) -> None:
    row = {
        "scope": scope,
        "fingerprint": fingerprint,
        "status": "open",
        "severity": alert.severity,
        "title": alert.title,
        "what": alert.what,
        "cause": alert.cause,
        "held_back": alert.held_back,
        "to_do": alert.to_do,
        "run_id": run_id,
        "times": 1,
        "since": now,
        "last_seen_at": now,
    }
    connection.execute(insert(alerts).values(row))
    structlog.get_logger().warning(
        Event.ALERT_RAISED,
        scope=scope,
        severity=alert.severity,
        title=alert.title,
        what=alert.what,
        cause=alert.cause,
        held_back=alert.held_back,
        to_do=alert.to_do,
    )


def _fingerprint(scope: str, key: str) -> str:
    return hashlib.sha256(f"{scope}\x00{key}".encode()).hexdigest()[:16]
