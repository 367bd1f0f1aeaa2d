"""The score that a person selected counts from the next run on, for its decision alone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from daemon.decision_point import choice_in_words, score_in_force, warning_in_words
from daemon.state import operating_points
from daemon.state.engine import read, write
from daemon.state.operating_points import Selected
from models.decisions import ANOMALY, FALLING
from models.found import Found
from models.goals import Choice, CurvePoint, Goal
from tests.conftest import NOW

HOUR = timedelta(hours=1)
GOAL = {"maximize": "recall", "precision": 0.8, "recall": None}


@pytest.fixture
def selected(engine: Engine) -> Engine:
    """Falls are told from .6 on."""
    figures = {"cut": {"lower": 0.6}, "reported_on": {}}
    with write(engine) as connection:
        operating_points.note(connection, Selected(FALLING, GOAL, {}, figures, "Ada", "asked", NOW))
    return engine


def test_a_run_that_was_cut_before_decides_as_usual(selected: Engine) -> None:
    with read(selected) as connection:
        scores = [score_in_force(connection, FALLING, at) for at in (NOW - HOUR, NOW + HOUR)]

    assert scores == [None, 0.6]


def test_the_other_decision_stays_as_it_was(selected: Engine) -> None:
    with read(selected) as connection:
        assert score_in_force(connection, ANOMALY, NOW + HOUR) is None


def test_what_was_taken_back_counts_no_more(selected: Engine) -> None:
    with write(selected) as connection:
        operating_points.note(connection, Selected(FALLING, None, {}, None, "Ada", "enough", NOW + HOUR))

    with read(selected) as connection:
        assert score_in_force(connection, FALLING, NOW + 2 * HOUR) is None


def chosen(selected: int, hits: int) -> Choice:
    """From .6 on, on four cuts; what was selected on the newest, and how much of it came true."""
    return Choice(
        cut=CurvePoint(0.6, None, Found(60, 12, 20, 10, 0.31, 0.66)),
        reported_on=Found(30, 6, selected, hits, 0.0, 0.0),
        usual=Found(90, 18, 4, 4, 0.52, 0.13),
        curve=(),
        clusters=4,
    )


def test_what_a_selection_comes_to_is_said_with_its_figures_beside_the_usual_rules() -> None:
    assert choice_in_words(FALLING, chosen(9, 5)) == (
        "Falling usage from a score of 0.60: accuracy 0.80, precision 0.50 (at least 0.31 with 90 % "
        "confidence), recall 0.83 on the 60 decisions of 4 cuts it was chosen on; accuracy 0.83, precision "
        "0.56, recall 0.83 on the 30 newest, which it was not chosen on. As usual, a fall is told where its "
        "interval leaves out that there is none: accuracy 0.84, precision 1.00 (at least 0.52 with 90 % "
        "confidence), recall 0.22 on all."
    )


def test_newest_decisions_that_speak_against_the_promise_are_told_in_plain_words() -> None:
    goal = Goal("recall", precision=0.6)

    assert warning_in_words(chosen(25, 10), goal) == (
        "Warning: the newest decisions speak against it: of 25 decided from that score on 10 came true. If a "
        "precision of 0.60 were kept, so few would be a chance of less than one in ten. Something may have "
        "changed: ask for more, or wait for newer cuts."
    )
    assert warning_in_words(chosen(25, 13), goal) is None


def test_where_nothing_was_found_nothing_speaks_against_it() -> None:
    assert warning_in_words(replace(chosen(25, 1), cut=None), Goal("recall", precision=0.6)) is None


def test_where_nothing_was_found_more_cuts_are_asked_for_and_two_at_least() -> None:
    usual = "As usual, a fall is told where its interval leaves out that there is none"
    several = replace(chosen(4, 4), cut=None)

    assert choice_in_words(FALLING, several).startswith(
        "No score of falling usage keeps that with 90 % confidence on 60 held-out decisions of 4 cuts; one "
        f"that comes near may on more of them ([forecast.grid] cuts). {usual}"
    )
    assert choice_in_words(FALLING, replace(several, clusters=1)).startswith(
        "Nothing can be promised of falling usage: a score would be chosen on 1 cut, and a promise takes two "
        f"at least, beside the newest third, which only checks it ([forecast.grid] cuts). {usual}"
    )
