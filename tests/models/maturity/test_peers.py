"""Standing among similar customers."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.maturity.peers import Group, compare


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
            assert peers.above[i, 0] == pytest.approx(1 - (below + equal) / len(others))
            assert peers.zeros[i, 0] == pytest.approx(sum(v == 0 for v in others) / len(others))


def test_a_group_is_named_as_a_rep_would():
    frame, profile = accounts(30, x=np.arange(30.0))

    peers = compare(frame, profile)

    assert peers.groups[peers.home[0]] == Group("Enterprise customers in EMEA with 201–1,000 employees", 30)


@pytest.mark.parametrize(
    ("others", "group"),
    [
        ({"region": "APAC"}, Group("Enterprise customers with 201–1,000 employees", 35)),
        ({"region": "APAC", "employees": 60.0}, Group("Enterprise customers with 51–1,000 employees", 35)),
        ({"region": "APAC", "employees": 5.0}, Group("Enterprise customers", 35)),
        ({"segment": "Startup"}, Group("customers in EMEA with 201–1,000 employees", 35)),
        ({"segment": "Startup", "region": "APAC"}, Group("customers with 201–1,000 employees", 35)),
        ({"segment": "Startup", "employees": 5.0}, Group("customers in EMEA", 35)),
        (
            {"segment": "Startup", "region": "APAC", "employees": 5.0},
            Group("customers", 35, everybody=True),
        ),
    ],
)
def test_a_small_group_backs_off(others, group):
    frame, profile = joined(accounts(10, x=np.arange(10.0)), accounts(25, x=np.arange(25.0), **others))

    peers = compare(frame, profile)

    assert peers.groups[peers.home[0]] == group


def test_a_group_of_thirty_does_not_back_off_and_one_of_29_does():
    thirty, fewer = accounts(30, x=np.arange(30.0)), accounts(29, region="APAC", x=np.arange(29.0))

    peers = compare(*joined(thirty, fewer))

    names = [peers.groups[home].name for home in (peers.home[0], peers.home[-1])]
    assert names == [
        "Enterprise customers in EMEA with 201–1,000 employees",
        "Enterprise customers with 201–1,000 employees",
    ]


def test_percentages_are_over_the_peers_that_have_a_value():
    frame, profile = accounts(40, x=pd.Series([5.0] + [1.0] * 15 + [9.0] * 5 + [np.nan] * 19))

    peers = compare(frame, profile)

    assert (peers.count[0, 0], peers.groups[peers.home[0]].members) == (20, 40)
    assert peers.below[0, 0] == pytest.approx(0.75)


def test_every_account_is_also_compared_with_all_customers():
    low, high = accounts(40, x=np.arange(40.0)), accounts(40, region="APAC", x=np.arange(100.0, 140.0))

    peers = compare(*joined(low, high))

    assert peers.below[40, 0] == 0
    assert peers.all_below[40, 0] == pytest.approx(40 / 79)
    assert peers.all_count[40, 0] == 79


def test_the_standing_of_some_accounts_is_still_among_all():
    frame, profile = accounts(40, x=np.arange(40.0))

    some = compare(frame, profile).of(np.array([39, 0]))

    assert some.below[:, 0].tolist() == [1.0, 0.0]
    assert some.groups[some.home[0]].members == 40


def test_an_unknown_size_is_no_size():
    frame, profile = joined(
        accounts(40, x=np.arange(40.0), employees=np.nan), accounts(40, x=np.arange(40.0))
    )

    peers = compare(frame, profile)

    names = [peers.groups[home].name for home in (peers.home[0], peers.home[-1])]
    assert names == ["Enterprise customers", "Enterprise customers in EMEA with 201–1,000 employees"]


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
    assert peers.groups[peers.group[-1, employees]] == Group("Enterprise customers in EMEA", 80)


def test_categories_have_the_share_of_the_same():
    values = pd.Series(["Banking"] * 10 + ["Retail"] * 30 + [None], dtype=object)
    frame, profile = accounts(41, industry=values)

    peers = compare(frame, profile)

    assert peers.same[0, 0] == pytest.approx(9 / 39)
    assert np.isnan(peers.same[-1, 0])
    assert np.isnan(peers.below[0, 0])


def test_a_hostile_segment_gives_a_harmless_name():
    frame, profile = accounts(40, segment="Evil\u202e\n" + "x" * 100, x=np.arange(40.0))

    name = compare(frame, profile).groups[0].name

    assert name.startswith("Evil x")
    assert len(name) < 120
    assert "\u202e" not in name
