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
from models.maturity.reasons import (
    SURPRISING,
    TOGETHER,
    Reason,
    ReasonSettings,
    TalkTrack,
    find_reasons,
    unknown_points,
)
from tests.models.maturity.made_up import CATALOGUE, made_up_attributions, made_up_frame
from tests.models.maturity.test_sentences import assert_sayable

DEFAULT = ReasonSettings()


def scored(points, n=40):
    """n accounts with the same points, feature by feature."""
    levels = np.tile([each / 50 for each in points], (n, 1))
    return Attributions(levels, np.ones(n), 1 + levels.sum(axis=1))


def explaining(name, points):
    """What the others have of what one account has; the same where reps expect no direction."""
    expected = points * CATALOGUE[name].direction
    return 0.5 if expected > 0 else 2.0 if expected < 0 else 1.0


def of_one(points, rules=DEFAULT, **values) -> tuple[Reason, ...]:
    """The reasons of one account among 40 whose values explain its points by being higher or lower."""
    mine = pd.DataFrame({name: [value] for name, value in values.items()})
    others = mine.assign(**{name: value * explaining(name, points[name]) for name, value in values.items()})
    frame = pd.concat([mine, *[others] * 39], ignore_index=True)
    profile = pd.DataFrame({"segment": None, "region": None, "employees": np.nan}, index=frame.index)
    found = scored([points[name] for name in values])
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
        assert 0 < len(reasons) <= 12
        assert sizes == sorted(sizes, reverse=True)
        assert sizes[-1] >= 1
        assert len({reason.sentence for reason in reasons}) == len(reasons)
        for reason in reasons:
            assert not (reason.missing and reason.direction == "up")
            said = reason.sentence
            for ending in (*SURPRISING.values(), *TOGETHER.values()):
                said = said.replace(ending, "")
            assert_sayable(said)


@given(st.integers(0, 1000))
@settings(max_examples=5, deadline=None)
def test_a_reason_has_the_points_of_its_features_and_no_feature_is_told_twice(seed):
    frame = made_up_frame(20, seed)
    found = made_up_attributions(frame, seed)

    everything = ReasonSettings(most=1000, least_points=0.0, surprising_points=0.0)
    told = find_reasons(found, frame, CATALOGUE, compare(frame, frame), everything)

    for values, reasons in zip(found.values * 50, told, strict=True):
        names = [name for reason in reasons for name in reason.features]
        assert len(set(names)) == len(names)
        for reason in reasons:
            points = sum(values[CATALOGUE.names.index(name)] for name in reason.features)
            assert points == pytest.approx(reason.points)


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
    assert not reason.sensitive
    assert reason.sentence == "We have no e-mail from this customer."


def test_what_we_have_some_of_is_not_called_lacking():
    """Not "we have too little usage" below "used the product 200 times a day"."""
    values = {"usage_events_per_day_28d": 200.0, "usage_events_per_day_365d": np.nan}

    (reason,) = of_one({"usage_events_per_day_28d": 2, "usage_events_per_day_365d": -3}, **values)

    assert not reason.missing


def test_a_weak_lack_is_not_told():
    assert of_one({"satisfaction_365d": -1.9}, satisfaction_365d=np.nan) == ()


def test_what_is_usual_explains_nothing_by_itself():
    assert of_one({"employees": -4}, employees=300.0) == ()

    (reason,) = of_one({"employees": -6}, employees=300.0)

    assert reason.sentence == (
        "Has 300 employees, as is usual for customers; "
        "together with its other figures, this goes with a lower rating."
    )
    assert reason.surprising


def test_nobody_is_praised_for_what_we_do_not_know():
    values = {"satisfaction_365d": np.nan, "contacts": 3.0}
    frame = pd.DataFrame([values] * 40)

    told = of_one({"satisfaction_365d": 25, "contacts": 2}, **values)

    assert [reason.features for reason in told] == [("contacts",)]
    assert unknown_points(scored([25, 2]), frame, CATALOGUE)[0] == pytest.approx(25)


def test_weak_reasons_are_left_out():
    assert of_one({"contacts": 0.9}, contacts=3.0) == ()


def test_both_directions_are_told_however_strong_one_is():
    strong = ["webinars_90d", "trainings_90d", "contacts", "users_peak_28d", "web_visits_28d"]
    points = {**dict.fromkeys(strong, 9.0), "email_days_since_last": -2.0}

    told = of_one(points, ReasonSettings(most=4, of_each=1), **dict.fromkeys(points, 4.0))

    assert [reason.direction for reason in told] == ["up", "up", "up", "down"]


def test_barred_and_sensitive_features_are_not_told():
    points, values = {"contacts": 3, "satisfaction_365d": 3}, {"contacts": 3.0, "satisfaction_365d": 9.0}
    closed = ReasonSettings(barred=frozenset({"contacts"}), tell_sensitive=False)

    assert [reason.sensitive for reason in of_one(points, **values)] == [False, True]
    assert of_one(points, closed, **values) == ()


def test_our_own_doing_is_no_reason():
    """That we wrote a customer forty e-mails counts in the model and is nothing to tell the customer."""
    reasons = of_one({"emails_out_90d": 9, "contacts": 3}, emails_out_90d=40.0, contacts=3.0)

    assert [reason.features for reason in reasons] == [("contacts",)]


def test_a_reason_against_expectation_is_left_out_unless_it_is_strong_and_then_says_so():
    """No webinar at all is expected to count against a higher rating."""
    assert of_one({"webinars_90d": 4.9}, webinars_90d=0.0) == ()

    (reason,) = of_one({"webinars_90d": 5.1}, webinars_90d=0.0)

    assert reason.surprising
    assert reason.sentence == (
        "Attended no webinar in the last 90 days, like all 39 customers; "
        "usually a weak sign, but here it goes with a higher rating."
    )


def test_a_member_that_agrees_speaks_for_a_group_whose_strongest_does_not():
    values = {"webinars_90d": 0.0, "webinars_365d": 5.0}

    (reason,) = of_one({"webinars_90d": 2, "webinars_365d": 1}, **values)

    assert reason.features == ("webinars_365d", "webinars_90d")


TRACKS = ReasonSettings(talk_tracks={"webinars_90d": TalkTrack(up="Ask who came.", down="Invite them.")})


@pytest.mark.parametrize(
    ("value", "points", "said"), [(5.0, 4, "Ask who came."), (0.0, -4, "Invite them."), (np.nan, -4, "")]
)
def test_a_talk_track_goes_with_the_direction_and_with_no_lack(value, points, said):
    (reason,) = of_one({"webinars_90d": points}, TRACKS, webinars_90d=value)

    assert reason.talk_track == said


def test_a_talk_track_of_a_feature_that_another_speaks_for_is_told_too():
    values = {"webinars_90d": 2.0, "webinars_365d": 5.0}

    (reason,) = of_one({"webinars_90d": 2, "webinars_365d": 4}, TRACKS, **values)

    assert (reason.features[0], reason.talk_track) == ("webinars_365d", "Ask who came.")


def test_tables_that_do_not_fit_are_refused():
    frame = made_up_frame(40)
    found = made_up_attributions(frame)

    with pytest.raises(ModelError, match="same accounts and features"):
        find_reasons(replace(found, values=found.values[:, 1:]), frame, CATALOGUE, compare(frame, frame))
