"""Which accounts to rate first: unsure ones, unlike each other, the same each time."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from models.maturity.worth_rating import worth_rating
from tests.models.maturity.labelled import accounts

N = 60
FRAME, _ = accounts(N, seed=1)
NOBODY, ALL = np.zeros(N, dtype=bool), np.ones(N, dtype=bool)


def unsure_only(*rows: int) -> np.ndarray:
    shares = np.tile([0.98, 0.01, 0.01], (N, 1))
    shares[list(rows)] = [0.4, 0.3, 0.3]
    return shares


def test_accounts_that_the_model_is_unsure_of_come_first():
    rated = NOBODY.copy()
    rated[:5] = True

    picked = worth_rating(FRAME, rated, ALL, unsure_only(20, 30, 40), 3)

    assert {each.row for each in picked} == {20, 30, 40}
    assert all(each.uncertainty > 0.9 for each in picked)


def test_of_two_alike_only_one_is_picked_early():
    frame = pd.concat([FRAME.iloc[:5], FRAME.iloc[[7, 7, 9]]])
    rated = np.arange(8) < 5

    picked = worth_rating(frame, rated, ~rated, None, 2)

    assert {each.row for each in picked} in ({5, 7}, {6, 7})
    assert picked[0].uncertainty is None


@given(st.integers(0, N + 5), st.integers(0, 50), st.booleans())
@settings(max_examples=20, deadline=None)
def test_nobody_is_picked_twice_who_is_rated_or_not_eligible(count, seed, with_model):
    rng = np.random.default_rng(seed)
    rated, eligible = rng.random(N) < 0.2, rng.random(N) < 0.7
    shares = rng.dirichlet([1, 1, 1], N) if with_model else None

    rows = [each.row for each in worth_rating(FRAME, rated, eligible, shares, count)]

    assert len(set(rows)) == len(rows) == min(count, int((eligible & ~rated).sum()))
    assert all(eligible[row] and not rated[row] for row in rows)


def test_the_list_is_the_same_each_time_and_begins_in_the_middle_where_nobody_is_rated():
    first, again = (worth_rating(FRAME, NOBODY, ALL, None, 10) for _ in range(2))

    assert first == again
    assert first[0].distance == 0.0
    assert all(each.distance > 0 for each in first[1:])


def test_an_outlier_and_a_lone_missing_value_do_not_stretch_the_distances():
    frame = FRAME.copy()
    frame.iloc[3, 0] = 1e12

    usual, stretched = (worth_rating(f, NOBODY, ALL, None, 5) for f in (FRAME, frame))

    assert max(each.distance for each in stretched) < 2 * max(each.distance for each in usual)
