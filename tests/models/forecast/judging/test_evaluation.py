"""The table of models compares like with like, on days that nobody saw."""

from dataclasses import replace

import numpy as np
import pytest

from models.forecast import ForecastSettings, evaluate
from models.forecast.judging.metrics import coverage, mase_denominator, mean_error, smape
from models.forecast.judging.scores import Judged, by_class, score
from models.forecast.paths import Paths
from tests.models.forecast.worlds import steady


def test_mase_is_one_for_last_week_on_a_series_that_repeats_its_errors() -> None:
    values = np.array([[0, 0, 0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 2, 2]], dtype=np.float32)

    error = mean_error(np.zeros((1, 3), dtype=np.float32), np.full((1, 3), 2, dtype=np.float32))

    assert (error / mase_denominator(values)).tolist() == [1]


def test_a_series_without_weekly_change_has_no_scale() -> None:
    assert np.isnan(mase_denominator(np.ones((1, 30), dtype=np.float32))).all()


def test_smape_of_two_zeros_is_zero_and_at_most_two_hundred() -> None:
    found = smape(np.array([[0, 0], [1, 3]], dtype=np.float32), np.array([[0, 5], [1, 1]], dtype=np.float32))

    assert found.tolist() == [100, 50]


def test_missing_days_are_not_counted_as_misses() -> None:
    low, high = np.zeros((1, 2), dtype=np.float32), np.ones((1, 2), dtype=np.float32)

    assert coverage(low, high, np.array([[0.5, np.nan]], dtype=np.float32)).tolist() == [1]


def test_a_trial_scores_all_models_on_the_held_back_days(settings: ForecastSettings) -> None:
    ticks = iter(range(1000))

    found = evaluate(
        steady(accounts=20, days=250), replace(settings, slow_sample=3), seed=0, timer=lambda: next(ticks)
    )

    assert (found.horizon, found.n_series, found.seed) == (56, 20, 0)
    assert found.models["served"].mase == pytest.approx(found.models["weekday_median"].mase, rel=0.03)
    assert found.models["prophet"].n_series == 3
    assert all(score.seconds > 0 for score in found.models.values())
    assert all(0 < score.bias.keys().__len__() <= 3 for score in found.models.values())


def test_the_same_trial_gives_the_same_figures(settings: ForecastSettings) -> None:
    few = replace(settings, slow_sample=0, steps=5, finish_steps=2)

    first, second = (evaluate(steady(accounts=8, days=220), few, seed=3, timer=lambda: 0.0) for _ in range(2))

    assert first == second


def test_the_weighted_quantile_loss_is_the_share_of_events_that_is_missed() -> None:
    """A forecast of half of what came, sure of it: each quantile lost its level of the other half."""
    half = np.full((2, 4), 5, dtype=np.float32)

    found = score([Judged(Paths(half, half, half), 2 * half, np.ones(2))], 0.0)

    assert found.wql == pytest.approx(0.5)


def test_accounts_are_scored_with_those_of_their_class() -> None:
    actual = np.array([[10, 10], [10, 10], [0, 4]], dtype=np.float32)
    forecast = np.full((3, 2), 10, dtype=np.float32)
    judged = Judged(Paths(forecast, forecast, forecast), actual, np.ones(3, dtype=np.float32))

    found = by_class(judged, np.array(["dense", "dense", "sparse"]), 2.0)

    assert {name: (one.n_series, one.mase) for name, one in found.items()} == {
        "all": (3, pytest.approx(8 / 3)),
        "dense": (2, 0),
        "sparse": (1, 8),
    }
