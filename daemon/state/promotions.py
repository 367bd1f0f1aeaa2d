"""Who put which model version live, when and why: a log that is only added to."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from daemon.state.tables import promotions

GATE = "gate"
"""Who promotes where no person does."""


@dataclass(frozen=True)
class Promotion:
    """pinned: put there by a person; it stays until a challenger is better beyond noise."""

    task: str
    version: str
    pinned: bool
    by: str
    reason: str
    at: datetime


def note(connection: Connection, promotion: Promotion) -> None:
    """Add to the log."""
    connection.execute(insert(promotions).values(vars(promotion)))


def log(connection: Connection, task: str | None = None) -> list[Promotion]:
    """All promotions, oldest first."""
    statement = select(promotions).order_by(promotions.c.id)
    if task is not None:
        statement = statement.where(promotions.c.task == task)
    return [
        Promotion(row["task"], row["version"], row["pinned"], row["by"], row["reason"], row["at"])
        for row in connection.execute(statement).mappings()
    ]


def newest(connection: Connection, task: str) -> Promotion | None:
    """How the version in use came there."""
    entries = log(connection, task)
    return entries[-1] if entries else None


def before(connection: Connection, task: str, version: str) -> str | None:
    """The version that was live before this one first was; None where it was the first.

    Not the entry before the newest: after a rollback that is the version rolled back from.
    """
    entries = [entry.version for entry in log(connection, task)]
    first = entries.index(version) if version in entries else 0
    return entries[first - 1] if first else None
