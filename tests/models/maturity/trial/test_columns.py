"""What the columns of a table are taken for."""

import numpy as np
import pandas as pd
import pytest

from models.errors import TableError
from models.maturity.trial.columns import Roles, listed, trial_table
from models.reading.parse import parse
from tests.models.maturity.trial.tables import made_up, table_of

ORDER = ("low", "medium", "high")


def column(*values: str):
    """How a column of these values is taken, repeated to 60 rows: its feature and the notes."""
    repeated = [values[row % len(values)] for row in range(60)]
    table = table_of(pd.DataFrame({"v": repeated, "level": ["a", "b"] * 30, "other": ["p", "q", "r"] * 20}))
    return table.examples.frame["v"], table.notes


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        (("1", "2.5", "-3e2"), (1, 2.5, -300)),
        (("1,5", "2,25", "10"), (1.5, 2.25, 10)),
        (("1.234,5", "12.000", "7,1"), (1234.5, 12000, 7.1)),
        (("1,234", "1,234,567.5", "12"), (1234, 1234567.5, 12)),
        (("0,976", "-0,613", "1,94"), (0.976, -0.613, 1.94)),
        (("12 %", "7.5%", "0%"), (12, 7.5, 0)),
    ],
)
def test_numbers_are_read_as_they_are_written_in_the_column(values, numbers):
    feature, notes = column(*values)

    assert feature.iloc[:3].tolist() == pytest.approx(numbers)
    assert notes == ()


@pytest.mark.parametrize(
    "values",
    [
        ("2026-03-31", "2026-04-01", "2025-12-24"),
        ("31.03.2026", "01.04.2026", "24.12.2025"),
        ("31/03/2026", "01/04/2026", "24/12/2025"),
        ("03/31/2026", "04/01/2026", "12/24/2025"),
        ("2026-03-31T00:00:00Z", "2026-04-01T00:00:00Z", "2025-12-24T00:00:00Z"),
    ],
)
def test_dates_become_days(values):
    feature, notes = column(*values)

    assert np.diff(feature.iloc[:3]).tolist() == [1, -98]
    assert notes == ("v: dates, as days",)


@pytest.mark.parametrize("word", ["", "NA", "n/a", "NULL", "?", "NaN"])
def test_words_for_missing_are_missing(word):
    feature, _ = column("1", word, "3")

    assert np.isnan(feature.iloc[1])


def test_yes_and_no_stay_categories():
    feature, _ = column("yes", "no", "yes")

    assert feature.iloc[:3].tolist() == ["yes", "no", "yes"]


def test_a_few_words_in_a_column_of_numbers_are_missing_and_told():
    frame = made_up().astype({"y": object})
    frame.loc[3, "y"] = "tbd"

    table = table_of(frame)

    assert np.isnan(table.examples.frame.loc[3, "y"])
    assert table.notes == ('y: 1 values are no numbers (such as "tbd"), taken as missing',)


def test_columns_that_say_nothing_are_left_out_with_the_reason():
    frame = made_up().assign(
        customer_id=range(5000, 5120), always="DE", never=None, remark=[f"text {row}" for row in range(120)]
    )

    table = table_of(frame)

    assert list(table.examples.frame.columns) == ["x", "y", "kind"]
    assert dict(table.left_out) == {
        "customer_id": "numbers the rows: an identifier",
        "always": 'always "DE"',
        "never": "missing in all rows",
        "remark": "120 different texts in 120 rows: an identifier or free text",
    }


def test_rows_without_a_label_are_left_out_and_counted():
    frame = made_up()
    frame.loc[[0, 5], "level"] = None

    table = table_of(frame)

    assert len(table.examples.level) == 118
    assert table.row.tolist()[:5] == [1, 2, 3, 4, 6]
    assert table.notes == ("2 rows without a label left out",)


def test_a_class_may_be_called_none():
    frame = made_up().replace({"level": {"low": "none"}})

    assert table_of(frame, order=("none", "medium", "high")).classes == ("none", "medium", "high")
    assert len(table_of(frame).examples.level) == 120


def test_commas_between_semicolons_are_decimal_ones():
    rows = [f"{row % 7},{row:03};{'ab'[row % 2]}" for row in range(60)]

    table = trial_table(parse("\n".join(["x;level", *rows]).encode(), "t.csv"), Roles("level"), "t.csv")

    assert table.examples.frame["x"].iloc[1] == pytest.approx(1.001)


def test_a_number_beyond_all_bounds_is_missing():
    feature, notes = column("1", "2", *["3"] * 30, "1e400")

    assert np.isfinite(feature.dropna()).all()
    assert notes == ('v: 1 values are no numbers (such as "1e400"), taken as missing',)


def test_large_floats_of_parquet_are_read():
    frame = pd.DataFrame({"x": [1e20, 2e20] * 20, "level": ["a", "b"] * 20})

    table = trial_table(parse(frame.to_parquet(), "t.parquet"), Roles("level"), "t.parquet")

    assert table.examples.frame["x"].tolist()[:2] == [1e20, 2e20]


def test_a_column_may_be_group_and_time():
    frame = made_up().assign(year=[2020 + row % 4 for row in range(120)])

    table = table_of(frame, group="year", time="year")

    assert (len(set(table.examples.group)), set(table.at)) == (4, {2020.0, 2021.0, 2022.0, 2023.0})


def test_classes_stand_in_the_order_given_else_sorted_numbers_by_size():
    numbers = made_up().replace({"level": {"low": "2", "medium": "10", "high": "9"}})

    assert table_of(made_up(), order=ORDER).classes == ORDER
    assert table_of(numbers).classes == ("2", "9", "10")


def test_groups_weights_and_times_are_no_features():
    frame = made_up().assign(g=[row // 2 for row in range(120)], w=0.5, t="2026-01-01")
    frame.loc[0, "g"] = None

    table = table_of(frame, group="g", weight="w", time="t")

    assert list(table.examples.frame.columns) == ["x", "y", "kind"]
    assert len(set(table.examples.group)) == 61
    assert set(table.examples.weight) == {0.5}
    assert set(table.at) == {20454.0}


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        ({"label": "levl"}, 'no column "levl"; did you mean "level"'),
        ({"label": "x"}, "holds 1.. different values, at most 50"),
        ({"order": ("low", "high")}, r't.csv, line \d+: the label "medium" is not in --order low,high'),
        ({"weight": "y"}, r't.csv, line \d+: the weight in "y" is .* above 0'),
        ({"time": "kind"}, r't.csv, line 2: the time in "kind" is .* a date'),
        ({"group": "gruppe"}, 'no column "gruppe"'),
        ({"time": "level"}, '"level" is the label and cannot be the weight, group or time too'),
    ],
)
def test_wrong_roles_are_refused_with_column_line_and_way_out(roles, said):
    with pytest.raises(TableError, match=said):
        table_of(made_up(), **roles)


def test_a_label_of_one_class_is_refused():
    with pytest.raises(TableError, match='holds only "low"'):
        table_of(made_up().assign(level="low"))


def test_a_table_of_identifiers_only_is_refused():
    data = "id,level\n" + "".join(f"{row},{'ab'[row % 2]}\n" for row in range(60))

    with pytest.raises(TableError, match="no column is left to learn from"):
        trial_table(parse(data.encode(), "t.csv"), Roles("level"), "t.csv")


@pytest.mark.parametrize("order", ["low", "low,,high", "low,low"])
def test_an_order_needs_different_names(order):
    with pytest.raises(TableError, match="two or more different class names"):
        listed(order)
