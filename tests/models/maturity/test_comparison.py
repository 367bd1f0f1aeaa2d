"""Two models on the same labels."""

import numpy as np
import pytest

from models.maturity.comparison import compare
from models.maturity.evaluate import Predicted


def said(level: np.ndarray, share_right: float, seed: int) -> Predicted:
    """Ratings of which a share is right, and probabilities that say so."""
    rng = np.random.default_rng(seed)
    rating = np.where(rng.random(len(level)) < share_right, level, rng.integers(0, 3, len(level)))
    probabilities = 0.2 + 0.4 * np.eye(3)[rating]
    return Predicted(np.arange(len(level)), probabilities, rating)


LEVEL = np.random.default_rng(0).integers(0, 3, 300)
ACCOUNTS = np.array([f"account {number}" for number in range(300)])


def test_a_better_model_gains_in_both_and_the_interval_says_so():
    found = compare(said(LEVEL, 0.8, 1), said(LEVEL, 0.3, 2), LEVEL, ACCOUNTS, seed=0)

    assert 0 < found.log_loss_low < found.log_loss_gain < found.log_loss_high
    assert 0 < found.macro_f1_low < found.macro_f1_gain < found.macro_f1_high
    assert not found.worse


def test_the_other_way_round_it_is_worse():
    one, other = said(LEVEL, 0.8, 1), said(LEVEL, 0.3, 2)

    forth, back = (compare(*pair, LEVEL, ACCOUNTS, seed=0) for pair in ((one, other), (other, one)))

    assert back.worse
    assert back.log_loss_gain == pytest.approx(-forth.log_loss_gain)


def test_a_tie_is_not_worse():
    assert not any(
        compare(said(LEVEL, 0.5, seed), said(LEVEL, 0.5, seed + 100), LEVEL, ACCOUNTS, seed=0).worse
        for seed in range(5)
    )


def test_rows_of_one_account_count_as_one_opinion():
    one, other = said(LEVEL, 0.6, 1), said(LEVEL, 0.5, 2)
    few = np.array([f"account {number // 30}" for number in range(300)])

    apart, together = (compare(one, other, LEVEL, group, seed=0) for group in (ACCOUNTS, few))

    assert together.n == apart.n
    assert together.log_loss_high - together.log_loss_low != apart.log_loss_high - apart.log_loss_low
