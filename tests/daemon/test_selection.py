"""From a selection to the ratings of the next cycle."""

from datetime import timedelta

from daemon import selection
from daemon.state import registry
from daemon.state.engine import read, write
from daemon.state.predictions import predictions_of
from daemon.steps import report
from models.maturity.goal_cuts import Goal
from tests.daemon.rated import FIRST_CYCLE, Rated

HOUR = timedelta(hours=1)
GOAL = Goal("recall", 2, precision=0.7)


def selected(rated: Rated, goal: Goal = GOAL) -> selection.Found:
    """Selected an hour after the first cycle."""
    with write(rated.engine) as connection:
        found = selection.find(connection, goal, seed=0)
        selection.keep(connection, found, "Ada", "sales asked", FIRST_CYCLE + HOUR)
    return found


def goal_that_moves_somebody(rated: Rated) -> Goal:
    """Which one does depends on the model."""
    goals = [Goal("recall", level, precision=share / 20) for level in (2, 0) for share in range(19, 7, -1)]
    with read(rated.engine) as connection:
        return next(goal for goal in goals if selection.find(connection, goal, seed=0).moves)


def ratings(rated: Rated, run: int) -> dict[str, tuple[str, float]]:
    with read(rated.engine) as connection:
        rows = predictions_of(connection, run)
    return {account: (row["rating"], row["p_high"]) for account, row in rows.items()}


def test_the_accounts_that_were_shown_to_move_move_and_no_others(rated: Rated) -> None:
    """But for those that new data moves too: hours have passed between the two runs."""
    before = ratings(rated, rated.context(FIRST_CYCLE).run.id)
    goal = goal_that_moves_somebody(rated)
    shown = {move.account_id: move.after for move in selected(rated, goal).moves}

    after = ratings(rated, rated.cycle(FIRST_CYCLE + 2 * HOUR, steps=("snapshot", "score")))

    same_data = {account for account in after if after[account][1] == before[account][1]}
    moved = {account: after[account][0] for account in same_data if after[account] != before[account]}
    assert shown.items() >= moved.items()
    assert {account: after[account][0] for account in shown} == shown


def test_a_run_that_was_cut_before_the_selection_keeps_its_cut_points(rated: Rated) -> None:
    before = ratings(rated, rated.context(FIRST_CYCLE).run.id)
    selected(rated, goal_that_moves_somebody(rated))

    again = ratings(rated, rated.cycle(FIRST_CYCLE, steps=("score",)))

    assert again == before


def test_a_challenger_serves_the_goal_with_cut_points_of_its_own(rated: Rated) -> None:
    selected(rated)

    rated.cycle(FIRST_CYCLE + 2 * HOUR, steps=("snapshot", "train", "gate"))

    with read(rated.engine) as connection:
        newest = registry.versions(connection, "maturity")[0]
    assert newest.decision is not None
    point = newest.decision["operating_point"]
    assert point["goal"] == {"maximize": "recall", "level": 2, "precision": 0.7, "recall": None}
    assert point["words"].startswith("High is an expected level of at least")


def test_the_report_of_a_run_says_what_the_goal_comes_to(rated: Rated) -> None:
    selected(rated)
    contexts = [rated.context(FIRST_CYCLE + hours) for hours in (0 * HOUR, 2 * HOUR)]
    with read(rated.engine) as connection:
        told = [report._operating_point(connection, context) for context in contexts]

    assert told[0] is None
    assert str(told[1]).startswith("High is an expected level of at least")


def test_selected_parameters_are_what_the_next_cycle_trains_with(rated: Rated) -> None:
    found = selected(rated)
    other = {**found.parameters[found.selection.chosen], "depth": 2}
    with write(rated.engine) as connection:
        changed = selection.Selected(
            "maturity", {"maximize": "f1", "level": 2}, other, None, "Ada", "shallow", FIRST_CYCLE + HOUR
        )
        selection.operating_points.note(connection, changed)

    rated.cycle(FIRST_CYCLE + 2 * HOUR, steps=("snapshot", "train"))

    with read(rated.engine) as connection:
        newest = registry.versions(connection, "maturity")[0]
    assert newest.record is not None
    assert newest.record["parameters"] == other
    assert newest.record["settings"]["depth"] == 2
