"""A cycle's forecast: something sensible for every account there can be."""

from dataclasses import replace

import numpy as np
import pytest

from models.forecast import (
    Backtest,
    ForecastModel,
    Forecasts,
    ForecastSettings,
    UsagePanel,
    backtest,
    fit,
    forecast,
)
from models.forecast.serving import LSTM, MEAN
from tests.models.forecast.worlds import of, steady


def cycle(panel: UsagePanel, settings: ForecastSettings) -> tuple[Backtest, Forecasts]:
    model = fit(panel, settings, seed=1)
    lessons = backtest(model, panel, settings, seed=1)
    return lessons, forecast(model, panel, lessons, settings)


@pytest.fixture(scope="module")
def odd(settings: ForecastSettings) -> Forecasts:
    """A steady fleet with one account of each odd kind in front."""
    values = steady(accounts=40, days=200).values
    values[0] = np.nan
    values[1, :-20] = np.nan
    values[2, :-1] = np.nan
    values[3] = 0
    values[4] = np.where(np.arange(200) % 9 == 0, 50, 0)
    values[5, 120:] *= 4
    values[6, ::2] = np.nan
    values[7, -70:] = np.nan
    values[8] *= 1e6
    return cycle(of(values), replace(settings, slow_sample=0))[1]


def test_every_account_gets_a_forecast_or_says_why_not(odd: Forecasts) -> None:
    assert len(odd.accounts) == 40
    for account in odd.accounts:
        assert account.health.sentence
        parts = (account.low95, account.low80, account.median, account.high80, account.high95)
        if account.served_by == "none":
            assert [len(part) for part in parts] == [0] * 5
            assert account.totals == {}
            assert account.health.rating == "unknown"
        else:
            ordered = np.stack(parts)
            assert ordered.shape == (5, 90)
            assert np.isfinite(ordered).all()
            assert (ordered >= 0).all()
            assert (np.diff(ordered, axis=0) >= 0).all()


def test_who_was_not_measured_lately_is_unknown(odd: Forecasts) -> None:
    assert [odd.accounts[row].served_by for row in (0, 7)] == ["none", "none"]
    assert odd.accounts[0].health.sentence == "No usage has been measured yet"


def test_the_young_are_served_by_their_profile_and_not_judged(odd: Forecasts) -> None:
    for row in (1, 2):
        assert odd.accounts[row].served_by == "weekday_median"
        assert odd.accounts[row].health.rating == "unknown"


def test_the_band_of_an_account_that_stopped_shows_its_usual_use_and_not_how_wrong_the_stop_was(
    settings: ForecastSettings,
) -> None:
    values = steady(accounts=40, days=200).values
    values[0, -30:] = 0

    stopped = cycle(of(values), replace(settings, slow_sample=0))[1].accounts[0]

    assert stopped.served_by == "stopped"
    assert (stopped.median == 0).all()
    assert 0 < stopped.high95.max() < 3 * values[0, :170].max()


def test_totals_are_sums_of_the_median_inside_their_interval(odd: Forecasts) -> None:
    account = odd.accounts[20]

    for days, total in account.totals.items():
        assert total.value == pytest.approx(float(account.median[:days].sum()), rel=1e-4)
        assert total.low <= total.value <= total.high
    assert sorted(account.totals) == [30, 60, 90]


def test_a_steady_fleet_is_stable(served: Forecasts) -> None:
    ratings = [account.health.rating for account in served.accounts]

    assert ratings.count("stable") >= 38


def test_the_table_holds_all_models_and_says_who_ran_on_what(lessons: Backtest) -> None:
    table = lessons.evaluation

    assert set(table.models) == {
        "served",
        "lstm",
        "weekday_median",
        "seasonal_naive",
        "holt_winters",
        "prophet",
    }
    assert table.models["lstm"].n_series == 40
    assert table.models["prophet"].n_series == 2
    assert {score.n_series for score in table.sample.values()} == {2}
    assert table.skipped == {}


def test_served_intervals_cover_what_they_say(lessons: Backtest) -> None:
    assert lessons.evaluation.models["served"].coverage80 == pytest.approx(0.8, abs=0.06)


def test_models_that_were_left_out_are_listed_with_the_reason(settings: ForecastSettings) -> None:
    lessons, _ = cycle(steady(accounts=5, days=200), replace(settings, slow_sample=0))

    assert lessons.evaluation.skipped == {
        "holt_winters": "left out by the settings",
        "prophet": "left out by the settings",
    }


def test_the_past_is_served_alike_whatever_the_future_held(
    settings: ForecastSettings, model: ForecastModel, world: UsagePanel, lessons: Backtest
) -> None:
    """Forecasting at a cut reads nothing behind it."""
    cut = world.before(180)
    again = of(np.concatenate([cut.values, cut.values[:, :20] * 9], axis=1)).before(180)

    first, second = (forecast(model, panel, lessons, settings) for panel in (cut, again))

    for left, right in zip(first.accounts, second.accounts, strict=True):
        np.testing.assert_array_equal(left.median, right.median)
        assert left.health == right.health


@pytest.mark.parametrize("days", [1, 10, 60, 111])
def test_short_histories_are_served_by_profiles(days: int, settings: ForecastSettings) -> None:
    _, found = cycle(steady(accounts=6, days=days), settings)

    assert {account.served_by for account in found.accounts} == {"weekday_median"}


def test_a_panel_without_days_or_accounts_is_no_error(settings: ForecastSettings) -> None:
    _, without_days = cycle(steady(accounts=3, days=0), settings)
    _, without_accounts = cycle(of(np.empty((0, 200))), settings)

    assert {account.served_by for account in without_days.accounts} == {"none"}
    assert without_accounts.accounts == ()


@pytest.mark.parametrize(("failed", "unclear"), [(2, False), (4, True)])
def test_while_the_source_keeps_failing_nobody_is_left_to_the_networks_alone(
    failed: int, unclear: bool, settings: ForecastSettings
) -> None:
    panel = steady(accounts=40, days=240)
    model = fit(panel, settings, seed=1)
    lessons = replace(backtest(model, panel, settings, seed=1), chosen=(LSTM,) * 40)
    values = panel.values.copy()
    values[:, -failed:] = 0

    found = forecast(model, of(values), lessons, settings)

    assert {account.served_by for account in found.accounts} == {MEAN if unclear else LSTM}
