"""How sure an expected change is: by the changes that were backtested."""

import numpy as np
import pytest

from models.forecast.changes import UNCALIBRATED, Changes, comparable, log_change
from models.forecast.panel import UsagePanel
from models.forecast.paths import Paths
from tests.models.forecast.worlds import of, steady

ACCOUNTS, HELD = 1000, 28


def window(seed: int, noise: float) -> tuple[UsagePanel, Paths, np.ndarray]:
    """Accounts of 200 events a day, forecast to stay; each then moves as a whole by a random factor."""
    rng = np.random.default_rng(seed)
    moved = np.exp(rng.normal(0, noise, (ACCOUNTS, 1)))
    flat = np.full((ACCOUNTS, HELD), 200, dtype=np.float32)
    past = of(np.full((ACCOUNTS, 60), 200))
    return past, Paths(flat, flat * 0.9, flat * 1.1), (flat * moved).astype(np.float32)


def test_new_changes_are_inside_as_often_as_is_said() -> None:
    changes = Changes.of([window(seed=1, noise=0.2)])
    _, paths, actual = window(seed=2, noise=0.2)

    error = log_change(paths.median.sum(axis=1), actual.sum(axis=1))

    inside = (np.abs(error)[:, None] <= changes.noise(paths)).mean(axis=0)
    assert inside[0] == pytest.approx(0.8, abs=0.06)
    assert inside[1] == pytest.approx(0.95, abs=0.04)


def test_an_account_with_a_wider_band_is_less_sure() -> None:
    _, paths, _ = window(seed=1, noise=0.2)

    noise = Changes((1.0, 2.0)).noise(
        paths.widened(np.where(np.arange(ACCOUNTS) == 3, 4, 1).astype(np.float32))
    )

    assert (noise[3] > 2 * noise[4]).all()


@pytest.mark.parametrize("held", [0, 20])
def test_without_four_weeks_held_back_the_models_own_band_decides(held: int) -> None:
    past, paths, actual = window(seed=1, noise=0.2)

    found = Changes.of([(past, paths.first(held), actual[:, :held])] if held else [])

    assert found.factors == UNCALIBRATED


def test_accounts_with_next_to_no_usage_teach_nothing() -> None:
    past, paths, actual = window(seed=1, noise=0.2)
    actual[:50] *= 100
    quiet = past.values.copy()
    quiet[:50] = 0

    assert Changes.of([(of(quiet), paths, actual)]).factors[1] < 2 * Changes.of([window(1, 0.2)]).factors[1]


def test_neither_a_spike_nor_a_holiday_moves_a_comparable_week() -> None:
    values = steady(accounts=1, days=28, noise=0.0).values
    usual = comparable(values, np.zeros((1, 28), dtype=bool))
    holiday = np.zeros((1, 28), dtype=bool)
    holiday[0, 10] = True
    values[0, 10] = 0
    values[0, 4] *= 50

    assert comparable(values, holiday) == pytest.approx(usual, rel=0.2)
