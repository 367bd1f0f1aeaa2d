"""Metrics against hand-counted cases."""

import numpy as np
import pytest

from models.maturity.metrics import (
    as_json,
    calibration_error,
    calibration_noise,
    confusion,
    macro_f1,
    measure,
    weighted_kappa,
)

LEVEL = np.array([0, 0, 1, 1, 2, 2])
RATING = np.array([0, 1, 1, 1, 2, 0])


def test_cells_are_counted_true_by_rated():
    assert confusion(LEVEL, RATING, 3).tolist() == [[1, 1, 0], [0, 2, 0], [1, 0, 1]]


def test_macro_f1_of_a_case_counted_by_hand():
    assert macro_f1(confusion(LEVEL, RATING, 3)) == pytest.approx((1 / 2 + 4 / 5 + 2 / 3) / 3)


def test_a_level_neither_rated_nor_present_does_not_count():
    assert macro_f1(confusion(np.array([0, 1]), np.array([0, 1]), 3)) == 1


def test_kappa_counts_a_miss_by_two_levels_four_times():
    near = confusion(LEVEL, np.array([0, 0, 1, 1, 2, 1]), 3)
    far = confusion(LEVEL, np.array([0, 0, 1, 1, 2, 0]), 3)

    # Squared distance observed over that of ratings shuffled among the accounts, counted by hand.
    assert weighted_kappa(near) == pytest.approx(1 - 1 / 7)
    assert weighted_kappa(far) == pytest.approx(1 - 4 / 8)


def test_kappa_of_one_rating_for_all_is_zero():
    assert weighted_kappa(confusion(LEVEL, np.zeros(6, dtype=int), 3)) == 0


def test_calibration_error_is_the_mean_gap_of_confidence_and_hits():
    sure_and_half_right = np.tile([0.9, 0.1], (10, 1))

    assert calibration_error(sure_and_half_right, np.array([0, 1] * 5)) == pytest.approx(0.4)


def test_true_probabilities_stay_under_the_noise_in_nearly_all_samples():
    rng = np.random.default_rng(1)
    high = rng.random(180)
    probabilities = np.column_stack([1 - high, high])
    errors = [calibration_error(probabilities, (rng.random(180) < high).astype(int)) for _ in range(100)]

    share_under = np.mean(np.array(errors) <= calibration_noise(probabilities, seed=0))

    assert 0.87 <= share_under <= 1


def test_a_level_never_rated_has_no_precision_and_json_says_null():
    metrics = measure(np.full((6, 3), 1 / 3), np.zeros(6, dtype=int), LEVEL)

    assert metrics.accuracy == pytest.approx(1 / 3)
    assert metrics.log_loss == pytest.approx(np.log(3))
    assert as_json(metrics)["precision"] == [pytest.approx(1 / 3), None, None]
