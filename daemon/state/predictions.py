"""Predictions and forecasts of a run: written whole, step by step, read by account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, RowMapping, bindparam, delete, select, update

from daemon.state.tables import forecasts, predictions, runs


def replace_predictions(connection: Connection, run_id: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """The predictions of a run are these, and no others."""
    connection.execute(delete(predictions).where(predictions.c.run_id == run_id))
    if rows:
        connection.execute(predictions.insert(), [{"run_id": run_id, **row} for row in rows])


def amend_predictions(connection: Connection, run_id: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Set more columns of predictions that are there; every row names its account and the same columns."""
    if not rows:
        return
    columns: dict[str, BindParameter[Any]] = {
        name: bindparam(f"new_{name}") for name in rows[0] if name != "account_id"
    }
    statement = (
        update(predictions)
        .where(predictions.c.run_id == run_id, predictions.c.account_id == bindparam("of_account"))
        .values(columns)
    )
    renamed = [
        {"of_account": row["account_id"], **{f"new_{name}": row[name] for name in columns}} for row in rows
    ]
    connection.execute(statement, renamed)


def replace_forecasts(connection: Connection, run_id: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """The forecasts of a run are these, and no others."""
    connection.execute(delete(forecasts).where(forecasts.c.run_id == run_id))
    if rows:
        connection.execute(forecasts.insert(), [{"run_id": run_id, **row} for row in rows])


def predictions_of(connection: Connection, run_id: int) -> dict[str, RowMapping]:
    """A run's predictions by account, in order of the account's Id."""
    statement = select(predictions).where(predictions.c.run_id == run_id).order_by(predictions.c.account_id)
    return {row["account_id"]: row for row in connection.execute(statement).mappings()}


def forecasts_of(connection: Connection, run_id: int) -> dict[str, RowMapping]:
    """A run's forecasts by account."""
    statement = select(forecasts).where(forecasts.c.run_id == run_id).order_by(forecasts.c.account_id)
    return {row["account_id"]: row for row in connection.execute(statement).mappings()}


def newest_before(connection: Connection, run_id: int) -> dict[str, RowMapping]:
    """The predictions of the newest run before this one that has any, by account."""
    statement = (
        select(predictions.c.run_id)
        .where(predictions.c.run_id < run_id)
        .order_by(predictions.c.run_id.desc())
        .limit(1)
    )
    previous = connection.execute(statement).scalar_one_or_none()
    return {} if previous is None else predictions_of(connection, previous)


@dataclass(frozen=True)
class Scored:
    """The run that scored last, its cut and its model."""

    run_id: int
    cut: datetime
    model_version: str


def last_scored(connection: Connection, run_id: int) -> Scored | None:
    """The newest run before this one in which a model rated accounts."""
    statement = (
        select(predictions.c.run_id, runs.c.cut, predictions.c.model_version)
        .join(runs, runs.c.id == predictions.c.run_id)
        .where(predictions.c.run_id < run_id, predictions.c.model_version.is_not(None))
        .order_by(predictions.c.run_id.desc())
        .limit(1)
    )
    row = connection.execute(statement).one_or_none()
    return None if row is None else Scored(*row)
