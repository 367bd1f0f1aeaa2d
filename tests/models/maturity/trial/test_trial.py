"""A whole trial on small tables."""

import json
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from models.errors import TooFewLabels
from models.maturity.trial.columns import Roles
from models.maturity.trial.report import report
from models.maturity.trial.trial import Trial, run_trial
from tests.models.maturity.trial.tables import cells_of, made_up, table_of, without_yardsticks

ORDER = ("low", "medium", "high")


def trial_of(frame: pd.DataFrame, **roles: object) -> Trial:
    return run_trial(table_of(frame, **roles), seed=0, threads=1, report=lambda _, __: None)


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    """Without random forest and XGBoost, which have a test of their own."""
    with pytest.MonkeyPatch.context() as patch:
        without_yardsticks(patch)
        yield


@pytest.fixture(scope="module")
def ordered() -> Trial:
    return trial_of(made_up(), order=ORDER)


def test_the_answer_is_the_contract(ordered):
    answer = json.loads(json.dumps(ordered.as_json()))

    assert list(answer) == ["schema_version", "task", "classes", "folds", "n", "seed", "models", "skipped"]
    assert (answer["schema_version"], answer["task"], answer["classes"]) == (1, "maturity", list(ORDER))
    assert (answer["folds"], answer["n"], answer["seed"]) == (5, 120, 0)
    assert {"catboost", "majority", "logistic"} <= set(answer["models"])
    assert set(answer["skipped"]) == {"random_forest", "xgboost"}
    for figures in answer["models"].values():
        assert list(figures) == ["macro_f1", "accuracy", "log_loss", "ece", "qwk", "seconds"]


def test_a_signal_is_found_and_every_row_is_tested_once(ordered):
    outcome = ordered.models["catboost"]

    assert outcome.metrics.macro_f1 > ordered.models["majority"].metrics.macro_f1 + 0.2
    assert sorted(outcome.predicted.rows.tolist()) == list(range(120))


def test_it_is_explained_by_what_carries_the_signal(ordered):
    strongest = ordered.explanation.importances[0]

    assert (strongest.feature, strongest.direction) == ("x", "more raises it")
    sums = ordered.explanation.start + ordered.explanation.values.sum(axis=1)
    assert sums == pytest.approx(ordered.explanation.end)


def test_the_page_stands_alone_and_shows_hostile_names_as_text():
    frame = made_up(60).rename(columns={"kind": "<script>alert(1)</script> $x^2$"})
    frame["level"] = frame["level"].replace("low", "<b>low & $</b>")

    page = report(trial_of(frame), cells_of(frame), Roles("level"), "t.csv")

    assert "<script>alert" not in page
    assert "<b>low" not in page
    assert "http" not in page.replace("http://www.w3.org", "")
    assert page.count("data:image/png;base64,") == 2 * 6


def test_without_an_order_there_is_no_kappa():
    answer = trial_of(made_up(60)).as_json()

    assert {row["qwk"] for row in answer["models"].values()} == {None}


def test_two_classes_and_a_class_of_one_row_are_taken():
    frame = made_up(60)
    frame["level"] = np.where(frame["level"] == "low", "no", "yes")
    frame.loc[7, "level"] = "perhaps"

    trial = trial_of(frame)

    assert trial.table.classes == ("no", "perhaps", "yes")
    assert np.isfinite(trial.models["catboost"].metrics.log_loss)
    assert "the class perhaps has too few rows to be tested" in trial.notes


def test_groups_are_never_split_and_their_number_bounds_the_folds():
    frame = made_up(90).assign(team=[f"team {row % 4}" for row in range(90)])

    trial = trial_of(frame, group="team")

    assert trial.folds == 4
    assert "4 folds instead of 5: there are not enough groups" in trial.notes


def test_with_a_time_the_newest_rows_are_predicted_from_the_past():
    frame = made_up(90).assign(day=pd.date_range("2026-01-01", periods=90).astype(str))

    trial = trial_of(frame, time="day")

    assert trial.folds == 5
    assert sorted(trial.models["catboost"].predicted.rows.tolist()) == list(range(15, 90))


def test_a_yardstick_that_is_not_installed_is_skipped_with_the_reason(ordered):
    answer = ordered.as_json()

    assert list(answer["models"]) == ["catboost", "majority", "logistic"]
    assert answer["skipped"]["xgboost"] == "xgboost-cpu is not installed; pip install maturityd[yardsticks]"


def test_a_table_too_small_to_be_cut_is_refused_with_its_counts():
    with pytest.raises(TooFewLabels, match=r"12 rows with a label .* a trial takes 20"):
        trial_of(made_up(12))


def test_a_second_class_of_one_row_is_refused():
    frame = made_up(60).assign(level="yes")
    frame.loc[0, "level"] = "no"

    with pytest.raises(TooFewLabels, match=r"1 no, 59 yes.* two of a second class"):
        trial_of(frame)


def test_one_group_for_all_rows_is_refused():
    with pytest.raises(TooFewLabels, match="make 1 groups, which cannot be cut into folds"):
        trial_of(made_up(60).assign(team="all", x=range(60)), group="team")


def test_a_table_whose_one_column_hardly_ever_differs_is_refused():
    frame = pd.DataFrame({"x": [int(row == 5) for row in range(60)], "level": ["a", "b"] * 30})

    with pytest.raises(TooFewLabels, match="no column differs among 48 rows"):
        trial_of(frame)


def test_rows_of_the_time_at_which_a_fold_begins_are_owned_up_to():
    years = made_up(200).assign(year=[2020 + row // 70 for row in range(200)])
    days = made_up(200).assign(day=range(200))

    assert any("very time" in note for note in trial_of(years, time="year").notes)
    assert not any("very time" in note for note in trial_of(days, time="day").notes)
