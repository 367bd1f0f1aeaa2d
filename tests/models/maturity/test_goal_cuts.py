"""A cut for a stated goal: what is promised is kept, or it is said that nothing keeps it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.goals import FEWEST_SELECTED, REPORT_SHARE, selects
from models.maturity.goal_cuts import Goal, choose, with_cut
from models.maturity.held_out import HeldOut
from models.maturity.levels import expected_level

HIGH, MEDIUM, LOW = 2, 1, 0


def held_out(n: int, seed: int, noise: float = 0.6) -> HeldOut:
    """Calibrated predictions of three levels, one label a day; the more noise, the less they know."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(n, 1)) / noise * np.array([-1.0, 0.0, 1.0])
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    level = (rng.random((n, 1)) > probabilities.cumsum(axis=1)).sum(axis=1)
    return HeldOut(
        account_id=np.array([f"001{number:015}" for number in range(n)]),
        at=np.datetime64("2025-01-01", "us") + np.arange(n) * np.timedelta64(1, "D"),
        level=np.minimum(level, HIGH),
        rating=probabilities.argmax(axis=1),
        probabilities=np.rint(probabilities * 65535).astype(np.uint16),
    )


goals = st.builds(
    Goal,
    maximize=st.sampled_from(["recall", "precision", "f1"]),
    level=st.sampled_from([LOW, MEDIUM, HIGH]),
    precision=st.none() | st.floats(0.3, 0.95),
    recall=st.none() | st.floats(0.1, 0.9),
)


@given(goals, st.integers(0, 10**6), st.sampled_from([90, 300]))
def test_a_cut_that_is_chosen_keeps_all_that_is_promised(goal: Goal, seed: int, n: int) -> None:
    cut = choose(held_out(n, seed), goal).cut

    if cut is not None:
        assert cut.found.selected >= FEWEST_SELECTED
        assert cut.found.precision_bound >= (goal.precision or 0)
        assert cut.found.recall_bound >= (goal.recall or 0)


@given(goals, st.integers(0, 10**6))
def test_a_cut_selects_what_it_says_it_found(goal: Goal, seed: int) -> None:
    one = held_out(150, seed)
    choice = choose(one, goal)
    earlier = one.account_id[: 150 - int(150 * REPORT_SHARE)]

    for point in choice.curve:
        taken = selects(expected_level(one.shares())[: len(earlier)], point.lower, point.upper)
        assert point.found.selected == taken.sum()
        assert point.found.hits == (taken & (one.level[: len(earlier)] == goal.level)).sum()


@given(goals, st.integers(0, 10**6), st.tuples(st.floats(0, 2), st.floats(0, 2)).map(sorted))
def test_cut_points_never_decrease(goal: Goal, seed: int, cuts: list[float]) -> None:
    changed = with_cut(cuts, goal.level, choose(held_out(90, seed), goal).cut)

    assert list(changed) == sorted(changed)


@given(st.integers(0, 10**6), st.floats(0.5, 0.8), st.floats(0.01, 0.15))
def test_to_promise_more_never_finds_more(seed: int, precision: float, more: float) -> None:
    one = held_out(200, seed)
    hits = [
        cut.found.hits if (cut := choose(one, Goal("recall", HIGH, precision=promised)).cut) else 0
        for promised in (precision, precision + more)
    ]

    assert hits[1] <= hits[0]


def test_the_newest_third_is_not_chosen_on() -> None:
    one = held_out(300, seed=1)
    scrambled = replace(one, level=np.where(np.arange(300) < 200, one.level, 2 - one.level))
    goal = Goal("recall", HIGH, precision=0.7)

    assert choose(scrambled, goal).cut == choose(one, goal).cut
    assert choose(scrambled, goal).reported_on != choose(one, goal).reported_on


def test_where_nothing_keeps_the_promise_there_is_no_cut_and_the_level_cut_is_told() -> None:
    one = held_out(300, seed=1, noise=50.0)
    choice = choose(one, Goal("recall", HIGH, precision=0.9))

    assert choice.cut is None
    assert choice.usual.selected == (one.rating == HIGH).sum()


@pytest.mark.parametrize("level", [LOW, MEDIUM, HIGH])
def test_each_level_is_cut_on_the_sides_where_it_has_a_neighbour(level: int) -> None:
    cut = choose(held_out(600, seed=2), Goal("f1", level)).cut

    assert cut is not None
    assert (cut.lower is None, cut.upper is None) == (level == LOW, level == HIGH)


def test_the_promise_is_kept_on_new_accounts_far_more_often_than_by_the_point_estimate() -> None:
    """reference: .12 to .13 of promises broken by the bound, .55 by the point, at n = 1,000 to 3,000."""
    goal = Goal("recall", HIGH, precision=0.7)
    new = held_out(20_000, seed=10**7)
    expected, truth = expected_level(new.shares()), new.level == HIGH
    broken = []
    for seed in range(40):
        cut = choose(held_out(900, seed), goal).cut
        if cut is not None:
            broken.append(truth[selects(expected, cut.lower, cut.upper)].mean() < 0.7)

    assert len(broken) > 30
    assert np.mean(broken) <= 0.3
