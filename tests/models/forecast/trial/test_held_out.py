"""All series are cut on one day; who cannot be judged is left out and named."""

import numpy as np
import pandas as pd
import pytest

from models.errors import TableError
from tests.models.forecast.trial.tables import held_out, made_up, written


def without(frame: pd.DataFrame, account: str, first: int, last: int) -> pd.DataFrame:
    """No rows of an account on days `first` to `last`."""
    gone = (frame["account"] == account) & frame["day"].between(written(first), written(last))
    return frame[~gone]


def with_a_zero(frame: pd.DataFrame) -> pd.DataFrame:
    frame.loc[0, "events"] = 0
    return frame


def test_the_newest_days_of_the_table_are_held_out() -> None:
    found = held_out(made_up(days=150), horizon=28)

    assert (found.past.days, found.past.until.isoformat()) == (122, written(122))
    assert found.actual.shape == (3, 28)
    assert found.scored.tolist() == [0, 1, 2]


def test_a_gap_stays_a_gap() -> None:
    found = held_out(without(with_a_zero(made_up()), "b", 40, 60))

    assert np.isnan(found.past.values[1, 40:61]).all()
    assert found.notes == ()


def test_a_table_that_plainly_writes_no_zeros_gets_them() -> None:
    found = held_out(without(made_up(), "b", 40, 80))

    assert (found.past.values[1, 40:81] == 0).all()
    assert "count as 0" in found.notes[0]


def test_a_day_that_nobody_was_measured_on_is_a_gap_in_any_table() -> None:
    frame = without(made_up(), "b", 40, 80)

    found = held_out(frame[frame["day"] != written(60)])

    assert np.isnan(found.past.values[:, 60]).all()


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [
        (50, 149, "it ends on 2024-02-19, over 56 days before the held-out"),
        (0, 90, "it begins on 2024-04-01, under 56 days before the held-out"),
        (0, 125, "no day is measured before the held-out ones"),
        (5, 118, "8 days are measured before the held-out, it takes 21"),
        (118, 149, "it ends on 2024-04-27"),
        (122, 146, "3 of the held-out days are measured"),
    ],
)
def test_who_cannot_be_judged_is_left_out_and_named(first: int, last: int, reason: str) -> None:
    found = held_out(without(with_a_zero(made_up()), "b", first, last))

    assert dict(found.left_out) == {"b": reason}
    assert [found.past.account_ids[row] for row in found.scored] == ["a", "c"]


def test_a_horizon_too_long_is_refused_with_the_longest_that_works() -> None:
    with pytest.raises(TableError, match=r"covers 100 days .* leaves 44, .* take --horizon 44 or less"):
        held_out(made_up(days=100), horizon=56)


def test_a_date_far_off_is_named_where_nothing_is_left_to_judge() -> None:
    frame = made_up()
    frame.loc[149, "day"] = "2062-05-29"

    with pytest.raises(TableError, match=r"newest day stands in line 151\); .* Correct a wrong date"):
        held_out(frame)
