"""Predictions and forecasts of a run: written whole, step by step, read by account."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    RowMapping,
    Table,
    and_,
    bindparam,
    delete,
    exists,
    func,
    select,
    update,
)

from daemon.outputs import KEPT
from daemon.state.profiles import HELD
from daemon.state.tables import forecasts, outbox, predictions, profiles, runs, steps
from daemon.state.upsert import chunks
from integrations.salesforce.schema import ACCOUNT

TOGETHER_IN = 500
"""Accounts whose reasons are asked which features are told together."""


def replace_predictions(connection: Connection, run_id: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """The predictions of a run are these, and no others."""
    connection.execute(delete(predictions).where(predictions.c.run_id == run_id))
    _insert(connection, predictions, run_id, rows)


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
    for chunk in chunks(rows):
        renamed = [
            {"of_account": row["account_id"], **{f"new_{name}": row[name] for name in columns}}
            for row in chunk
        ]
        connection.execute(statement, renamed)


def replace_forecasts(connection: Connection, run_id: int, rows: Iterable[Mapping[str, Any]]) -> None:
    """The forecasts of a run are these, and no others; made as they are written, they need little memory."""
    connection.execute(delete(forecasts).where(forecasts.c.run_id == run_id))
    _insert(connection, forecasts, run_id, rows)


def predictions_of(connection: Connection, run_id: int) -> dict[str, RowMapping]:
    """A run's predictions by account, in order of the account's Id."""
    statement = select(predictions).where(predictions.c.run_id == run_id).order_by(predictions.c.account_id)
    return {row["account_id"]: row for row in connection.execute(statement).mappings()}


def forecasts_of(connection: Connection, run_id: int) -> dict[str, RowMapping]:
    """A run's forecasts by account."""
    statement = select(forecasts).where(forecasts.c.run_id == run_id).order_by(forecasts.c.account_id)
    return {row["account_id"]: row for row in connection.execute(statement).mappings()}


def health_of(connection: Connection, run_id: int) -> dict[str, str]:
    """A run's health by account: the days of a forecast take much more memory."""
    of = forecasts.c
    statement = select(of.account_id, of.health).where(of.run_id == run_id).order_by(of.account_id)
    return {row.account_id: row.health for row in connection.execute(statement)}


def reasons_of(connection: Connection, stands_at: Mapping[str, int]) -> dict[str, RowMapping]:
    """Status and reasons of accounts in the runs that they stand at; without those that have no such row.

    stands_at: account to run.
    """
    by_run: dict[int, list[str]] = {}
    for account, run_id in stands_at.items():
        by_run.setdefault(run_id, []).append(account)
    found: dict[str, RowMapping] = {}
    for run_id, accounts in by_run.items():
        for chunk in chunks(accounts):
            key = and_(predictions.c.run_id == run_id, predictions.c.account_id.in_(chunk))
            statement = select(predictions.c.account_id, predictions.c.status, predictions.c.reasons)
            rows = connection.execute(statement.where(key)).mappings()
            found |= {row["account_id"]: row for row in rows}
    return found


def newest_before(connection: Connection, run_id: int) -> dict[str, RowMapping]:
    """The predictions of the newest run before this one that was planned and not held, by account."""
    previous = last_planned(connection, run_id)
    return {} if previous is None else predictions_of(connection, previous)


def last_planned(connection: Connection, before: int | None = None) -> int | None:
    """The newest run that was planned and not held, of all or of those before one."""
    held = exists().where(profiles.c.run_id == steps.c.run_id, profiles.c.kind == HELD)
    statement = (
        select(steps.c.run_id)
        .where(steps.c.step == "plan", steps.c.state == "done", ~held)
        .order_by(steps.c.run_id.desc())
        .limit(1)
    )
    if before is not None:
        statement = statement.where(steps.c.run_id < before)
    return connection.execute(statement).scalar_one_or_none()


