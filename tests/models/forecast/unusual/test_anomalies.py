"""What was injected into quiet series is found, named, dated and sized; quiet series stay quiet."""

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.forecast import (
    Anomaly,
    ForecastModel,
    Forecasts,
    ForecastSettings,
    UsagePanel,
    backtest,
    forecast,
)
from models.forecast.operating_points import Points
from models.forecast.unusual.false_alarms import accepted
from tests.models.forecast.worlds import of, steady

ACCOUNTS, DAYS = 40, 240
STRUCK = 5
UNFITTED = ForecastModel(
    held_from=steady(1, DAYS).start + timedelta(days=150), yearly=False, held=(), finished=()
)
"""Profiles alone serve: these tests are about judging, and need no training."""
SETTINGS = ForecastSettings(slow_sample=0)

Floats = np.ndarray


def told(values: Floats, **breadths: UsagePanel) -> Forecasts:
    panel = of(values)
    return forecast(UNFITTED, panel, backtest(UNFITTED, panel, SETTINGS, seed=0), SETTINGS, breadths)


def after(change: Callable[[Floats], None], seed: int = 0) -> Forecasts:
    """What is told after a change to the daily values, in place, of account STRUCK."""
    values = steady(ACCOUNTS, DAYS, seed).values
    change(values[STRUCK])
    return told(values)


def struck(found: Forecasts) -> Anomaly:
    """The one anomaly of the account that was changed."""
    (one,) = found.accounts[STRUCK].anomalies
    return one


def days_ago(found: Forecasts, one: Anomaly) -> int:
    return (found.accounts[0].start - one.day).days


def test_a_quiet_fleet_raises_hardly_an_alarm() -> None:
    found = after(lambda _values: None)

    assert sum(len(account.anomalies) for account in found.accounts) <= 2
    assert found.incidents == ()


def test_a_spike_is_found_on_its_day_with_its_size() -> None:
    def spike(values: Floats) -> None:
        values[-12] *= 4

    found = after(spike)
    one = struck(found)

    assert (one.kind, days_ago(found, one), one.days) == ("spike", 12, 1)
    assert one.size == pytest.approx(3, abs=1.2)


def test_a_single_day_near_zero_is_a_drop() -> None:
    def drop(values: Floats) -> None:
        values[-12] = 0

    one = struck(after(drop))

    assert (one.kind, one.size) == ("drop", -1)


@pytest.mark.parametrize(
    ("factor", "began", "rating"), [(0.5, 20, "negative"), (2.0, 20, "positive"), (0.45, 45, "stable")]
)
def test_a_new_level_is_a_sustained_change_with_size_and_start(
    factor: float, began: int, rating: str
) -> None:
    def level(values: Floats) -> None:
        values[-began:] *= factor

    found = after(level)
    one = struck(found)

    assert one.kind == "sustained change"
    assert type(one.days) is int  # JSON takes no numbers of numpy
    assert days_ago(found, one) == pytest.approx(began, abs=4)
    assert one.size == pytest.approx(factor - 1, abs=0.2 * factor)
    assert found.accounts[STRUCK].health.rating == rating


def test_days_not_measured_in_the_newest_week_hide_no_new_level() -> None:
    def level(values: Floats) -> None:
        values[-20:] *= 0.5
        values[-5:-3] = np.nan

    assert struck(after(level)).kind == "sustained change"


@pytest.mark.parametrize("began", [5, 12, 25, 50])
def test_use_that_ends_is_a_stop_and_nothing_else(began: int) -> None:
    def stop(values: Floats) -> None:
        values[-began:] = 0

    found = after(stop)
    one = struck(found)

    assert one.kind == "stop"
    assert days_ago(found, one) == pytest.approx(began, abs=2)
    assert found.accounts[STRUCK].health.sentence.startswith("Usage stopped on")


def test_use_that_fades_for_a_day_before_it_ends_is_one_stop() -> None:
    def fade(values: Floats) -> None:
        values[-6] *= 0.1
        values[-5:] = 0

    assert struck(after(fade)).kind == "stop"


def test_many_more_events_of_as_many_users_are_suspected_misuse() -> None:
    values = steady(ACCOUNTS, DAYS).values
    users = of(np.maximum(values / 10, 1))
    values[STRUCK, -6:-3] *= 8

    one = struck(told(values, users=users))

    assert one.kind == "suspected misuse"


def test_more_events_of_more_users_are_a_plain_spike() -> None:
    values = steady(ACCOUNTS, DAYS).values
    values[STRUCK, -6:-3] *= 8

    one = struck(told(values, users=of(np.maximum(values / 10, 1))))

    assert one.kind == "spike"


def test_a_day_on_which_everyone_falls_is_one_incident_of_the_source() -> None:
    values = steady(ACCOUNTS, DAYS).values
    values[:, -9] *= 0.1

    found = told(values)

    assert [(found.accounts[0].start - one.day).days for one in found.incidents] == [9]
    assert sum(len(account.anomalies) for account in found.accounts) <= 2


