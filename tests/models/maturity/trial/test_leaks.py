"""Columns that know the label."""

import numpy as np

from models.maturity.trial.leaks import suspected_leaks
from tests.models.maturity.trial.tables import made_up, table_of


def found(frame, shares=None):
    return suspected_leaks(table_of(frame), shares or {})


def test_honest_columns_are_not_suspected():
    assert found(made_up()) == ()


def test_a_column_that_is_the_label_by_another_name_is_named():
    coded = made_up().assign(code=lambda frame: frame["level"].map({"low": 7, "medium": 3, "high": 5}))

    assert found(coded) == ("code alone predicts the label: it avoids 100% of the majority's errors",)


def test_a_column_that_is_filled_in_for_one_class_only_is_named():
    frame = made_up()
    frame["closed_on"] = np.where(frame["level"] == "low", np.arange(120) % 7, np.nan)

    (leak,) = found(frame)

    assert leak == "closed_on is missing where the label is low, and hardly elsewhere, or the reverse"


def test_an_identifier_given_in_the_order_of_the_label_is_named_though_it_is_left_out():
    frame = made_up(400)
    frame["id"] = frame["level"].rank(method="first").astype(int)

    assert found(frame) == ("the order of id, which is left out, predicts the label; other columns may too",)


def test_rows_sorted_by_the_label_are_told():
    assert found(made_up(400).sort_values("level")) == (
        "the rows are sorted by the label; their order is not used",
    )


def test_a_feature_with_more_than_half_of_the_importance_is_named():
    assert found(made_up(), {"x": 0.62, "y": 0.38}) == ("x carries 62% of all importance",)


def test_of_two_features_one_may_carry_more_than_half():
    assert found(made_up().drop(columns="y"), {"x": 0.62, "kind": 0.38}) == ()
