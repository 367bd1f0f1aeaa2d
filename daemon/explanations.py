"""Explanations as they were kept, for people who ask why: exactly what was scored, feature by feature."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, RowMapping, func, or_, select

from daemon.champion import maturity_model
from daemon.errors import DaemonError
from daemon.snapshots import table_of_run
from daemon.state import registry
from daemon.state.engine import read
from daemon.state.tables import predictions, runs

SHORT_ID = 15
"""Characters of an Id as it stands in old addresses; the other three are a checksum."""


@dataclass(frozen=True)
class Kept:
    """What the newest run that explained anything kept, of some of its accounts.

    predictions: the rows. frame: the values scored, of the features of the model: (n, f). points: what they
    count: (n, f). start + points.sum(axis=1) is the score, to a thousandth.
    """

    slot: str
    version: str
    predictions: Sequence[RowMapping]
    frame: pd.DataFrame
    start: NDArray[np.float64]
    points: NDArray[np.float64]


def kept_of_account(engine: Engine, lake: Path, account: str) -> RowMapping | Kept:
    """The account's explanation, or its prediction alone where that has no rating to explain.

    account: its Id, of 18 or 15 characters. raises: DaemonError where the last run knows no such account.
    """
    statement = select(predictions, runs.c.slot).join(runs, runs.c.id == predictions.c.run_id)
    short = func.substr(predictions.c.account_id, 1, SHORT_ID)
    mine = statement.where(or_(predictions.c.account_id == account, short == account)).order_by(
        predictions.c.run_id.desc()
    )
    with read(engine) as connection:
        row = connection.execute(mine.limit(1)).mappings().one_or_none()
    if row is None:
        raise DaemonError(
            f"no run has scored an account {account}; give its Id as in the record's address (001…)"
        )
    return _kept(engine, lake, [row]) if row["attributions"] else row


def kept_of_all(engine: Engine, lake: Path) -> Kept:
    """The explanations of the newest run that has any, of one model.

    raises: DaemonError where nothing was ever explained.
    """
    with read(engine) as connection:
        rows = _newest_explained(connection)
    if not rows:
        raise DaemonError(
            "nothing is explained yet: no model has rated an account; see `maturityd model list`"
        )
    return _kept(engine, lake, rows)


def _newest_explained(connection: Connection) -> Sequence[RowMapping]:
    explained = predictions.c.attributions.is_not(None)
    newest = select(func.max(predictions.c.run_id)).where(explained).scalar_subquery()
    statement = (
        select(
            predictions.c.run_id,
            predictions.c.account_id,
            predictions.c.model_version,
            predictions.c.start,
            predictions.c.attributions,
            runs.c.slot,
        )
        .join(runs, runs.c.id == predictions.c.run_id)
        .where(explained, predictions.c.run_id == newest)
        .order_by(predictions.c.account_id)
    )
    return connection.execute(statement).mappings().all()


def _kept(engine: Engine, lake: Path, rows: Sequence[RowMapping]) -> Kept:
    first = rows[0]
    with read(engine) as connection:
        model = maturity_model(connection, registry.get(connection, first["model_version"]))
    table = table_of_run(engine, lake, first["run_id"])
    accounts = [row["account_id"] for row in rows]
    if table is None:  # the values are gone, what they counted is not
        table = pd.DataFrame(np.nan, index=accounts, columns=[*model.features])
    return Kept(
        slot=first["slot"],
        version=first["model_version"],
        predictions=rows,
        frame=table.loc[accounts, [*model.features]],
        start=np.array([row["start"] for row in rows], dtype=np.float64),
        points=np.stack([np.frombuffer(row["attributions"], "<f4") for row in rows]).astype(np.float64),
    )
