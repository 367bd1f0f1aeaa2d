"""Which accounts are judged together."""

import numpy as np
import pytest

from models.forecast.judging.classes import DENSE, SPARSE, YOUNG, classes
from tests.models.forecast.worlds import of

DAYS = 210


def class_of(used: np.ndarray) -> str:
    return str(classes(of(used[None].astype(float)))[0])


@pytest.mark.parametrize(
    ("used", "found"),
    [
        (np.ones(DAYS), DENSE),
        (np.arange(DAYS) % 7 < 5, DENSE),
        (np.arange(DAYS) % 2 == 0, SPARSE),
        (np.arange(DAYS) % 30 < 4, SPARSE),
        (np.zeros(DAYS), SPARSE),
    ],
    ids=["every day", "office days", "every other day", "in bursts", "never"],
)
def test_an_account_is_sparse_where_its_own_working_days_pass_without_use(
    used: np.ndarray, found: str
) -> None:
    assert class_of(used) == found


@pytest.mark.parametrize(("days", "found"), [(55, YOUNG), (56, DENSE)])
def test_under_eight_weeks_of_history_an_account_is_young(days: int, found: str) -> None:
    used = np.ones(DAYS)
    used[: DAYS - days] = np.nan

    assert class_of(used) == found


def test_days_that_were_not_measured_are_no_days_without_use() -> None:
    used = np.ones(DAYS)
    used[20::3] = np.nan

    assert class_of(used) == DENSE
