"""Selecting from which score a decision is taken: from what the forecast grid left, with nothing trained."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, select

from daemon.config.forecast import LEAST_EVERY_DAYS
from daemon.errors import VersionError
from daemon.parameters import name_of
from daemon.state import forecast_grid as grid
from daemon.state import operating_points
from daemon.state.operating_points import Parameters, Selected
from daemon.state.predictions import last_planned
from daemon.state.tables import forecasts
from daemon.this_release import this_release
from models.decisions import FALLING, choose
from models.goals import Choice, CurvePoint, Goal

FALLS, HOLDS = "negative", "stable"
"""The health of an account whose usage is expected to fall, and of one of which nothing is told."""

RAISED, QUIET = "anomaly", "none"

APART = timedelta(days=LEAST_EVERY_DAYS)
"""Cuts nearer to each other judge the same days, and are no draws of their own."""


@dataclass(frozen=True)
class Move:
    """An account of which something else would be said. score: None where there is none."""

    account_id: str
    before: str
    after: str
    score: float | None


@dataclass(frozen=True)
class Found:
    """What a selection comes to.

    choices: with each parameters of the grid, to compare; those in use decide, for what forecasts are made
    with is config.toml's affair. forecast: accounts of the last run; moves: of these.
    """

    decision: str
    goal: Goal
    in_use: Parameters
    choice: Choice
    choices: Sequence[tuple[Parameters, Choice]]
    forecast: int
    moves: tuple[Move, ...]


def find(connection: Connection, decision: str, goal: Goal, in_use: Parameters) -> Found:
    """The score that serves a goal best, and of whom something else would be said.

    raises: VersionError where this release's grid has no cell with the parameters in use.
    """
    choices = _choices(connection, decision, goal)
    if name_of(in_use) not in choices:
        raise VersionError(
            f"this release has kept nothing of {decision} with the settings of [forecast]; "
            "run: maturityd grid forecast"
        )
    _, choice = choices[name_of(in_use)]
    rows = _last_forecast(connection)
    said = _fall if decision == FALLING else _anomaly
    moves = _moves(rows, said, choice.cut) if choice.cut else ()
    return Found(decision, goal, in_use, choice, list(choices.values()), len(rows), moves)


def keep(connection: Connection, found: Found, by: str, reason: str, now: datetime) -> None:
    """Make it the operating point of the decision, from the next run on."""
    figures = {
        "cut": found.choice.cut.as_json() if found.choice.cut else None,
        "reported_on": found.choice.reported_on.as_json(),
    }
    operating_points.note(
        connection, Selected(found.decision, asdict(found.goal), {}, figures, by, reason, now)
    )


def clear(connection: Connection, decision: str, by: str, reason: str, now: datetime) -> None:
    """Back to the usual rule, from the next run on."""
    operating_points.note(connection, Selected(decision, None, {}, None, by, reason, now))


def _choices(connection: Connection, decision: str, goal: Goal) -> dict[str, tuple[Parameters, Choice]]:
    """By the name of the parameters; of each cut the newest cell of this release."""
    by_name: dict[str, dict[datetime, grid.Cell]] = {}
    for cell in grid.cells(connection):
        if cell.release == this_release():
            by_name.setdefault(name_of(cell.parameters), {})[cell.cut] = cell
    in_time = {name: _apart(at_cuts) for name, at_cuts in by_name.items()}
    keys = [cell.key for cells in in_time.values() for cell in cells]
    decided = grid.decisions_of(connection, keys, decision)
    return {
        name: (cells[0].parameters, choose([decided[cell.key] for cell in cells], goal))
        for name, cells in in_time.items()
    }


def _apart(at_cuts: Mapping[datetime, grid.Cell]) -> list[grid.Cell]:
    """In time, without those nearer than APART before another: once they lay on other days."""
    kept: list[grid.Cell] = []
    for cut in sorted(at_cuts, reverse=True):
        if not kept or kept[-1].cut - cut >= APART:
            kept.append(at_cuts[cut])
    return kept[::-1]


def _last_forecast(connection: Connection) -> Sequence[RowMapping]:
    """What the last planned run said of each account, by their Ids, without the days."""
    of = forecasts.c
    statement = select(of.account_id, of.health, of.anomalies, of.fall_score, of.anomaly_score)
    statement = statement.where(of.run_id == last_planned(connection)).order_by(of.account_id)
    return connection.execute(statement).mappings().all()


_Said = Callable[[RowMapping, float], tuple[str, str, float | None]]
"""What is said of an account, what would be from a score on, and its own score."""


def _moves(rows: Sequence[RowMapping], said: _Said, cut: CurvePoint) -> tuple[Move, ...]:
    moves = (Move(row["account_id"], *said(row, cut.lower or 0.0)) for row in rows)
    return tuple(move for move in moves if move.before != move.after)


def _fall(row: RowMapping, least: float) -> tuple[str, str, float | None]:
    score, before = row["fall_score"], row["health"]
    if score is None or before not in (FALLS, HOLDS):
        return before, before, score
    return before, FALLS if score >= least else HOLDS, score


def _anomaly(row: RowMapping, least: float) -> tuple[str, str, float | None]:
    """What was told stays until it is over, whatever the score."""
    score = row["anomaly_score"]
    before = RAISED if row["anomalies"] else QUIET
    after = RAISED if score is not None and score >= least else before
    return before, after, score
