"""What changed since the score shown last."""

import re
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import ModelError
from models.maturity.attributions import Attributions
from models.maturity.reasons import ReasonSettings
from models.maturity.shift import Shift, Shown, find_shift, shift_sentences
from tests.models.maturity.made_up import CATALOGUE, made_up_attributions, made_up_frame

DEFAULT = ReasonSettings()
SINCE = date(2026, 11, 12)
UNCHANGED = Shown("medium", SINCE, "medium")
LEVELS = st.sampled_from(["low", "medium", "high"])


def scored(*values, start=1.0):
    """One account's attributions, in points."""
    levels = np.array([values]) / 50
    return Attributions(levels, np.array([start]), start + levels.sum(axis=1))


def told(shift, old, new, shown=UNCHANGED, rules=DEFAULT):
    """The sentence of one account."""
    groups = [CATALOGUE[name].group_name for name in new]
    (text,) = shift_sentences(
        shift, [shown], pd.DataFrame([old]), pd.DataFrame([new]), CATALOGUE, groups, rules
    )
    return text


def sentence(before, last_model_now, now, old, new, **more):
    return told(find_shift(before, last_model_now, now), old, new, **more)


OLD = {"webinars_90d": 1.0, "tier": "Team"}
NEW = {"webinars_90d": 4.0, "tier": "Team"}


@given(st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_the_parts_add_up_exactly(seed):
    frame = made_up_frame(10)
    before, bridge, now = (made_up_attributions(frame, seed + i) for i in range(3))

    shift = find_shift(before, bridge, now)

    np.testing.assert_allclose(shift.before + shift.data.sum(axis=1) + shift.model, shift.after, atol=1e-9)


def test_new_data_is_told_with_the_value_that_moved_most():
    now = scored(8.0, 1.0)

    text = sentence(scored(2.0, 1.0), now, now, OLD, NEW)

    assert text == (
        "Since 12 November 2026 the score has risen by 6 points to 59, mostly because of webinars attended "
        "in the last 90 days (from 1 to 4 webinars)."
    )


def test_a_new_model_is_not_blamed_on_the_customer():
    text = sentence(scored(2.0, 1.0), scored(2.0, 1.0), scored(-3.0, 1.0), OLD, OLD)

    assert text == (
        "Since 12 November 2026 the score has fallen by 5 points to 48, because the model was trained anew; "
        "the customer's data hardly changed."
    )


def test_both_parts_are_told_and_add_up():
    text = sentence(scored(2.0, 1.0), scored(8.0, 1.0), scored(6.0, 1.0), OLD, NEW)

    assert text == (
        "Since 12 November 2026 the score has risen by 4 points to 57: +6 by new data, mostly because of "
        "webinars attended in the last 90 days (from 1 to 4 webinars), and −2 by a newly trained model."
    )


def test_parts_that_cancel_out_are_told():
    text = sentence(scored(2.0, 1.0), scored(8.0, 1.0), scored(2.0, 1.0), OLD, NEW)

    assert text.startswith("Since 12 November 2026 the score has stayed at 53: +6 by new data")


@pytest.mark.parametrize("points", [2.2, 3.4, 0.6])
def test_a_move_that_means_nothing_gets_no_cause(points):
    now = scored(points, 1.0)

    assert sentence(scored(2.0, 1.0), now, now, OLD, NEW) == (
        f"Since 12 November 2026 the score has hardly moved; it is {51 + points:.0f}."
    )


def test_a_change_of_rating_is_told_first():
    now = scored(8.0, 1.0)
    shown = Shown("medium", SINCE, "high")

    text = sentence(scored(2.0, 1.0), now, now, OLD, NEW, shown=shown)

    assert text.startswith(
        "Since 12 November 2026 the rating has risen from medium to high, the score having risen by 6 points "
        "to 59, mostly because of"
    )


def test_a_rating_that_changed_though_the_score_hardly_did_says_why():
    now = scored(2.2, 1.0)

    text = sentence(scored(2.0, 1.0), now, now, OLD, OLD, shown=Shown("high", SINCE, "medium"))

    assert text == (
        "Since 12 November 2026 the rating has fallen from high to medium: the score, still 53, was close to "
        "the line between them."
    )


def test_a_last_model_that_cannot_read_todays_figures_gives_all_of_the_change_to_the_model():
    """The catalogue has lost a feature since."""
    shift = find_shift(scored(2.0, 1.0), None, scored(9.0))

    assert shift.model == pytest.approx(6)
    assert told(shift, {}, {}) == (
        "Since 12 November 2026 the score has risen by 6 points to 59, because the model was trained anew on "
        "other figures."
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ({"tier": None}, {"tier": "Team"}, "because of the subscription (now Team, unknown before)"),
        ({"tier": "Team"}, {"tier": "Business"}, "because of the subscription (from Team to Business)"),
        ({"contacts": np.nan}, {"contacts": 3.0}, "(now 3 contacts, unknown before)"),
        ({"tier": "Team"}, {"tier": None}, ", by many small changes in the customer's data."),
        ({"tier": "Team"}, {"tier": "Team"}, ", by many small changes in the customer's data."),
        ({"contacts": 4.0}, {"contacts": 3.0}, ", by many small changes in the customer's data."),
    ],
)
def test_what_moved_is_named_where_that_makes_sense(old, new, said):
    """Never a rise because of what is unknown now, reads the same, or moved the other way."""
    now = scored(9.0)

    assert said in sentence(scored(2.0), now, now, old, new)


