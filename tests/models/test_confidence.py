"""What a share is at least: single draws by definition, clusters by what they are worth."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import norm

from models.confidence import clustered_lower_bound, lower_bound, upper_bound

shares = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=2, max_size=8)


def clustered(hits: list[int], tried: list[int]) -> float:
    columns = (np.array(each)[:, None] for each in (hits, tried))
    return float(clustered_lower_bound(*columns)[0])


@given(st.integers(0, 400), st.integers(0, 400))
@example(0, 67)
def test_a_bound_is_never_above_the_share_itself(hits: int, misses: int) -> None:
    tried = hits + misses
    low, high = (float(end(np.array(hits), np.array(tried))) for end in (lower_bound, upper_bound))

    assert 0 <= low <= hits / max(tried, 1)
    assert (hits / tried if tried else 1) <= high <= 1


@pytest.mark.parametrize(("hits", "tried"), [(8, 10), (19, 20), (640, 800)])
def test_at_its_bound_the_share_found_is_a_one_sided_90_percent_surprise(hits: int, tried: int) -> None:
    """What defines Wilson's bound: the score test just rejects it."""
    bound = float(lower_bound(np.array(hits), np.array(tried)))

    surprise = (hits / tried - bound) / np.sqrt(bound * (1 - bound) / tried)
    assert norm.sf(surprise) == pytest.approx(0.1)


@given(shares)
def test_clusters_never_promise_more_than_as_many_single_draws(each: list[tuple[int, int]]) -> None:
    hits, tried = [hit for hit, _ in each], [hit + miss for hit, miss in each]

    assert 0 <= clustered(hits, tried) <= float(lower_bound(np.array(sum(hits)), np.array(sum(tried))))


def test_clusters_that_agree_promise_more_than_those_that_differ() -> None:
    tried = [20, 20, 20, 20]

    assert clustered([16, 16, 16, 16], tried) > 0.7
    assert clustered([20, 20, 16, 8], tried) < 0.6


def test_many_clusters_of_one_each_promise_what_single_draws_do() -> None:
    single = float(lower_bound(np.array(640), np.array(800)))

    assert clustered([1] * 640 + [0] * 160, [1] * 800) == pytest.approx(single, abs=1e-4)


def test_one_cluster_promises_nothing_however_large() -> None:
    assert clustered([500, 0], [500, 0]) == 0
