"""Cells of the forecast grid: each with its scores, the errors of each account, and what was decided."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from daemon.state.operating_points import Parameters
from daemon.state.tables import forecast_cells
from daemon.state.upsert import insert_new
from models.decisions import Decided


@dataclass(frozen=True)
class Cell:
    """One training of the grid. key: digest of data, parameters, seed, library and release.

    held_out_days: after the cut, on which it was judged. scores: by model and class of account. decided: by
    decision and kind, what the usual rule got right. seconds: until all was forecast. release: that computed
    it; None: one of before it was kept.
    """

    key: str
    cut: datetime
    held_out_days: int
    training_digest: str
    parameters: Parameters
    scores: Mapping[str, Any]
    decided: Mapping[str, Any]
    seconds: float
    finished_at: datetime
    release: str | None


def keep(connection: Connection, cell: Cell, errors: bytes, decisions: Mapping[str, Decided]) -> None:
    """Keep a cell; a second one of the same key changes nothing."""
    row = vars(cell) | {
        "parameters": dict(cell.parameters),
        "scores": dict(cell.scores),
        "decided": dict(cell.decided),
        "errors": errors,
        **{decision: each.to_bytes() for decision, each in decisions.items()},
    }
    insert_new(connection, forecast_cells, [row], key=["key"])


def cells(connection: Connection) -> list[Cell]:
    """All cells, the newest cut first, then in the order they were made."""
    columns = [forecast_cells.c[name] for name in Cell.__dataclass_fields__]
    statement = select(*columns).order_by(forecast_cells.c.cut.desc(), forecast_cells.c.finished_at)
    return [Cell(**row) for row in connection.execute(statement).mappings()]


def decisions_of(connection: Connection, keys: Collection[str], decision: str) -> dict[str, Decided]:
    """What could have been decided, by key of the cell. decision: of `models.decisions.DECISIONS`."""
    parts = forecast_cells.c
    rows = connection.execute(select(parts.key, parts[decision]).where(parts.key.in_(keys))).all()
    return {key: Decided.from_bytes(content) for key, content in rows}
