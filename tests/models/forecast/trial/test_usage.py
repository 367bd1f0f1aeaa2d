"""What a table's rows come to; what cannot be read is refused with its line and the way out."""

import pandas as pd
import pytest

from models.errors import TableError
from tests.models.forecast.trial.tables import made_up, usage_of, written


def changed(column: str, row: int, to: object) -> pd.DataFrame:
    frame = made_up(accounts=2, days=60).astype(object)
    frame.loc[row, column] = to
    return frame


def test_an_empty_value_is_not_measured_and_zero_is() -> None:
    frame = changed("events", 3, "")
    frame.loc[4, "events"] = 0

    found = usage_of(frame).frame.set_index(["account_id", "day"])["value"]

    assert ("a", pd.Timestamp(written(3))) not in found.index
    assert found["a", pd.Timestamp(written(4))] == 0


@pytest.mark.parametrize(
    ("column", "to", "said"),
    [
        (
            "day",
            "31.02.2024",
            't.csv, line 9: "31.02.2024" is no day, .* in "day"; it takes one way of writing',
        ),
        ("day", "", 't.csv, line 9: no day in "day"'),
        ("events", "12x", 't.csv, line 9: "12x" in "events" is no number; correct it, leave the cell empty'),
        ("account", "", 't.csv, line 9: no account in "account"; fill it in or drop the row'),
        ("day", written(3), "t.csv, line 9: account a has its 2024-01-04 in line 5 already; keep one"),
    ],
)
def test_what_cannot_be_read_is_refused(column: str, to: str, said: str) -> None:
    with pytest.raises(TableError, match=said):
        usage_of(changed(column, 7, to))


def test_values_below_zero_are_no_usage() -> None:
    frame = made_up(accounts=1, days=60)
    frame["events"] = -1 - frame["events"]

    with pytest.raises(TableError, match=r"t.csv, line 2: .* is below 0, one of 60; usage never is"):
        usage_of(frame)


def test_a_single_value_below_zero_is_not_measured_and_told() -> None:
    found = usage_of(changed("events", 7, -1))

    assert len(found.frame) == 119
    assert found.notes == ("1 values below 0 count as not measured",)


def test_rows_of_one_day_are_summed_where_words_tell_them_apart() -> None:
    parts = [
        made_up(accounts=1, days=60).assign(technology=name, events=value)
        for name, value in (("p", 1), ("q", 2))
    ]

    found = usage_of(pd.concat(parts))

    assert found.frame.groupby("day")["value"].sum().unique().tolist() == [3]
    assert found.notes == ("60 days of accounts come in several rows, which were summed",)


def test_hours_are_summed_to_days() -> None:
    hours = pd.date_range("2024-01-01", periods=48, freq="h").strftime("%d/%m/%Y %H:%M")

    found = usage_of(pd.DataFrame({"time": hours, "value": 1}))

    assert found.frame.groupby("day")["value"].sum().tolist() == [24, 24]
