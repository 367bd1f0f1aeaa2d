"""A score to decide from, chosen from decisions that were kept with what came true."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.decisions import NO, NOT_KNOWN, YES, Decided, choose, pooled
from models.errors import ArtifactError
from models.goals import Goal

CUT = date(2026, 3, 1)

goals = st.builds(
    Goal,
    maximize=st.sampled_from(["recall", "precision", "f1"]),
    precision=st.none() | st.floats(0.3, 0.95),
    recall=st.none() | st.floats(0.1, 0.9),
)


def decided(n: int, seed: int) -> Decided:
    """The higher the score, the more often it comes true; a third has no score to speak of."""
    rng = np.random.default_rng(seed)
    score = np.where(rng.random(n) < 1 / 3, 0.0, rng.exponential(1.0, n))
    came_true = rng.random(n) < np.clip(score / 3, 0.02, 0.98)
    return Decided.of(
        [
            (
                f"001{row:015}",
                CUT + timedelta(days=row),
                "fall",
                score[row],
                score[row] >= 1,
                int(came_true[row]),
            )
            for row in range(n)
        ]
    )


@given(goals, st.integers(0, 10**6), st.sampled_from([60, 300]))
def test_a_score_of_nothing_is_never_enough_whatever_the_goal(goal: Goal, seed: int, n: int) -> None:
    choice = choose(decided(n, seed), goal)

    assert all(point.lower is not None and point.lower > 0 for point in choice.curve)
    assert choice.cut is None or (choice.cut.lower or 0) > 0


@given(st.integers(0, 10**6))
def test_from_the_score_on_is_taken_what_the_choice_says_it_took(seed: int) -> None:
    rows = decided(300, seed)
    cut = choose(rows, Goal("f1")).cut

    assert cut is not None
    earlier = rows.score[: cut.found.labels]
    assert cut.found.selected == (earlier >= (cut.lower or 0)).sum()


def test_what_has_no_score_or_no_outcome_yet_is_left_out() -> None:
    rows = decided(300, seed=1)
    unknown = Decided.of(
        [
            ("001000000000999999", CUT, "stop", float("nan"), True, YES),
            ("001000000000999998", CUT, "fall", 5.0, True, NOT_KNOWN),
        ]
    )
    goal = Goal("recall", precision=0.5)

    assert choose(pooled([rows, unknown]), goal) == choose(rows, goal)


def test_the_usual_rule_is_counted_with_what_has_no_score_and_without_what_is_not_known() -> None:
    rows = Decided.of(
        [
            ("001", CUT, "stop", float("nan"), True, YES),
            ("002", CUT, "spike", 3.0, False, YES),
            ("003", CUT, "spike", 3.0, True, NO),
            ("004", CUT, "spike", 9.0, True, NOT_KNOWN),
        ]
    )

    usual = rows.usually()

    assert (usual.labels, usual.positives, usual.selected, usual.hits) == (3, 2, 2, 1)
    assert usual.accuracy == pytest.approx(1 / 3)


def test_decisions_come_back_from_their_bytes_and_other_bytes_are_refused() -> None:
    rows = decided(20, seed=2)

    again = Decided.from_bytes(rows.to_bytes())

    assert all(np.array_equal(part, vars(again)[name]) for name, part in vars(rows).items())
    with pytest.raises(ArtifactError, match="stored decisions cannot be read"):
        Decided.from_bytes(b"something else")


def test_without_any_decision_there_is_nothing_to_choose() -> None:
    choice = choose(Decided.of([]), Goal("f1"))

    assert choice.cut is None
    assert choice.curve == ()
