"""Every model is scored on all series; none has seen the days it is judged by."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.forecast import ForecastSettings
from models.forecast.trial.picture import draw, shown
from models.forecast.trial.told import verdict
from models.forecast.trial.trial import Foretold, Trial, foretell, run_trial
from tests.models.forecast.trial.tables import held_out, made_up, written

FEW = ForecastSettings(seeds=1, steps=4, finish_steps=2, batch=16)
MODELS = ["served", "lstm", "weekday_median", "seasonal_naive", "holt_winters", "prophet"]


def foretold(frame: pd.DataFrame, horizon: int = 28) -> Foretold:
    return foretell(held_out(frame, horizon).past, horizon, FEW, 0, lambda _, __: None, lambda: 0.0)


def trial_of(frame: pd.DataFrame, horizon: int = 28) -> Trial:
    return run_trial(held_out(frame, horizon), FEW, 0, lambda _, __: None, lambda: 0.0)


@pytest.fixture(scope="module")
def trial() -> Trial:
    return trial_of(made_up())


def test_nothing_of_the_held_out_days_reaches_a_forecast() -> None:
    """Other values, other accounts measured, other kinds of numbers behind the cut: the same forecasts."""
    frame = made_up()
    behind = frame["day"] >= written(122)
    rng = np.random.default_rng(1)
    other = frame.assign(events=np.where(behind, rng.random(len(frame)) * 1e6, frame["events"]))
    other = other[~(behind & (other["account"] == "b") & (other["day"] < written(149)))]

    first, second = foretold(frame), foretold(other)

    assert list(first.paths) == MODELS
    assert first.served_by == second.served_by
    for name, paths in first.paths.items():
        for part in ("median", "low", "high"):
            np.testing.assert_array_equal(getattr(paths, part), getattr(second.paths[name], part))


def test_what_lies_before_the_cut_does_reach_them() -> None:
    frame = made_up()
    other = frame.assign(events=frame["events"] * np.where(frame["day"] == written(121), 2, 1))

    first, second = foretold(frame), foretold(other)

    assert all((first.paths[name].median != second.paths[name].median).any() for name in MODELS)


def test_errors_are_those_of_the_contract(trial: Trial) -> None:
    before, actual = trial.held_out.past.values, trial.held_out.actual
    said = trial.foretold.paths["weekday_median"].median
    scale = np.abs(before[:, 7:] - before[:, :-7]).mean(axis=1)

    found = trial.scores["weekday_median"]

    assert found.mase == pytest.approx((np.abs(said - actual).mean(axis=1) / scale).mean(), rel=1e-5)
    assert found.smape == pytest.approx((200 * np.abs(said - actual) / (said + actual)).mean(), rel=1e-5)
    assert all(score.n_series == 3 for score in trial.scores.values())


def test_a_series_in_thousands_is_forecast_as_in_ones() -> None:
    frame = made_up()

    ones, thousands = trial_of(frame), trial_of(frame.assign(events=frame["events"] / 1000))

    for name in ("served", "lstm", "weekday_median"):
        assert thousands.scores[name].mase == pytest.approx(ones.scores[name].mase, rel=0.02)
        assert thousands.scores[name].coverage80 == pytest.approx(ones.scores[name].coverage80, abs=0.1)


def test_too_short_a_history_leaves_the_network_out_and_says_so() -> None:
    found = trial_of(made_up(days=100))

    assert "lstm" not in found.scores
    assert found.foretold.skipped == {
        "lstm": "it takes 112 days before the held-out ones to train on and to check, there are 72"
    }
    assert set(found.foretold.served_by) == {"weekday_median"}


def test_a_silent_series_is_scored_by_all_models() -> None:
    frame = made_up()
    frame.loc[(frame["account"] == "b") & (frame["day"] >= written(60)), "events"] = 0

    found = trial_of(frame)

    assert found.foretold.silent == 1
    assert found.foretold.served_by[1] == "stopped"
    assert all(score.n_series == 3 for score in found.scores.values())


def test_a_horizon_beyond_that_of_a_cycle_works() -> None:
    assert trial_of(made_up(accounts=2, days=250), horizon=120).foretold.paths["served"].median.shape == (
        2,
        120,
    )


def test_the_picture_shows_six_series_at_most_and_any_name(tmp_path: Path) -> None:
    frame = made_up(accounts=8, days=100)
    found = trial_of(frame.assign(account=frame["account"] + " $5$ 日本"))

    draw(found, "t.csv", tmp_path / "t.png")
    draw(found, "t.csv", tmp_path / "t.svg")

    assert len(set(shown(found))) == 6
    assert (tmp_path / "t.png").read_bytes().startswith(b"\x89PNG")
    assert (
        "what happened" in (tmp_path / "t.svg").read_text(encoding="utf-8")
        or (tmp_path / "t.svg").stat().st_size
    )


def test_the_verdict_names_the_best_baseline(trial: Trial) -> None:
    scores = {name: replace(one, mase=2.0) for name, one in trial.scores.items()}
    scores |= {"served": replace(scores["served"], mase=1.5), "prophet": replace(scores["prophet"], mase=1.6)}

    said = verdict(replace(trial, scores=scores))

    assert said == (
        "Served: MASE 1.500, 25% below weekday_median (2.000) and 6% below prophet (1.600), the best baseline"
    )
