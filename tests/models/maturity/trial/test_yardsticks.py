"""Random forest and XGBoost, where they are installed."""

import numpy as np
import pytest

from models.maturity.evaluate import Learner, hold_out
from models.maturity.examples import Examples, deal
from models.maturity.metrics import measure
from models.maturity.trial.yardsticks import (
    ForestSettings,
    XgboostSettings,
    forest_learner,
    missing_package,
    xgboost_learner,
)
from tests.models.maturity.trial.tables import made_up, table_of


def examples(*, ordered: bool) -> Examples:
    frame = made_up(150).rename(columns={"kind": "[kind] < 3"})
    return table_of(frame, order=("low", "medium", "high") if ordered else None).examples


def forest(examples: Examples) -> Learner:
    return forest_learner(examples, ForestSettings(trees=30), seed=0, threads=1)


def xgboost(examples: Examples) -> Learner:
    return xgboost_learner(examples, XgboostSettings(trees=30), seed=0, threads=1)


@pytest.mark.parametrize(("name", "learner_of"), [("random_forest", forest), ("xgboost", xgboost)])
@pytest.mark.parametrize("ordered", [True, False])
def test_a_yardstick_finds_the_signal_in_gappy_and_categorical_columns(name, learner_of, ordered):
    if missing_package(name):
        pytest.skip(missing_package(name))
    table = examples(ordered=ordered)

    predicted = hold_out(learner_of(table), deal(table, np.arange(150), 3, seed=0))

    found = measure(predicted.probabilities, predicted.rating, table.level[predicted.rows])
    assert found.macro_f1 > 0.5
    assert np.allclose(predicted.probabilities.sum(axis=1), 1)
