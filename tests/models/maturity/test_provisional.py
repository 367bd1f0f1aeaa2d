"""The first guess: how a customer stands among the others, in the direction reps expect."""

import numpy as np
import pandas as pd

from models.features.catalogue import catalogue
from models.maturity.hysteresis import NONE
from models.maturity.provisional import FEWEST, standing, thirds

FEATURES = catalogue(["migration"], ["docker"])
N = 90


def customers(**columns: object) -> pd.DataFrame:
    """All features missing but these."""
    frame = pd.DataFrame({name: np.full(N, np.nan) for name in FEATURES.names})
    return frame.assign(**columns)


def test_more_of_what_reps_expect_of_the_mature_stands_higher():
    found = standing(customers(technologies_used_90d=np.arange(N)), FEATURES)

    assert (np.diff(found) > 0).all()


def test_less_of_what_speaks_against_maturity_stands_higher():
    found = standing(customers(usage_days_since_last=np.arange(N)), FEATURES)

    assert (np.diff(found) < 0).all()


def test_a_family_counts_once_however_many_features_of_it_are_known():
    up = np.arange(N)
    names = [each.name for each in FEATURES.families["breadth"] if each.direction > 0][:4]
    many = customers(**dict.fromkeys(names, up), webinars_365d=N - up)

    assert np.ptp(standing(many, FEATURES)) < 1 / N


def test_thirds_are_of_equal_size_and_in_order():
    found = thirds(np.linspace(0, 1, N))

    assert np.bincount(found).tolist() == [30, 30, 30]
    assert (np.diff(found) >= 0).all()


def test_of_whom_nothing_is_known_nothing_is_guessed():
    values = np.linspace(0, 1, N)
    values[5] = np.nan

    assert thirds(values)[5] == NONE


def test_among_few_accounts_nobody_is_guessed():
    assert set(thirds(np.linspace(0, 1, FEWEST - 1))) == {NONE}
