"""The operating point in force of a decision that follows from a forecast, and what it comes to in words."""

from datetime import datetime

from sqlalchemy import Connection

from daemon.state import operating_points
from models.decisions import ANOMALY, FALLING
from models.goals import Choice, Found, Goal, share_in_words

WORDS = {FALLING: "falling usage", ANOMALY: "anomalies"}

USUAL = {
    FALLING: "a fall is told where its interval leaves out that there is none",
    ANOMALY: "anomalies are raised by their share of false alarms",
}
"""What serves where nothing was selected."""


def score_in_force(connection: Connection, decision: str, at: datetime) -> float | None:
    """The score from which a decision is taken in a run with this cut; None: by the usual rule."""
    return score_of(operating_points.in_force(connection, decision, at))


def score_of(selected: operating_points.Selected | None) -> float | None:
    """The score that was selected; None: nothing was, or it was taken back."""
    cut = selected.found["cut"] if selected and selected.found else None
    return None if cut is None else float(cut["lower"])


def goal_in_words(decision: str, goal: Goal) -> str:
    """As an admin would say it."""
    promised = [
        f"{name} of at least {value:.2f}"
        for name, value in (("precision", goal.precision), ("recall", goal.recall))
        if value is not None
    ]
    held = f" with a {' and a '.join(promised)}" if promised else ""
    return f"the most {goal.maximize} of {WORDS[decision]}{held}"


def choice_in_words(decision: str, choice: Choice) -> str:
    """What the goal comes to, in a sentence with its figures."""
    if choice.cut is None:
        tried = choice.usual.labels - choice.reported_on.labels
        return (
            f"No score of {WORDS[decision]} keeps that with 90 % confidence on {tried} held-out decisions; "
            f"as usual, {USUAL[decision]} ({_figures(choice.usual)} on all {choice.usual.labels})."
        )
    cut, newest = choice.cut, choice.reported_on
    return (
        f"{WORDS[decision].capitalize()} from a score of {cut.lower:.2f}: {_figures(cut.found)} on the "
        f"{cut.found.labels} decisions it was chosen on; {_figures(newest)} on the {newest.labels} newest, "
        f"which it was not chosen on. As usual, {USUAL[decision]}: {_figures(choice.usual)} on all."
    )


def _figures(found: Found) -> str:
    return f"accuracy {share_in_words(found.accuracy)}, {found.words}"
