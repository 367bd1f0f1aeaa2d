"""Writes alerts to the log: the channel that is always there."""

from dataclasses import asdict

import structlog

from integrations.interfaces import AlertMessage


class LogChannel:
    """An AlertChannel (see integrations.interfaces); it never fails."""

    def __init__(self, name: str = "log") -> None:
        self.name = name

    def send(self, alert: AlertMessage) -> None:
        """One line per alert: `alert.raised`, or `alert.resolved` when it ends."""
        event = "alert.resolved" if alert.status == "resolved" else "alert.raised"
        level = "info" if alert.status == "resolved" else alert.severity
        getattr(structlog.get_logger(), level)(event, **asdict(alert))
