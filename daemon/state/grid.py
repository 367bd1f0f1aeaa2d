"""Cells of the grid: each with its metrics and its held-out predictions, kept on its own."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from daemon.state.operating_points import Parameters
from daemon.state.tables import grid_cells, held_out_labels
from daemon.state.upsert import insert_new
from models.maturity.held_out import HeldOut, HeldOutLabels


@dataclass(frozen=True)
class Cell:
    """One training of the grid. key: digest of data, parameters, seed, library and release. metrics: on
    held-out labels, by name. seconds: of the training."""

    key: str
    cut: datetime
    training_digest: str
    parameters: Parameters
    metrics: Mapping[str, Any]
    seconds: float
    finished_at: datetime


def keep(connection: Connection, cell: Cell, held_out: HeldOut) -> None:
    """Keep a cell; a second one of the same key changes nothing."""
    labels = held_out.labels.to_bytes()
    digest = hashlib.sha256(labels).hexdigest()
    insert_new(connection, held_out_labels, [{"digest": digest, "content": labels}], key=["digest"])
    row = vars(cell) | {
        "parameters": dict(cell.parameters),
        "metrics": dict(cell.metrics),
        "labels": digest,
        "rating": held_out.rating.astype(np.int8).tobytes(),
        "probabilities": held_out.probabilities.astype("<u2").tobytes(),
    }
    insert_new(connection, grid_cells, [row], key=["key"])


def cells(connection: Connection) -> list[Cell]:
    """All cells, the newest cut first, then in the order they were made."""
    columns = [grid_cells.c[name] for name in Cell.__dataclass_fields__]
    statement = select(*columns).order_by(grid_cells.c.cut.desc(), grid_cells.c.finished_at)
    return [Cell(**row) for row in connection.execute(statement).mappings()]


def held_out_of(connection: Connection, keys: Collection[str]) -> dict[str, HeldOut]:
    """Held-out predictions of cells, by key."""
    parts = grid_cells.c
    statement = select(parts.key, parts.labels, parts.rating, parts.probabilities).where(parts.key.in_(keys))
    rows = connection.execute(statement).all()
    used = held_out_labels.c
    contents = select(used.digest, used.content).where(used.digest.in_({row.labels for row in rows}))
    labels = {row.digest: HeldOutLabels.from_bytes(row.content) for row in connection.execute(contents)}
    return {row.key: labels[row.labels].predicted(row.rating, row.probabilities) for row in rows}