@dataclass(frozen=True)
class RatedRun:
    """A run whose predictions rate accounts."""

    id: int
    slot: str
    cut: datetime


def rated_run_before(
    connection: Connection, instant: datetime, statuses: Sequence[str], *, newest: bool = True
) -> RatedRun | None:
    """The newest (or oldest) run, cut up to an instant, whose model rated accounts of these statuses."""
    of = predictions.c
    by_model = of.model_version.is_not(None)
    rated = select(of.run_id).where(of.status.in_(statuses), by_model).distinct()
    order = runs.c.cut.desc() if newest else runs.c.cut
    statement = select(runs.c.id, runs.c.slot, runs.c.cut).where(runs.c.cut <= instant, runs.c.id.in_(rated))
    row = connection.execute(statement.order_by(order).limit(1)).one_or_none()
    return None if row is None else RatedRun(*row)


def newest_predictions(connection: Connection) -> dict[str, RowMapping]:
    """The predictions of the newest run that has any, by account; empty before the first."""
    newest = connection.execute(select(func.max(predictions.c.run_id))).scalar()
    return {} if newest is None else predictions_of(connection, newest)


@dataclass(frozen=True)
class Shown:
    """The rating that the CRM holds, or will hold, of an account, and where it comes from.

    run_id, cut: of the run that gave it. start, attributions: as `predictions` has them.
    """

    account_id: str
    run_id: int
    cut: datetime
    rating: str
    score: float
    model_version: str
    start: float
    attributions: bytes


def shown_before(connection: Connection, run_id: int) -> list[Shown]:
    """What the CRM shows of every account from runs before this one, if it is a rating that was explained.

    What a run held back, and what was superseded in the queue, was never shown.
    """
    sent = (
        select(outbox.c.account_id, func.max(outbox.c.gen).label("gen"))
        .join(
            predictions,
            and_(predictions.c.run_id == outbox.c.gen, predictions.c.account_id == outbox.c.account_id),
        )
        .where(
            outbox.c.object == ACCOUNT,
            outbox.c.state != "superseded",
            outbox.c.gen < run_id,
            predictions.c.status.not_in((*KEPT, "excluded")),
        )
        .group_by(outbox.c.account_id)
        .subquery()
    )
    statement = (
        select(
            predictions.c.account_id,
            predictions.c.run_id,
            runs.c.cut,
            predictions.c.rating,
            predictions.c.score,
            predictions.c.model_version,
            predictions.c.start,
            predictions.c.attributions,
        )
        .join(sent, and_(sent.c.account_id == predictions.c.account_id, sent.c.gen == predictions.c.run_id))
        .join(runs, runs.c.id == predictions.c.run_id)
        .where(predictions.c.attributions.is_not(None))
        .order_by(predictions.c.account_id)
    )
    return [Shown(*row) for row in connection.execute(statement)]


def told_together(connection: Connection, run_id: int) -> set[frozenset[str]]:
    """Pairs of features that were one reason in the newest run before this one, by some of its accounts."""
    newest = select(func.max(predictions.c.run_id)).where(
        predictions.c.run_id < run_id, predictions.c.reasons.is_not(None)
    )
    statement = (
        select(predictions.c.reasons)
        .where(predictions.c.run_id == newest.scalar_subquery(), predictions.c.reasons.is_not(None))
        .order_by(predictions.c.account_id)
        .limit(TOGETHER_IN)
    )
    return {
        frozenset(pair)
        for reasons in connection.execute(statement).scalars()
        for reason in reasons
        if not reason["missing"]
        for pair in combinations(reason["features"], 2)
    }


def _insert(connection: Connection, table: Table, run_id: int, rows: Iterable[Mapping[str, Any]]) -> None:
    # In pieces: PostgreSQL ends a session that is silent for long in a transaction, as while JSON is made
    # of ten thousand rows.
    for chunk in chunks(rows):
        connection.execute(table.insert(), [{"run_id": run_id, **row} for row in chunk])