def test_days_on_which_the_source_failed_change_no_forecast_and_no_health() -> None:
    values = steady(ACCOUNTS, DAYS).values
    lost, empty = values.copy(), values.copy()
    lost[:, -2:], empty[:, -2:] = np.nan, 0

    unknown, failed = told(lost), told(empty)

    assert [fault.day for fault in failed.incidents] == [of(values).day(DAYS - 2), of(values).day(DAYS - 1)]
    for one, other in zip(unknown.accounts, failed.accounts, strict=True):
        np.testing.assert_array_equal(one.median, other.median)
        assert one.health.rating == other.health.rating


def test_a_fault_goes_on_for_ten_days_and_then_is_where_usage_stands() -> None:
    values = steady(ACCOUNTS, DAYS).values
    values[:, -20:] *= 0.2

    found = {fault.day: fault.size for fault in told(values).incidents}

    days = [of(values).day(column) for column in range(DAYS - 20, DAYS)]
    assert {day for day in days[:10] if day.weekday() < 5} <= set(found)
    assert max(abs(found.get(day, 0)) for day in days[10:]) < 0.3 * abs(found[days[0]])


def test_a_fleet_that_moves_together_of_itself_is_not_the_sources_fault() -> None:
    values = steady(ACCOUNTS, DAYS).values
    together = np.exp(np.random.default_rng(0).normal(0, 0.6, DAYS))

    assert told(values * together).incidents == ()


def test_a_gap_is_no_drop() -> None:
    def gap(values: Floats) -> None:
        values[-15:-10] = np.nan

    assert after(gap).accounts[STRUCK].anomalies == ()


def test_a_quiet_holiday_is_no_drop() -> None:
    """240 days from 1 January 2024 end on 27 August: 15 August is a holiday in France, not in the US."""

    def assumption_day(values: Floats) -> None:
        values[-13] = 0

    values = steady(ACCOUNTS, DAYS).values
    for row in (1, 2):  # US, FR
        assumption_day(values[row])
    found = told(values)

    assert [one.kind for one in found.accounts[1].anomalies] == ["drop"]
    assert found.accounts[2].anomalies == ()


def test_bursts_are_no_spikes_where_bursts_are_usual() -> None:
    values = steady(ACCOUNTS, DAYS).values
    values[STRUCK] = np.where(np.arange(DAYS) % 17 < 3, 300, 0)

    assert told(values).accounts[STRUCK].anomalies == ()


def test_one_wild_week_a_year_is_no_habit_that_hides_a_spike() -> None:
    def twice(values: Floats) -> None:
        values[60:67] *= 8
        values[-12] *= 4

    assert struck(after(twice)).kind == "spike"


def test_accounts_too_young_to_have_been_forecast_are_not_judged() -> None:
    def young(values: Floats) -> None:
        values[:-40] = np.nan
        values[-3] *= 10

    assert after(young).accounts[STRUCK].anomalies == ()


@given(st.lists(st.floats(0, 1, width=16) | st.just(np.nan), max_size=30), st.sampled_from([0.05, 0.2, 0.5]))
def test_accepted_are_all_up_to_the_last_chance_below_its_ranks_share(
    chances: list[float], share: float
) -> None:
    tested = sorted(each for each in chances if not np.isnan(each))
    last = max(
        (each for rank, each in enumerate(tested, 1) if each <= share * rank / len(tested)), default=-1.0
    )

    assert accepted(np.array(chances), share).tolist() == [each <= last for each in chances]


def test_the_share_of_false_alarms_is_bounded() -> None:
    rng = np.random.default_rng(0)
    nothing, something = rng.random(5000), rng.random(50) * 1e-6

    passed = accepted(np.concatenate([nothing, something, [np.nan]]), 0.1)

    assert passed[5000:5050].all()
    assert passed[:5000].sum() <= 15
    assert not passed[-1]
    assert not accepted(np.array([np.nan]), 0.1).any()


def test_all_that_is_raised_is_suspected_and_what_is_suspected_is_raised_from_its_score_on() -> None:
    values = steady(ACCOUNTS, DAYS, noise=0.4).values
    values[STRUCK, -12] *= 5
    values[STRUCK + 1, -20:] *= 1.8
    panel = of(values)
    lessons = backtest(UNFITTED, panel, SETTINGS, seed=0)

    usual = forecast(UNFITTED, panel, lessons, SETTINGS).accounts
    assert all(one.suspects for one in usual if one.anomalies)
    scored = [one for one in usual if one.anomaly_score is not None]
    assert len(scored) > sum(1 for one in usual if one.anomalies)

    rarest = max(scored, key=lambda one: one.anomaly_score or 0.0)
    at_its_score = Points(anomaly=rarest.anomaly_score)
    found = forecast(UNFITTED, panel, lessons, SETTINGS, points=at_its_score).accounts
    assert [one.account_id for one in found if one.anomalies] == [rarest.account_id]


def test_days_within_a_stop_are_not_suspected_one_by_one() -> None:
    """No operating point would raise them: the stop is told instead."""

    def stop(values: Floats) -> None:
        values[-20:] = 0

    found = after(stop)

    assert {one.kind for one in found.accounts[STRUCK].suspects} == {"stop"}
