"""Calibrated intervals cover what they say, for accounts of any temper."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.forecast.conformal import account_widths, calibrate, calibrate_widened, own_errors
from models.forecast.paths import Paths
from models.forecast.totals import HORIZONS, calibrate_totals

HORIZON = 90


def too_narrow(accounts: int, seed: int, spread: float = 20, claimed: float = 5) -> tuple[Paths, np.ndarray]:
    """Forecasts of 100 with errors that grow with the horizon, by models that claim a fixed small band."""
    rng = np.random.default_rng(seed)
    growth = np.linspace(1, 2, HORIZON)
    actual = np.maximum(100 + rng.normal(0, spread, (accounts, HORIZON)) * growth, 0).astype(np.float32)
    median = np.full((accounts, HORIZON), 100, dtype=np.float32)
    return Paths(median, median - claimed, median + claimed), actual


@pytest.mark.parametrize(("ends", "level"), [(("low80", "high80"), 0.8), (("low95", "high95"), 0.95)])
def test_new_accounts_are_covered_at_the_level(ends: tuple[str, str], level: float) -> None:
    bands = calibrate([too_narrow(200, seed=1)])
    paths, actual = too_narrow(200, seed=2)

    found = bands.around(paths)
    inside = (actual >= getattr(found, ends[0])) & (actual <= getattr(found, ends[1]))

    assert inside.mean() == pytest.approx(level, abs=0.02)
    assert inside[:, :7].mean() == pytest.approx(level, abs=0.04)
    assert inside[:, 56:].mean() == pytest.approx(level, abs=0.03)


def test_a_single_account_whose_weeks_err_alike_is_covered_too() -> None:
    """Its 90 days are no 90 errors: as many as there are weeks."""

    def by_week(seed: int) -> tuple[Paths, np.ndarray]:
        paths, _ = too_narrow(1, seed)
        off = np.random.default_rng(seed).normal(0, 20, -(-HORIZON // 7))
        return paths, (paths.median + np.repeat(off, 7)[:HORIZON]).astype(np.float32)

    inside = []
    for seed in range(100):
        found = calibrate([by_week(seed)]).around(by_week(seed + 1000)[0])
        actual = by_week(seed + 1000)[1]
        inside.append(((actual >= found.low80) & (actual <= found.high80)).mean())

    assert np.mean(inside) > 0.78


def widths_of(windows: list[tuple[Paths, np.ndarray]], accounts: int) -> np.ndarray:
    """Of accounts that are all there are."""
    own = own_errors(windows, accounts)
    return account_widths(own, own.usual)


def test_an_erratic_account_gets_a_wider_band_and_a_calm_one_a_narrower() -> None:
    calm, erratic = too_narrow(20, seed=1, spread=5), too_narrow(20, seed=2, spread=40)
    paths = Paths(
        *(np.concatenate([getattr(calm[0], p), getattr(erratic[0], p)]) for p in ("median", "low", "high"))
    )

    widths = widths_of([(paths, np.concatenate([calm[1], erratic[1]]))], 40)

    assert widths[:20].max() < 1 < widths[20:].min()


def test_an_account_without_past_errors_keeps_the_fleets_band() -> None:
    paths, actual = too_narrow(5, seed=1)
    actual[3] = np.nan

    assert widths_of([(paths, actual)], 5)[3] == 1
    assert widths_of([], 5).tolist() == [1] * 5


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 1000), st.floats(0, 50))
def test_ends_are_in_order_and_never_negative(seed: int, level: float, claimed: float) -> None:
    rng = np.random.default_rng(seed)
    median = (rng.random((3, HORIZON)) * level).astype(np.float32)
    paths = Paths(median, np.maximum(median - claimed, 0).astype(np.float32), median + np.float32(claimed))

    found = calibrate([(paths, rng.poisson(level, (3, HORIZON)).astype(np.float32))]).around(paths)

    ordered = np.stack([found.low95, found.low80, found.median, found.high80, found.high95])
    assert (np.diff(ordered, axis=0) >= 0).all()
    assert (ordered >= 0).all()


def test_without_held_back_days_the_models_own_band_stands() -> None:
    paths, _ = too_narrow(2, seed=1)

    found = calibrate([]).around(paths)

    np.testing.assert_allclose(found.low80, paths.low)
    np.testing.assert_allclose(found.high80, paths.high)


def test_missing_days_teach_nothing() -> None:
    paths, actual = too_narrow(30, seed=1)
    gaps = np.concatenate([actual, np.full_like(actual, np.nan)])
    twice = Paths(*(np.concatenate([part, part]) for part in (paths.median, paths.low, paths.high)))

    np.testing.assert_allclose(calibrate([(twice, gaps)]).factors, calibrate([(paths, actual)]).factors)


def test_widths_are_not_judged_by_the_errors_that_made_them() -> None:
    """Few days per account: bands taken with the same days' widths would be too narrow for new days."""
    windows = [too_narrow(300, seed=1)]
    windows = [(windows[0][0].first(24), windows[0][1][:, :24])]
    fresh, actual = too_narrow(300, seed=2)

    bands = calibrate_widened(windows, 300)
    found = bands.around(fresh.first(24).widened(widths_of(windows, 300)))

    inside = (actual[:, :24] >= found.low80) & (actual[:, :24] <= found.high80)
    assert inside.mean() == pytest.approx(0.8, abs=0.02)


def test_totals_are_covered_although_days_move_together() -> None:
    """Each account is off by one factor on all days: summed day quantiles would be as wide, averages not."""

    def together(seed: int) -> tuple[Paths, np.ndarray]:
        paths, _ = too_narrow(200, seed)
        off = np.random.default_rng(seed).normal(1, 0.2, (200, 1))
        return paths, (paths.median * off).astype(np.float32)

    bands = calibrate_totals([together(1)])
    paths, actual = together(2)

    for days in HORIZONS:
        totals = [one[days] for one in bands.of(paths)]
        inside = [one.low <= actual[row, :days].sum() <= one.high for row, one in enumerate(totals)]
        assert np.mean(inside) == pytest.approx(0.8, abs=0.08)


def test_horizons_that_were_not_backtested_are_wider() -> None:
    paths, actual = too_narrow(50, seed=1)

    factors = calibrate_totals([(paths.first(40), actual[:, :40])]).factors

    assert factors[90][1] > factors[60][1] > factors[30][1]
