"""Temperature and cut points."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from models.maturity.cuts import choose_cuts, choose_offsets, choose_temperature, class_point, operating_point
from models.maturity.levels import expected_level


def drawn(raw, rng):
    """Levels drawn from the probabilities that raw scores say."""
    p = np.exp(raw) / np.exp(raw).sum(axis=1, keepdims=True)
    return (rng.random((len(raw), 1)) > p.cumsum(axis=1)).sum(axis=1)


@given(
    arrays.arrays(float, st.tuples(st.integers(3, 40), st.just(3)), elements=st.floats(-5, 5)),
    st.randoms(use_true_random=False),
)
@settings(max_examples=25, deadline=None)
def test_cuts_never_decrease_and_give_each_level_its_share(raw, random):
    level = np.array([random.randrange(3) for _ in raw])
    probabilities = np.exp(raw) / np.exp(raw).sum(axis=1, keepdims=True)

    cuts = choose_cuts(probabilities, level)

    assert 0 <= cuts[0] <= cuts[1] <= 2
    expected = expected_level(probabilities)
    for k, cut in enumerate(cuts, start=1):
        wanted = (level < k).sum()
        assert (expected < cut).sum() <= wanted <= (expected <= cut).sum()


def test_calibrated_scores_are_left_nearly_alone():
    rng = np.random.default_rng(0)
    raw = rng.normal(size=(2000, 3))

    assert choose_temperature(raw, drawn(raw, rng)) == pytest.approx(1, abs=0.1)


def test_scores_three_times_too_sure_get_a_temperature_of_three():
    rng = np.random.default_rng(0)
    raw = rng.normal(size=(2000, 3))

    assert choose_temperature(3 * raw, drawn(raw, rng)) == pytest.approx(3, rel=0.15)


def test_offsets_let_a_rare_class_be_rated_as_often_as_it_occurs():
    rng = np.random.default_rng(0)
    raw = rng.normal(size=(3000, 4)) + np.array([2.0, 0.0, 0.0, -1.0])
    level = drawn(raw, rng)

    probabilities, rating = class_point(raw, level).rate(raw)

    assert np.bincount(probabilities.argmax(axis=1), minlength=4)[3] < 0.4 * np.bincount(level)[3]
    assert np.bincount(rating) == pytest.approx(np.bincount(level), abs=30)


def test_offsets_leave_a_class_that_never_occurs_unrated():
    raw = np.random.default_rng(0).normal(size=(300, 3))
    level = raw[:, :2].argmax(axis=1)

    offsets = choose_offsets(np.exp(raw) / np.exp(raw).sum(axis=1, keepdims=True), level)

    assert offsets[2] == min(offsets)


def test_an_operating_point_rates_by_the_expected_level():
    rng = np.random.default_rng(0)
    raw = 2 * rng.normal(size=(500, 3))
    level = drawn(raw, rng)

    probabilities, rating = operating_point(raw, level).rate(raw)

    assert np.bincount(rating).tolist() == np.bincount(level).tolist()
    assert (np.diff(rating[np.argsort(expected_level(probabilities))]) >= 0).all()
