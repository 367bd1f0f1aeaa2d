"""The operating point in force: the goal that a person selected, applied to a version's own predictions.

The goal is what is selected; the cut points follow from it, for each version from what that version predicted
of labels it did not know. So a challenger trained later serves the same goal with its own numbers.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from daemon.state import operating_points, registry
from daemon.state.operating_points import Parameters
from models.artifact import Artifact
from models.goals import Choice
from models.maturity.goal_cuts import Goal, choose, with_cut
from models.maturity.held_out import HeldOut
from models.tables import LEVELS

TASK = "maturity"


def goal_of(selected: operating_points.Selected | None) -> Goal | None:
    """The goal in force; None: the level cut serves."""
    return Goal(**selected.goal) if selected and selected.goal else None


def parameters_in_use(
    configured: Parameters, selected: operating_points.Selected | None
) -> dict[str, float | None]:
    """Those of config.toml, but for what was selected."""
    return {**configured, **(selected.parameters if selected else {})}


def choice_for(connection: Connection, version: registry.Version, at: datetime) -> tuple[Goal, Choice] | None:
    """The goal in force for a run with this cut, and what a version makes of it; None without a goal."""
    goal = goal_of(operating_points.in_force(connection, TASK, at))
    stored = registry.held_out(connection, version) if goal else None
    return None if goal is None or stored is None else (goal, choose(HeldOut.from_bytes(stored), goal))


def served_cuts(
    connection: Connection, version: registry.Version, cuts: Sequence[float], at: datetime
) -> tuple[float, ...]:
    """The cut points that turn a version's expected levels into ratings in a run with this cut.

    cuts: the level cut, which the model was trained with.
    """
    found = choice_for(connection, version, at)
    return tuple(cuts) if found is None else with_cut(cuts, found[0].level, found[1].cut)


def level_cut(connection: Connection, version: registry.Version) -> tuple[tuple[float, ...], float]:
    """The cut points that a version was trained with, and its margin; the trees are not loaded.

    raises: ArtifactError where its bytes are not what was kept.
    """
    artifact = Artifact.from_bytes(registry.content(connection, version), version.artifact)
    about = artifact.json("maturity.json")
    return tuple(about["cuts"]), about["margin"]


def goal_in_words(goal: Goal) -> str:
    """As an admin would say it."""
    promised = [
        f"{name} of at least {value:.2f}"
        for name, value in (("precision", goal.precision), ("recall", goal.recall))
        if value is not None
    ]
    held = f" with a {' and a '.join(promised)}" if promised else ""
    return f"the most {goal.maximize} of {LEVELS[goal.level]}{held}"


def choice_in_words(goal: Goal, choice: Choice) -> str:
    """What the goal comes to, in a sentence with its figures."""
    level = LEVELS[goal.level]
    if choice.cut is None:
        labels = choice.usual.labels - choice.reported_on.labels
        return (
            f"No cut for {level} keeps that with 90 % confidence on {labels} labels; the level cut serves "
            f"({choice.usual.words} on all {choice.usual.labels})."
        )
    rule = " and ".join(
        f"{words} {bound:.2f}"
        for words, bound in (("at least", choice.cut.lower), ("under", choice.cut.upper))
        if bound is not None
    )
    return (
        f"{level.capitalize()} is an expected level of {rule}: {choice.cut.found.words} on the "
        f"{choice.cut.found.labels} labels it was chosen on; {choice.reported_on.words} on the "
        f"{choice.reported_on.labels} newest, which it was not chosen on."
    )
