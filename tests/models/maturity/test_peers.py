"""Standing among similar customers."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.maturity.peers import compare


def accounts(n, segment="Enterprise", region="EMEA", employees=300.0, **features):
    """A table of n accounts of one profile, and the profile."""
    profile = pd.DataFrame(
        {
            "segment": pd.Series([segment] * n, dtype=object),
            "region": pd.Series([region] * n, dtype=object),
            "employees": [employees] * n,
        }
    )
    return pd.DataFrame(features, index=profile.index), profile


def joined(*tables):
    """Tables below each other."""
    return tuple(pd.concat(parts, ignore_index=True) for parts in zip(*tables, strict=True))


@given(st.lists(st.one_of(st.integers(0, 5), st.none()), min_size=12, max_size=40))
@settings(max_examples=40, deadline=None)
def test_standing_is_what_counting_the_others_gives(values):
    frame, profile = accounts(len(values), x=pd.Series(values, dtype=float))

    peers = compare(frame, profile, smallest_group=5, fewest_shown=1)

    for i, value in enumerate(values):
        others = [v for j, v in enumerate(values) if j != i and v is not None]
        assert peers.count[i, 0] == len(others)
        if value is not None and others:
            below, equal = (sum(v < value for v in others), sum(v == value for v in others))
            assert peers.below[i, 0] == pytest.approx(below / len(others))
            assert peers.percentile[i, 0] == pytest.approx((below + equal / 2) / len(others))
            assert peers.zeros[i, 0] == pytest.approx(sum(v == 0 for v in others) / len(others))


def test_a_group_is_named_as_a_rep_would():
    frame, profile = accounts(30, x=np.arange(30.0))

    peers = compare(frame, profile)

    assert peers.names[peers.group[0]] == "Enterprise customers in EMEA with 201–1,000 employees"


@pytest.mark.parametrize(
    ("others", "name"),
    [
        ({"region": "APAC"}, "Enterprise customers with 201–1,000 employees"),
        ({"region": "APAC", "employees": 60.0}, "Enterprise customers with 51–1,000 employees"),
        ({"region": "APAC", "employees": 5.0}, "Enterprise customers"),
        ({"segment": "Startup", "employees": 5.0}, "all customers"),
    ],
)
def test_a_small_group_backs_off(others, name):
    frame, profile = joined(accounts(10, x=np.arange(10.0)), accounts(25, x=np.arange(25.0), **others))

    peers = compare(frame, profile)

    assert peers.names[peers.group[0]] == name


def test_an_unknown_size_is_no_size():
    frame, profile = joined(
        accounts(40, x=np.arange(40.0), employees=np.nan), accounts(40, x=np.arange(40.0))
    )

    peers = compare(frame, profile)

    assert peers.names[peers.group[0]] == "Enterprise customers"
    assert peers.names[peers.group[-1]] == "Enterprise customers in EMEA with 201–1,000 employees"


def test_too_few_peers_are_not_told_of():
    values = pd.Series([1.0] * 10 + [np.nan] * 30)
    frame, profile = accounts(40, x=values)

    peers = compare(frame, profile)

    assert peers.count[0, 0] == 0
    assert np.isnan(peers.below[0, 0])


def test_a_value_is_not_compared_within_a_group_made_of_it():
    """Among those with 201 to 1,000 employees the number of employees would say little."""
    small = accounts(40, employees=5.0)[1]
    large = accounts(40, employees=500.0)[1]
    profile = pd.concat([small, large], ignore_index=True)

    peers = compare(profile, profile)

    employees, region = profile.columns.get_loc("employees"), profile.columns.get_loc("region")
    assert peers.below[-1, employees] == pytest.approx(40 / 79)
    assert peers.count[-1, region] == 39


def test_categories_have_the_share_of_the_same():
    values = pd.Series(["Banking"] * 10 + ["Retail"] * 30 + [None], dtype=object)
    frame, profile = accounts(41, industry=values)

    peers = compare(frame, profile)

    assert peers.same[0, 0] == pytest.approx(9 / 39)
    assert np.isnan(peers.same[-1, 0])
    assert np.isnan(peers.below[0, 0])


def test_a_hostile_segment_gives_a_harmless_name():
    frame, profile = accounts(40, segment="Evil\u202e\n" + "x" * 100, x=np.arange(40.0))

    name = compare(frame, profile).names[0]

    assert name.startswith("Evil x")
    assert len(name) < 120
    assert "\u202e" not in name