def test_a_value_that_was_lost_explains_a_fall():
    now = scored(1.0)

    text = sentence(scored(7.0), now, now, {"tier": "Team"}, {"tier": None})

    assert "the subscription (Team before, unknown now)" in text


def test_spans_are_said_as_people_say_them():
    now = scored(8.0)

    text = sentence(scored(2.0), now, now, {"email_days_since_last": 151.0}, {"email_days_since_last": 0.12})

    assert (
        "because of the time since the customer last wrote to us (from about 5 months to less than a day)"
        in text
    )


def test_what_may_not_be_told_is_not_named():
    now = scored(8.0, 1.0)
    closed = ReasonSettings(barred=frozenset({"webinars_90d"}))

    assert "webinars" not in sentence(scored(2.0, 1.0), now, now, OLD, NEW, rules=closed)


def test_one_of_several_changes_is_not_said_to_be_most_of_it():
    old = {"webinars_90d": 1.0, "contacts": 2.0, "trainings_90d": 0.0}
    new = {"webinars_90d": 4.0, "contacts": 3.0, "trainings_90d": 1.0}
    now = scored(5.0, 4.0, 3.0)

    assert "among other things because of webinars" in sentence(scored(1.0, 1.0, 1.0), now, now, old, new)


@given(st.floats(0, 100), st.floats(-40, 40), st.floats(-40, 40), LEVELS, LEVELS)
@settings(max_examples=200, deadline=None)
def test_figures_told_add_up_and_keep_their_signs(before, data, model, was, rating):
    shift = Shift(
        np.array([before]), np.array([before + data + model]), np.array([[data]]), np.array([model])
    )
    text = told(shift, {"webinars_90d": 1.0}, {"webinars_90d": 4.0}, Shown(was, SINCE, rating))
    parts = re.search(r": ([+−]\d+) by new data.* and ([+−]\d+) by a newly", text)
    moved = re.search(r"score ha(?:s|ving) (risen|fallen) by (\d+) point", text)

    assert re.fullmatch(r"Since 12 November 2026 the .*[^.]\.", text)
    assert "by 0" not in text
    change = (int(moved[2]) if moved[1] == "risen" else -int(moved[2])) if moved else 0
    if parts:
        by_data, by_model = (int(part.replace("−", "-")) for part in parts.groups())
        assert by_data + by_model == change
        assert by_data * data >= 0
        assert by_model * model >= 0


def test_attributions_of_another_model_are_refused():
    with pytest.raises(ModelError, match="another model"):
        find_shift(scored(1.0), scored(1.0, start=1.2), scored(1.0))
