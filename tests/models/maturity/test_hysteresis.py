"""Ratings that do not flap."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.maturity.hysteresis import NONE, settle

CUTS = (0.6, 1.4)
LEVELS = st.floats(0, 2, allow_nan=False)


def one(expected, previous=None, margin=0.1):
    ratings = settle(
        np.array([expected]), CUTS, margin, None if previous is None else np.array([previous], dtype=np.int64)
    )
    return int(ratings.level[0]), int(ratings.close_to[0])


def test_without_a_last_rating_the_cuts_decide():
    assert [one(e)[0] for e in (0.59, 0.6, 1.39, 1.4)] == [0, 1, 1, 2]


def test_a_rating_stays_until_the_evidence_is_a_margin_beyond_the_cut():
    assert [one(e, previous=1)[0] for e in (0.45, 0.55, 1.45, 1.55)] == [0, 1, 1, 2]


def test_medium_just_below_the_cut_is_close_to_high():
    assert one(1.35) == (1, 2)


def test_a_kept_rating_is_close_to_the_level_it_was_kept_from():
    assert one(1.45, previous=1) == (1, 2)


def test_clear_evidence_is_close_to_nothing():
    assert one(1.0) == (1, NONE)


def test_no_last_rating_is_the_same_as_none_given():
    assert one(1.45, previous=NONE) == one(1.45)


@given(LEVELS, st.sampled_from([0, 1, 2]), st.floats(0, 0.39))
@settings(max_examples=100, deadline=None)
def test_rating_twice_changes_nothing(expected, previous, margin):
    level, _ = one(expected, previous, margin)

    assert one(expected, level, margin)[0] == level


@given(LEVELS, LEVELS, st.sampled_from([NONE, 0, 1, 2]))
@settings(max_examples=100, deadline=None)
def test_more_maturity_never_lowers_the_rating(one_level, other_level, previous):
    low, high = sorted((one_level, other_level))

    assert one(low, previous)[0] <= one(high, previous)[0]


@given(LEVELS, st.floats(-0.1, 0.1))
@settings(max_examples=100, deadline=None)
def test_a_wobble_within_the_margin_changes_no_settled_rating(expected, wobble):
    level, _ = one(expected)

    assert one(expected + 0.999 * wobble, level)[0] == level
