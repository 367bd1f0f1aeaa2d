"""Baselines forecast what a series obviously does, and survive what real series are like."""

import logging

import numpy as np
import pytest

from models.forecast.baselines import holt_winters, prophet, seasonal_naive, weekday_median
from models.forecast.judging.comparison import Forecaster, slow_sample
from tests.models.forecast.worlds import WEEKDAYS, of, steady

ALL: tuple[Forecaster, ...] = (weekday_median, seasonal_naive, holt_winters, prophet)


@pytest.mark.parametrize("baseline", ALL)
def test_a_plain_week_is_continued(baseline: Forecaster) -> None:
    noise = np.random.default_rng(0).normal(0, 0.5, 143)
    found = baseline(of(100 * WEEKDAYS[np.arange(143) % 7][None] + noise), 20)

    expected = 100 * WEEKDAYS[np.arange(143, 163) % 7]
    np.testing.assert_allclose(found.median[0], expected, rtol=0.1, atol=3)
    assert (found.low <= found.median).all()
    assert (found.median <= found.high).all()


@pytest.mark.parametrize("baseline", ALL)
def test_gaps_and_zeros_give_finite_forecasts_of_the_asked_shape(baseline: Forecaster) -> None:
    values = steady(accounts=3, days=120).values
    values[0, 20:50] = np.nan
    values[1, ::3] = 0
    values[2, :60] = np.nan

    found = baseline(of(values), 90)

    for part in (found.median, found.low, found.high):
        assert part.shape == (3, 90)
        assert np.isfinite(part).all()
        assert (part >= 0).all()


@pytest.mark.parametrize("baseline", ALL)
def test_an_account_never_measured_is_not_served(baseline: Forecaster) -> None:
    values = steady(accounts=2, days=120).values
    values[1] = np.nan

    assert baseline(of(values), 7).serves.tolist() == [True, False]


def test_prophet_neither_logs_nor_touches_the_global_generator(caplog: pytest.LogCaptureFixture) -> None:
    np.random.seed(7)  # noqa: NPY002
    expected = np.random.random()  # noqa: NPY002
    np.random.seed(7)  # noqa: NPY002

    with caplog.at_level(logging.DEBUG):
        prophet(steady(accounts=1, days=120), 7)

    assert not [record for record in caplog.records if record.name in ("prophet", "cmdstanpy")]
    assert np.random.random() == expected  # noqa: NPY002


def test_the_slow_sample_is_fixed_and_spread_over_sizes() -> None:
    world = steady(accounts=120, days=60)

    rows = slow_sample(world, 12, seed=5)

    np.testing.assert_array_equal(rows, slow_sample(world, 12, seed=5))
    assert len(set(rows)) == 12
    ranks = world.values[:, -28:].mean(axis=1).argsort().argsort()[rows]
    assert np.histogram(ranks, bins=6, range=(0, 120))[0].tolist() == [2] * 6


def test_no_sample_is_drawn_where_none_is_asked_for() -> None:
    assert len(slow_sample(steady(accounts=5, days=60), 0, seed=5)) == 0
