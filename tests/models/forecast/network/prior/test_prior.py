"""Networks know usage before they have seen any: what was made up for them is like usage, and it helps."""

from datetime import date

import numpy as np

from models.forecast import ForecastSettings
from models.forecast.baselines import weekday_median
from models.forecast.judging.metrics import mase_denominator, mean_error
from models.forecast.network.predict import lstm
from models.forecast.network.prior import networks
from models.forecast.network.prior.made_up import made_up
from models.forecast.network.prior.networks import to_bytes

HORIZON = 56
UNSEEN = 10_000
"""A seed that no world of the prior has."""


def test_made_up_usage_is_the_same_for_a_seed_and_counts_events() -> None:
    first, again, other = (made_up(20, 100, date(2020, 1, 1), seed) for seed in (1, 1, 2))

    np.testing.assert_array_equal(first.values, again.values)
    assert not np.array_equal(first.values, other.values, equal_nan=True)
    known = first.values[np.isfinite(first.values)]
    assert (known >= 0).all()
    assert (known % 1 == 0).all()


def test_usage_the_prior_never_saw_is_forecast_better_than_by_the_weekday_median() -> None:
    world = made_up(200, 600, date(2021, 3, 1), UNSEEN)
    past, actual = world.before(544), world.values[:, 544:]

    learnt = lstm(networks(), True, past, ForecastSettings(horizon_days=HORIZON))
    median = weekday_median(past, HORIZON)

    both = learnt.serves & median.serves
    scale = mase_denominator(past.values)
    ours, theirs = (np.nanmean((mean_error(one.median, actual) / scale)[both]) for one in (learnt, median))
    assert ours < 0.9 * theirs


def test_the_same_networks_are_read_each_time_and_written_as_they_were_read() -> None:
    assert networks() is networks()
    assert to_bytes(networks()) == to_bytes(networks())
