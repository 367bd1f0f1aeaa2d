"""The alert on a model that a logistic regression beats."""

from dataclasses import asdict

import numpy as np
from sqlalchemy import Engine

from daemon.alerts.book import open_alerts, settle
from daemon.alerts.yardstick import yardstick_alerts
from daemon.state.engine import read, write
from models.maturity.comparison import Comparison, compare
from models.maturity.evaluate import Predicted
from tests.conftest import NOW

LEVEL = np.arange(400) % 3
ACCOUNTS = np.array([f"account {number}" for number in range(400)])


def over_logistic(right: float, logistic_right: float) -> Comparison:
    """A model and a logistic regression that are right on these shares of the labels, not on the same."""
    one, other = (_said(share, seed) for seed, share in enumerate((right, logistic_right)))
    return compare(one, other, LEVEL, ACCOUNTS, seed=0)


def _said(right: float, seed: int) -> Predicted:
    rng = np.random.default_rng(seed)
    rating = np.where(rng.random(400) < right, LEVEL, (LEVEL + 1) % 3)
    return Predicted(np.arange(400), 0.2 + 0.4 * np.eye(3)[rating], rating)


def test_a_model_that_logistic_regression_beats_raises_one_alert_with_the_figures():
    (alert,) = yardstick_alerts({"over_logistic": asdict(over_logistic(0.5, 0.7))})

    assert "on the same 400 held-out labels" in alert.what
    assert "macro-F1 higher by 0.2" in alert.what


def test_a_tie_raises_none():
    assert yardstick_alerts({"over_logistic": asdict(over_logistic(0.6, 0.6))}) == []


def test_a_version_of_a_release_that_did_not_compare_raises_none():
    assert yardstick_alerts({"models": {}}) == []


def test_it_ends_with_the_training_that_beats_logistic_regression_again(engine: Engine) -> None:
    worse, better = (
        yardstick_alerts({"over_logistic": asdict(over_logistic(*right))})
        for right in ((0.5, 0.7), (0.7, 0.5))
    )

    with write(engine) as connection:
        settle(connection, "yardstick", worse, None, NOW)
    with read(engine) as connection:
        opened = [row["title"] for row in open_alerts(connection)]
    with write(engine) as connection:
        settle(connection, "yardstick", better, None, NOW)

    assert opened == ["A logistic regression rates better than the model"]
    with read(engine) as connection:
        assert open_alerts(connection) == []
