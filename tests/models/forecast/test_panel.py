"""The panel keeps missing, zero and unknown apart."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.errors import TableError
from models.forecast import panel

UNTIL = date(2024, 1, 11)


def usage(*rows: tuple[str, str, float | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["account_id", "day", "value"])


def test_technologies_of_a_day_are_summed() -> None:
    found = panel(usage(("a", "2024-01-10", 3), ("a", "2024-01-10", 4)), {"a": "DE"}, UNTIL)

    assert found.values[0, -1] == 7


def test_a_day_without_a_row_is_missing_and_a_zero_is_measured() -> None:
    found = panel(usage(("a", "2024-01-08", 5), ("a", "2024-01-10", 0)), {"a": None}, UNTIL)

    np.testing.assert_array_equal(found.values[0], [5, np.nan, 0])
    assert found.until == UNTIL


def test_negative_infinite_and_null_values_are_not_measured() -> None:
    rows = usage(
        ("a", "2024-01-07", 1),
        ("a", "2024-01-08", -1),
        ("a", "2024-01-09", np.inf),
        ("a", "2024-01-10", None),
    )

    found = panel(rows, {"a": None}, UNTIL)

    np.testing.assert_array_equal(found.values[0], [1, np.nan, np.nan, np.nan])


def test_days_from_the_cut_on_are_left_out() -> None:
    found = panel(usage(("a", "2024-01-10", 5), ("a", "2024-01-11", 9)), {"a": None}, UNTIL)

    assert found.days == 1


def test_accounts_without_usage_have_a_row_and_unknown_accounts_none() -> None:
    found = panel(usage(("b", "2024-01-10", 5), ("x", "2024-01-10", 9)), {"b": "DE", "a": "FR"}, UNTIL)

    assert found.account_ids == ("a", "b")
    assert found.countries == ("FR", "DE")
    assert np.isnan(found.values[0]).all()


def test_a_table_without_rows_gives_a_panel_without_days() -> None:
    found = panel(usage(), {"a": None}, UNTIL)

    assert found.days == 0
    assert found.until == UNTIL


def test_a_missing_column_is_named() -> None:
    with pytest.raises(TableError, match="value"):
        panel(pd.DataFrame({"account_id": ["a"], "day": ["2024-01-01"]}), {"a": None}, UNTIL)


def test_a_panel_over_the_days_of_another_keeps_its_values_on_their_days() -> None:
    long = panel(usage(("a", "2024-01-07", 1), ("a", "2024-01-10", 4)), {"a": None}, UNTIL)
    short = panel(usage(("a", "2024-01-09", 9)), {"a": None}, date(2024, 1, 10))

    np.testing.assert_array_equal(short.over(long).values[0], [np.nan, np.nan, 9, np.nan])
    np.testing.assert_array_equal(long.over(short).values[0], [np.nan])
    np.testing.assert_array_equal(short.over(long.before(1)).values[0], [np.nan])
    np.testing.assert_array_equal(long.before(1).over(short).values[0], [np.nan])
    assert short.over(long).start == long.start
