"""Intervals of shares and of their differences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.maturity.shares import Share, difference

SHARES = st.integers(1, 400).flatmap(lambda n: st.builds(Share, st.integers(0, n), st.just(n)))


def test_the_interval_is_wilsons():
    """Figures of Newcombe 1998 (Statistics in Medicine 17, 857), table I."""
    assert (Share(81, 263).low, Share(81, 263).high) == (
        pytest.approx(0.2553, abs=1e-4),
        pytest.approx(0.3662, abs=1e-4),
    )
    assert (Share(0, 20).low, Share(0, 20).high) == (0.0, pytest.approx(0.1611, abs=1e-4))


def test_the_interval_of_a_difference_is_newcombes():
    """Figures of Newcombe 1998 (Statistics in Medicine 17, 873), table II, method 10."""
    found = difference(Share(56, 70), Share(48, 80))

    assert (found.value, found.low, found.high) == (
        pytest.approx(0.2),
        pytest.approx(0.0524, abs=1e-4),
        pytest.approx(0.3339, abs=1e-4),
    )


def test_of_nobody_nothing_is_known():
    assert (Share(0, 0).low, Share(0, 0).high) == (0.0, 1.0)
    assert difference(Share(0, 0), Share(1, 2)) is None


@given(SHARES, SHARES)
def test_intervals_hold_what_was_found_and_turn_with_the_sides(one, other):
    forth, back = difference(one, other), difference(other, one)

    assert one.low - 1e-12 <= one.value <= one.high + 1e-12
    assert forth.low - 1e-12 <= forth.value <= forth.high + 1e-12
    assert (back.low, back.high) == (pytest.approx(-forth.high), pytest.approx(-forth.low))
