"""Which reasons a rep is told, in which order."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import ModelError
from models.maturity.attributions import Attributions
from models.maturity.peers import compare
from models.maturity.reasons import Reason, ReasonSettings, find_reasons
from tests.models.maturity.made_up import CATALOGUE, made_up_attributions, made_up_frame
from tests.models.maturity.test_sentences import assert_sayable

DEFAULT = ReasonSettings()


def of_one(points, rules=DEFAULT, **values) -> tuple[Reason, ...]:
    """The reasons of one account among 40 alike; points per feature."""
    frame = pd.concat(
        [pd.DataFrame({name: [value] for name, value in values.items()})] * 40, ignore_index=True
    )
    levels = np.tile([points[name] / 50 for name in values], (40, 1))
    found = Attributions(levels, np.ones(40), 1 + levels.sum(axis=1))
    profile = pd.DataFrame({"segment": None, "region": None, "employees": np.nan}, index=frame.index)
    return find_reasons(found, frame, CATALOGUE, compare(frame, profile), rules)[0]


@given(st.integers(0, 1000))
@settings(max_examples=6, deadline=None)
def test_reasons_of_any_table_are_sayable_and_in_order(seed):
    frame = made_up_frame(60, seed)
    frame[[*CATALOGUE.categories]] = frame[[*CATALOGUE.categories]].where(
        frame[[*CATALOGUE.categories]].isna(), "North"
    )

    told = find_reasons(made_up_attributions(frame, seed), frame, CATALOGUE, compare(frame, frame))

    for reasons in told:
        sizes = [abs(reason.points) for reason in reasons]
        assert 0 < len(reasons) <= 15
        assert sizes == sorted(sizes, reverse=True)
        assert sizes[-1] >= 0.5
        assert len({reason.sentence for reason in reasons}) == len(reasons)
        for reason in reasons:
            assert_sayable(
                reason.sentence.split("; seen together")[0].split("; that does")[0].rstrip(".") + "."
            )


@given(st.integers(0, 1000))
@settings(max_examples=5, deadline=None)
def test_all_reasons_together_are_all_attributions_that_may_be_told(seed):
    frame = made_up_frame(20, seed)
    found = made_up_attributions(frame, seed)

    everything = ReasonSettings(most=1000, least_points=0.0, unexpected_points=0.0)
    told = find_reasons(found, frame, CATALOGUE, compare(frame, frame), everything)

    sums = [sum(reason.points for reason in reasons) for reasons in told]
    np.testing.assert_allclose(sums, found.values.sum(axis=1) * 50, atol=1e-6)


def test_windows_of_one_feature_are_told_once_by_the_strongest():
    values = {"webinars_90d": 2.0, "webinars_365d": 5.0}

    (reason,) = of_one({"webinars_90d": 2, "webinars_365d": 4}, **values)

    assert reason.features == ("webinars_365d", "webinars_90d")
    assert reason.points == pytest.approx(6)
    assert reason.sentence.startswith("Attended 5 webinars in the last year")


def test_what_pulls_against_the_sum_of_its_group_does_not_speak_for_it():
    values = {"webinars_90d": 2.0, "webinars_365d": 5.0}

    (reason,) = of_one({"webinars_90d": 5, "webinars_365d": -3}, **values)

    assert reason.direction == "up"
    assert reason.points == pytest.approx(2)
    assert reason.features[0] == "webinars_90d"


def test_what_is_missing_in_the_same_words_is_told_once():
    values = {"emails_in_90d": np.nan, "topics_raised_180d": np.nan}

    (reason,) = of_one({"emails_in_90d": -2, "topics_raised_180d": -1}, **values)

    assert reason.missing
    assert reason.sentence == "We have no e-mail from this customer."


def test_a_lack_that_counts_for_the_customer_is_told_only_where_strong_and_then_says_so():
    assert of_one({"satisfaction_365d": 2}, satisfaction_365d=np.nan) == ()

    (reason,) = of_one({"satisfaction_365d": 4}, satisfaction_365d=np.nan)

    assert reason.sentence == (
        "We have no satisfaction survey from this customer in the last year; "
        "that does not count against them here."
    )


def test_weak_reasons_are_left_out():
    assert of_one({"contacts": 0.4}, contacts=3.0) == ()


def test_barred_and_sensitive_features_are_not_told():
    points, values = {"contacts": 3, "satisfaction_365d": 3}, {"contacts": 3.0, "satisfaction_365d": 9.0}

    assert len(of_one(points, **values)) == 2
    assert (
        of_one(points, ReasonSettings(barred=frozenset({"contacts"}), tell_sensitive=False), **values) == ()
    )


def test_a_reason_against_expectation_is_left_out_unless_it_is_strong_and_then_says_so():
    """No webinar at all is expected to count against a higher rating."""
    assert of_one({"webinars_90d": 2.9}, webinars_90d=0.0) == ()

    (reason,) = of_one({"webinars_90d": 3.1}, webinars_90d=0.0)

    assert reason.sentence == (
        "Attended no webinar in the last 90 days, like all 39 similar customers; "
        "seen together with the rest, it still counts for a higher rating."
    )


def test_a_member_that_agrees_speaks_for_a_group_whose_strongest_does_not():
    values = {"webinars_90d": 0.0, "webinars_365d": 5.0}

    (reason,) = of_one({"webinars_90d": 2, "webinars_365d": 1}, **values)

    assert reason.features == ("webinars_365d", "webinars_90d")


def test_tables_that_do_not_fit_are_refused():
    frame = made_up_frame(40)
    found = made_up_attributions(frame)

    with pytest.raises(ModelError, match="same accounts and features"):
        find_reasons(replace(found, values=found.values[:, 1:]), frame, CATALOGUE, compare(frame, frame))
