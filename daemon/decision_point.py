"""The operating point in force of a decision that follows from a forecast, and what it comes to in words."""

from datetime import datetime

from sqlalchemy import Connection

from daemon.state import operating_points
from models.confidence import FEWEST_CLUSTERS
from models.decisions import ANOMALY, FALLING
from models.found import Found, share_in_words
from models.goals import Choice, Goal, speaks_against

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
    cuts = f"{choice.clusters} cut{'' if choice.clusters == 1 else 's'}"
    if choice.cut is None:
        usual = f"{USUAL[decision]} ({_figures(choice.usual)} on all {choice.usual.labels})"
        return f"{_nothing(decision, choice, cuts)} As usual, {usual}."
    cut, newest = choice.cut, choice.reported_on
    return (
        f"{WORDS[decision].capitalize()} from a score of {cut.lower:.2f}: {_figures(cut.found)} on the "
        f"{cut.found.labels} decisions of {cuts} it was chosen on; accuracy "
        f"{share_in_words(newest.accuracy)}, precision {share_in_words(newest.precision)}, recall "
        f"{share_in_words(newest.recall)} on the {newest.labels} newest, which it was not chosen on. As "
        f"usual, {USUAL[decision]}: {_figures(choice.usual)} on all."
    )


def _nothing(decision: str, choice: Choice, cuts: str) -> str:
    """Why no score was found, and what would help."""
    if (choice.clusters or 0) < FEWEST_CLUSTERS:
        return (
            f"Nothing can be promised of {WORDS[decision]}: a score would be chosen on {cuts}, and a promise "
            "takes two at least, beside the newest third, which only checks it ([forecast.grid] cuts)."
        )
    tried = choice.usual.labels - choice.reported_on.labels
    return (
        f"No score of {WORDS[decision]} keeps that with 90 % confidence on {tried} held-out decisions of "
        f"{cuts}; one that comes near may on more of them ([forecast.grid] cuts)."
    )


def warning_in_words(choice: Choice, goal: Goal) -> str | None:
    """What the newest decisions say against a score that was found; None: nothing."""
    newest = choice.reported_on
    against = () if choice.cut is None else speaks_against(newest, goal)
    said = {
        "precision": f"of {newest.selected} decided from that score on {newest.hits} came true",
        "recall": f"of {newest.positives} that came true {newest.hits} would have been decided",
    }
    if not against:
        return None
    promised = " and ".join(f"a {name} of {getattr(goal, name):.2f}" for name in against)
    return (
        f"Warning: the newest decisions speak against it: {'; '.join(said[name] for name in against)}. If "
        f"{promised} were kept, so few would be a chance of less than one in ten. Something may have "
        f"changed: ask for more, or wait for newer cuts."
    )


def _figures(found: Found) -> str:
    return f"accuracy {share_in_words(found.accuracy)}, {found.words}"
