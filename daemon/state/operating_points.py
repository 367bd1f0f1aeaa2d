"""Operating points that people selected: a log that is only added to; the newest counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from daemon.state.tables import operating_points

Parameters = Mapping[str, float | None]
"""Of a training, by the names of [maturity] and [maturity.grid]. None: as the number of labels has it."""


@dataclass(frozen=True)
class Selected:
    """goal: the goal's fields as JSON; None: back to the level cut.

    parameters: that training uses instead of config.toml's; empty where it goes by config.toml.
    found: the figures that it was chosen by.
    """

    task: str
    goal: Mapping[str, Any] | None
    parameters: Parameters
    found: Mapping[str, Any] | None
    by: str
    reason: str
    chosen_at: datetime


def note(connection: Connection, selected: Selected) -> None:
    """Add to the log."""
    row = vars(selected) | {
        "goal": None if selected.goal is None else dict(selected.goal),
        "parameters": dict(selected.parameters),
        "found": None if selected.found is None else dict(selected.found),
    }
    connection.execute(insert(operating_points).values(row))


def log(connection: Connection, task: str) -> list[Selected]:
    """Everything that was ever selected, oldest first."""
    statement = select(operating_points).where(operating_points.c.task == task)
    return [
        Selected(**{name: row[name] for name in Selected.__dataclass_fields__})
        for row in connection.execute(statement.order_by(operating_points.c.id)).mappings()
    ]


def in_force(connection: Connection, task: str, at: datetime) -> Selected | None:
    """What counts for a run with this cut; None where nothing is selected, or that was taken back."""
    entries = [each for each in log(connection, task) if each.chosen_at <= at]
    return entries[-1] if entries and entries[-1].goal is not None else None
