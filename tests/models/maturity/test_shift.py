"""What changed since the last score."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import ModelError
from models.maturity.attributions import Attributions
from models.maturity.shift import find_shift, shift_sentences
from tests.models.maturity.made_up import CATALOGUE, made_up_attributions, made_up_frame


def scored(*values, start=1.0):
    """One account's attributions, in points."""
    levels = np.array([values]) / 50
    return Attributions(levels, np.array([start]), start + levels.sum(axis=1))


def sentence(before, last_model_now, now, old, new):
    shift = find_shift(before, last_model_now, now)
    (text,) = shift_sentences(shift, pd.DataFrame([old]), pd.DataFrame([new]), CATALOGUE)
    return text


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
        "The score rose by 6 points to 59, mostly because of webinars attended in the last 90 days "
        "(from 1 to 4 webinars)."
    )


def test_a_new_model_is_not_blamed_on_the_customer():
    text = sentence(scored(2.0, 1.0), scored(2.0, 1.0), scored(-3.0, 1.0), OLD, OLD)

    assert text == (
        "The score fell by 5 points to 48 because the model was trained anew; "
        "the customer's data hardly changed."
    )


def test_both_parts_are_told_and_add_up():
    text = sentence(scored(2.0, 1.0), scored(8.0, 1.0), scored(6.0, 1.0), OLD, NEW)

    assert text == (
        "The score rose by 4 points to 57: +6 by new data, mostly webinars attended in the last 90 days "
        "(from 1 to 4 webinars), and −2 by a newly trained model."
    )


def test_a_score_that_stayed_is_said_to_have_stayed():
    now = scored(2.2, 1.0)

    assert sentence(scored(2.0, 1.0), now, now, OLD, OLD) == "The score stayed at 53."


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ({"tier": None}, {"tier": "Team"}, "the subscription (now Team, unknown before)"),
        ({"tier": "Team"}, {"tier": None}, "the subscription (Team before, unknown now)"),
        ({"tier": "Team"}, {"tier": "Business"}, "the subscription (from Team to Business)"),
        ({"tier": "Team"}, {"tier": "Team"}, "the subscription."),
        ({"contacts": np.nan}, {"contacts": 3.0}, "(now 3 contacts, unknown before)"),
    ],
)
def test_values_that_came_or_went_are_said_so(old, new, told):
    now = scored(9.0)

    assert told in sentence(scored(2.0), now, now, old, new)


def test_attributions_of_another_model_are_refused():
    with pytest.raises(ModelError, match="another model"):
        find_shift(scored(1.0), scored(1.0, start=1.2), scored(1.0))
