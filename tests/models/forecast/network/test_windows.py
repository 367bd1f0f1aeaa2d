"""Windows see what was known at their origin, whatever the length of the history."""

import numpy as np

from models.forecast.network.windows import STEP_WIDTH, Sampler, WindowReader
from models.forecast.panel import UsagePanel
from models.forecast.profile import weekday_profile
from models.forecast.settings import HISTORY_DAYS, PROFILE_DAYS, WEEK
from tests.models.forecast.worlds import of, steady

PRESENT = slice(2 * WEEK, 3 * WEEK)


def window(panel: UsagePanel, origin: int):  # type: ignore[no-untyped-def]
    return WindowReader(panel, horizon=30, yearly=True).read(np.array([0]), np.array([origin]))


def test_values_after_the_origin_change_no_input() -> None:
    panel = steady(accounts=1, days=300)
    changed = panel.values.copy()
    changed[:, 250:] *= 7

    before, after = window(panel, 250), window(of(changed), 250)

    np.testing.assert_array_equal(before.history, after.history)
    np.testing.assert_array_equal(before.future, after.future)
    np.testing.assert_array_equal(before.scale, after.scale)
    assert (before.target != after.target).any()


def test_a_short_history_is_padded_on_the_left_and_masked() -> None:
    found = window(steady(accounts=1, days=100), 100)

    assert found.history.shape == (1, HISTORY_DAYS // WEEK, STEP_WIDTH)
    assert found.history[0, :, PRESENT].sum() == 100
    assert (found.history[0, -14:, PRESENT] == 1).all()


def test_gaps_are_masked_and_nothing_is_nan() -> None:
    values = steady(accounts=1, days=200).values
    values[0, 150:160] = np.nan

    found = window(of(values), 200)

    assert found.history[0, :, PRESENT].sum() == HISTORY_DAYS - 10
    assert np.isfinite(found.history).all()
    assert np.isfinite(found.future).all()


def test_an_idle_account_is_scaled_by_one_event_a_day() -> None:
    assert window(of(np.full((1, 200), 0.01)), 200).scale == 1


def test_the_profile_is_aligned_with_the_days_ahead() -> None:
    weekly = np.tile(np.arange(7, dtype=np.float32), 30)[None, :205]

    np.testing.assert_array_equal(weekday_profile(weekly)[0], [2, 3, 4, 5, 6, 0, 1])


def test_a_weekday_never_measured_takes_the_median_of_the_others() -> None:
    weekly = np.tile(np.array([np.nan, 2, 3, 4, 5, 6, 7], dtype=np.float32), 8)[None]

    assert weekday_profile(weekly)[0, 0] == 4.5


def test_training_windows_have_a_past_and_a_week_ahead() -> None:
    values = steady(accounts=3, days=120).values
    values[1, :90] = np.nan  # too young
    values[2] = 0  # never used
    sampler = Sampler.over(of(values))

    accounts, origins = sampler.draw(500, np.random.default_rng(0))

    assert set(accounts) == {0}
    assert (origins.min(), origins.max()) == (PROFILE_DAYS, 120 - WEEK)
