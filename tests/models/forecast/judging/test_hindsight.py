"""Forecasts of the past are judged by what followed, model by model and class by class."""

from dataclasses import replace

import numpy as np
import pytest

from models.arrays import unpacked
from models.decisions import ANOMALY, FALLING, NO, YES
from models.forecast import ForecastSettings, UsagePanel
from models.forecast.judging.hindsight import Hindsight, hindsight, yardsticks
from tests.models.forecast.worlds import of, steady

DAYS, CUT = 260, 200
STOPPED, STRUCK, SPARSE, YOUNG = 0, 1, 2, 3
BUDGET = ForecastSettings(seeds=1, steps=5, finish_steps=2, batch=32, slow_sample=2)


@pytest.fixture(scope="module")
def known() -> UsagePanel:
    """Thirty accounts: one stops, one has a spike, one is used now and then, one came late."""
    values = steady(30, DAYS).values
    values[STOPPED, CUT - 20 :] = 0
    values[STRUCK, CUT - 9] *= 6
    values[SPARSE, np.arange(DAYS) % 3 > 0] = 0
    values[YOUNG, : CUT - 30] = np.nan
    return of(values)


@pytest.fixture(scope="module")
def found(known: UsagePanel) -> Hindsight:
    past = known.before(CUT)
    beside = yardsticks(past, known, BUDGET, seed=0)
    return hindsight(past, known, BUDGET, 0, beside)


def test_every_model_is_scored_on_all_accounts_and_on_each_class(found: Hindsight) -> None:
    models = {"served", "lstm", "weekday_median", "seasonal_naive", "holt_winters", "prophet"}

    assert set(found.scores) == models
    assert set(found.scores["served"]) == {"all", "sample", "dense", "sparse", "young"}
    assert {of_class["sample"].n_series for of_class in found.scores.values()} == {2}
    served = found.scores["served"]
    assert served["all"].n_series == sum(served[name].n_series for name in ("dense", "sparse", "young"))
    assert served["all"].wql == pytest.approx(found.scores["weekday_median"]["all"].wql, rel=0.3)
    assert served["dense"].coverage95 > served["dense"].coverage80 > 0.6
    assert set(served["dense"].bias) == {30, 60}
    assert found.scores["weekday_median"]["all"].coverage95 is None


def test_the_error_of_each_account_is_kept(found: Hindsight, known: UsagePanel) -> None:
    errors = unpacked(found.errors, "errors")

    assert errors["account_id"].tolist() == list(known.account_ids)
    assert errors["class"][[SPARSE, YOUNG]].tolist() == ["sparse", "young"]
    assert np.nanmean(errors["served"]) == pytest.approx(found.scores["served"]["all"].mase)


def test_anomalies_are_kept_with_how_rare_they_were_and_whether_they_were_ones(
    found: Hindsight, known: UsagePanel
) -> None:
    rows = found.decisions[ANOMALY]

    struck = (rows.account_id == known.account_ids[STRUCK]) & (rows.kind == "spike")
    assert rows.score[struck].max() > 3
    assert YES in rows.came_true[struck]
    stopped = (rows.account_id == known.account_ids[STOPPED]) & (rows.kind == "stop")
    assert (rows.usual[stopped].tolist(), rows.came_true[stopped].tolist()) == ([True], [YES])
    assert np.isnan(rows.score[stopped]).all()


def test_a_fall_is_judged_of_accounts_whose_health_the_forecast_tells(
    found: Hindsight, known: UsagePanel
) -> None:
    rows = found.decisions[FALLING]

    assert known.account_ids[STOPPED] not in rows.account_id
    assert known.account_ids[YOUNG] not in rows.account_id
    assert np.mean(rows.came_true == NO) > 0.7
    assert (rows.score >= 0).all()


def test_what_was_held_out_changes_no_forecast(known: UsagePanel) -> None:
    few = replace(BUDGET, steps=2, finish_steps=1, slow_sample=0)
    other = of(np.where(np.arange(DAYS) < CUT, known.values, known.values * 3))

    scores = [
        hindsight(known.before(CUT), each, few, 0, {}).decisions[FALLING].score for each in (known, other)
    ]

    assert scores[0].tolist() == scores[1].tolist()
