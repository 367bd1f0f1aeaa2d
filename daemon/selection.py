"""Selecting an operating point: from what is stored, without training, what serves a goal best."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import Connection, RowMapping, select

from daemon.errors import VersionError
from daemon.operating_point import TASK, level_cut
from daemon.parameters import name_of
from daemon.state import grid, operating_points, registry
from daemon.state.operating_points import Parameters, Selected
from daemon.state.predictions import last_planned
from daemon.state.tables import predictions
from models.maturity.goal_cuts import Goal, choose, with_cut
from models.maturity.held_out import HeldOut
from models.maturity.hysteresis import settle
from models.maturity.levels import expected_level
from models.maturity.selection import Selection, choose_configuration, pool
from models.tables import LEVELS

LEAST_SHARED = 0.8
"""Of the newest training's labels: a configuration that predicted fewer is not compared."""


@dataclass(frozen=True)
class Move:
    """An account whose rating would change."""

    account_id: str
    before: str
    after: str
    score: float


@dataclass(frozen=True)
class Found:
    """What a selection comes to.

    parameters: of every configuration compared, by name. in_use: the name of the one in use.
    left_out: configurations that predicted too few of the newest labels.
    moves: of the accounts rated in the last run, by the model that rated them.
    """

    goal: Goal
    selection: Selection
    parameters: Mapping[str, Parameters]
    in_use: str | None
    left_out: int
    rated: int
    moves: tuple[Move, ...]


def find(connection: Connection, goal: Goal, seed: int) -> Found:
    """The configuration and the cut that serve a goal best, and whose rating would change.

    raises: VersionError where nothing was trained yet.
    """
    candidates, parameters, in_use = _candidates(connection)
    newest = next(iter(candidates.values()))
    compared = {name: each for name, each in candidates.items() if _shared(newest, each) >= LEAST_SHARED}
    rated, moves = _moves(connection, goal)
    return Found(
        goal=goal,
        selection=choose_configuration(compared, in_use, goal, seed),
        parameters={name: parameters[name] for name in compared},
        in_use=in_use,
        left_out=len(candidates) - len(compared),
        rated=rated,
        moves=moves,
    )


def keep(connection: Connection, found: Found, by: str, reason: str, now: datetime) -> None:
    """Make it the operating point, from the next run on."""
    before = operating_points.in_force(connection, TASK, now)
    chosen = found.selection.chosen
    selected = before.parameters if before else {}
    # What is in use may be older than what was selected: a selection waits for the gate.
    stays = chosen == found.in_use and (not selected or name_of(selected) == chosen)
    parameters = selected if stays else found.parameters[chosen]
    choice = found.selection.choices[chosen]
    figures = {
        "cut": choice.cut.as_json() if choice.cut else None,
        "reported_on": choice.reported_on.as_json(),
    }
    operating_points.note(
        connection, Selected(TASK, asdict(found.goal), parameters, figures, by, reason, now)
    )


def clear(connection: Connection, by: str, reason: str, now: datetime) -> None:
    """Back to the level cut and to the parameters of config.toml, from the next run on."""
    operating_points.note(connection, Selected(TASK, None, {}, None, by, reason, now))


def _candidates(
    connection: Connection,
) -> tuple[dict[str, HeldOut], dict[str, Parameters], str | None]:
    """Held-out predictions and parameters by configuration, the newest first, and which one is in use.

    Of the grid, all cuts; of the daily trainings the newest of each configuration.
    """
    by_name: dict[str, list[HeldOut]] = {}
    parameters: dict[str, Parameters] = {}
    in_use: str | None = None
    for version in registry.versions(connection, TASK):
        of_version = (version.record or {}).get("parameters", {})
        name = name_of(of_version)
        if version.state == "champion" or in_use is None:
            in_use = name
        stored = registry.held_out(connection, version) if name not in by_name else None
        if stored is not None:
            by_name[name] = [HeldOut.from_bytes(stored)]
            parameters[name] = of_version
    cells = grid.cells(connection)
    held_outs = grid.held_out_of(connection, [cell.key for cell in cells])
    for cell in cells:
        name = name_of(cell.parameters)
        by_name.setdefault(name, []).append(held_outs[cell.key])
        parameters[name] = cell.parameters
    if not by_name:
        raise VersionError("no model was trained yet, so there is nothing to select from")
    return {name: pool(each) for name, each in by_name.items()}, parameters, in_use


def _shared(newest: HeldOut, other: HeldOut) -> float:
    """Share of the newest labels that another has predicted too."""
    keys = [
        set(zip(each.account_id.tolist(), each.at.astype(np.int64).tolist(), strict=True))
        for each in (newest, other)
    ]
    return len(keys[0] & keys[1]) / max(len(keys[0]), 1)


def _moves(connection: Connection, goal: Goal) -> tuple[int, tuple[Move, ...]]:
    """How many accounts the last run rated, and those that the goal would rate otherwise.

    By the probabilities that were stored and the cut that the model behind them would serve with.
    """
    rows = _last_rated(connection)
    if not rows:
        return 0, ()
    version = registry.get(connection, rows[0]["model_version"])
    stored = registry.held_out(connection, version)
    if stored is None:
        return len(rows), ()
    cuts, margin = level_cut(connection, version)
    served = with_cut(cuts, goal.level, choose(HeldOut.from_bytes(stored), goal).cut)
    probabilities = np.array([[row["p_low"], row["p_medium"], row["p_high"]] for row in rows])
    before = np.array([LEVELS.index(row["rating"]) for row in rows])
    after = settle(expected_level(probabilities), served, margin, before).level
    return len(rows), tuple(
        Move(row["account_id"], row["rating"], LEVELS[now], row["score"])
        for row, was, now in zip(rows, before, after, strict=True)
        if was != now
    )


def _last_rated(connection: Connection) -> list[RowMapping]:
    """The accounts that the last run rated whose ratings go on, by their Ids; without their reasons."""
    of = predictions.c
    statement = (
        select(of.account_id, of.rating, of.score, of.p_low, of.p_medium, of.p_high, of.model_version)
        .where(of.run_id == last_planned(connection), of.rating.in_(LEVELS), of.model_version.is_not(None))
        .order_by(of.account_id)
    )
    return list(connection.execute(statement).mappings())
