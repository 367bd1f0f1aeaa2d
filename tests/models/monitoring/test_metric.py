"""Deviation of the maximised metric, paired on the same accounts."""

import numpy as np
import pytest

from models.maturity.metrics import macro_f1
from models.monitoring.metric import metric_deviation


def worsened(n, share, seed=0):
    """Labels, ratings right in 70 %, and ratings of which `share` were made wrong since."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, 3, n)
    before = np.where(rng.random(n) < 0.7, true, rng.integers(0, 3, n))
    now = np.where(rng.random(n) < share, (true + 1) % 3, before)
    return true, before, now


def compare(true, before, now, **options):
    return metric_deviation(true, before, now, np.random.default_rng(1), **options)


def test_macro_f1_is_that_of_the_counts():
    counts = np.array([[[5.0, 0, 0], [0, 3, 2], [0, 0, 0]]])

    assert macro_f1(counts) == pytest.approx([(1 + 6 / 8 + 0) / 3])


def test_a_class_that_never_occurs_is_left_out():
    assert macro_f1(np.diag([4.0, 6, 0])) == 1


def test_equal_ratings_are_no_drop():
    true, before, _ = worsened(3000, 0)

    found = compare(true, before, before)

    assert (found.drop, found.z, found.alarm) == (0, 0, False)
    assert found.low < found.now < found.high


def test_a_clear_drop_among_many_rings_at_once():
    found = compare(*worsened(3000, 0.06))

    assert found.alarm
    assert found.z >= 2.6
    assert found.drop == pytest.approx(found.before - found.now)
    assert found.drop >= found.threshold == 0.015


def test_a_drop_among_few_must_come_twice():
    once = compare(*worsened(1000, 0.06))
    again = compare(*worsened(1000, 0.06), suspicious_last_run=once.suspicious)

    assert (once.suspicious, once.alarm) == (True, False)
    assert again.alarm
    assert again.threshold == 0.01
    assert again.blind_below == 0.05


def test_better_ratings_ring_no_alarm():
    true, before, now = worsened(3000, 0.06)

    found = compare(true, now, before)

    assert found.drop < 0
    assert not found.suspicious


def test_undisturbed_retraining_rings_no_alarm():
    """A retraining draws a few ratings anew, no better and no worse than before."""
    for seed in range(20):
        true, before, _ = worsened(2500, 0, seed)
        redrawn = np.random.default_rng(seed + 100).random(2500) < 0.06
        other = np.random.default_rng(seed + 200)
        anew = np.where(other.random(2500) < 0.7, true, other.integers(0, 3, 2500))

        assert not compare(true, before, np.where(redrawn, anew, before)).alarm


def test_one_seed_gives_one_answer():
    assert compare(*worsened(2500, 0.03)) == compare(*worsened(2500, 0.03))


def test_another_metric_may_be_watched():
    def accuracy(counts):
        return np.trace(counts, axis1=-2, axis2=-1) / counts.sum(axis=(-2, -1))

    true, before, now = worsened(3000, 0.05)

    found = compare(true, before, now, metric=accuracy)

    assert found.before == pytest.approx((true == before).mean())
    assert found.now == pytest.approx((true == now).mean())


@pytest.mark.parametrize("ratings", [np.array([], dtype=int), np.array([1, 2])])
def test_ratings_that_do_not_match_the_labels_are_refused(ratings):
    with pytest.raises(ValueError, match="as many ratings"):
        compare(ratings, ratings[:1], ratings[:1])
