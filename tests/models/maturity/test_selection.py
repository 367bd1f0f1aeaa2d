"""Which configuration serves a goal, and when one that looks better is left alone."""

from dataclasses import replace

import numpy as np

from models.maturity.goal_cuts import Goal
from models.maturity.held_out import HeldOut
from models.maturity.selection import align, choose_configuration, pool
from tests.models.maturity.test_goal_cuts import HIGH, held_out

GOAL = Goal("recall", HIGH, precision=0.6)


def blurred(one: HeldOut, share: float, seed: int) -> HeldOut:
    """The same labels, a share of them predicted as another account's."""
    rng = np.random.default_rng(seed)
    rows = np.arange(len(one.level))
    hit = rng.random(len(rows)) < share
    rows[hit] = rng.permutation(rows[hit])
    return replace(one, probabilities=one.probabilities[rows], rating=one.rating[rows])


def test_a_clearly_better_configuration_is_chosen() -> None:
    good = held_out(900, seed=1, noise=0.4)

    selection = choose_configuration({"in use": blurred(good, 0.5, 1), "good": good}, "in use", GOAL, 0)

    assert (selection.chosen, selection.beyond_noise) == ("good", True)


def test_among_equals_the_one_in_use_stays() -> None:
    """Fifteen that differ by noise alone: the best of them is the luckiest."""
    good = held_out(300, seed=1, noise=0.4)
    equals = {f"{seed}": blurred(good, 0.05, seed) for seed in range(15)}

    selection = choose_configuration(equals, "7", GOAL, 0)

    assert selection.chosen == "7"


def test_where_only_another_reaches_the_goal_it_is_chosen() -> None:
    good = held_out(600, seed=1, noise=0.3)
    goal = Goal("recall", HIGH, precision=0.8)

    selection = choose_configuration({"in use": blurred(good, 1.0, 1), "good": good}, "in use", goal, 0)

    assert selection.choices["in use"].cut is None
    assert (selection.chosen, selection.beyond_noise) == ("good", None)


def test_configurations_are_compared_on_the_labels_that_all_have_predicted() -> None:
    one = held_out(300, seed=1)
    part = HeldOut(*(values[100:] for values in vars(one).values()))

    aligned = align({"one": one, "part": part})

    assert all((each.account_id == part.account_id).all() for each in aligned.values())


def test_a_label_counts_once_as_the_newest_training_predicted_it() -> None:
    newest, older = held_out(200, seed=1), blurred(held_out(300, seed=1), 1.0, 2)

    pooled = pool([newest, older])

    assert len(pooled.level) == 300
    assert (pooled.probabilities[:200] == newest.probabilities).all()
