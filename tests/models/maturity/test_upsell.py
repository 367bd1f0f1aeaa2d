"""Upsell rating: maturity against tier, and what reps heard."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.maturity.upsell import RATINGS, OutcomeRule, UpsellOutcome, UpsellSettings, rate_upsell

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SETTINGS = UpsellSettings()


def upsell(rating="high", tier="Team", health="stable", outcome=None, days_ago=0):
    heard = UpsellOutcome(outcome, NOW - timedelta(days=days_ago)) if outcome else None
    return rate_upsell(rating, tier, health, heard, NOW, SETTINGS)


@pytest.mark.parametrize(
    ("rating", "tier", "expected", "suggested"),
    [
        ("high", "Enterprise", "none", None),
        ("high", "Business", "medium", "Enterprise"),
        ("high", "Team", "high", "Enterprise"),
        ("high", "Free", "high", "Enterprise"),
        ("medium", "Team", "medium", "Business"),
        ("medium", "Enterprise", "none", None),
        ("low", "Free", "low", "Team"),
        ("low", "Business", "none", None),
    ],
)
def test_the_gap_between_maturity_and_tier_decides(rating, tier, expected, suggested):
    found = upsell(rating, tier)

    assert (found.rating, found.tier) == (expected, suggested)


@pytest.mark.parametrize(
    ("outcome", "quiet_days"), [("not_interested", 180), ("not_now", 90), ("won", 90), ("no_fit", 365)]
)
def test_an_outcome_keeps_us_quiet_for_its_time(outcome, quiet_days):
    assert upsell(outcome=outcome, days_ago=quiet_days - 1).rating == "none"
    assert upsell(outcome=outcome, days_ago=quiet_days).rating == "high"


def test_after_a_not_now_the_rating_is_raised_for_a_time():
    assert upsell("high", "Business", outcome="not_now", days_ago=95).rating == "high"
    assert upsell("high", "Business", outcome="not_now", days_ago=125).rating == "medium"


def test_the_reason_names_the_outcome_and_its_end():
    found = upsell(outcome="not_interested", days_ago=10)

    assert found.reason == (
        "A rep noted “not interested” on 22 May 2026; no upsell is suggested before 18 November 2026."
    )


def test_falling_usage_lowers_the_rating():
    found = upsell("high", "Team", health="negative")

    assert found.rating == "medium"
    assert "help comes before selling" in found.reason


def test_an_outcome_of_the_future_is_not_known_yet():
    assert upsell(outcome="no_fit", days_ago=-1).rating == "high"


@pytest.mark.parametrize(
    ("rating", "tier", "reason"),
    [
        (None, "Team", "Maturity is not known yet"),
        ("high", None, "The CRM has no tier"),
        ("high", "Gold\u202e" + "x" * 300, "The tier “Gold"),
    ],
)
def test_what_is_unknown_is_said(rating, tier, reason):
    found = upsell(rating, tier)

    assert (found.rating, found.tier) == ("none", None)
    assert found.reason.startswith(reason)
    assert "\u202e" not in found.reason


@given(
    st.sampled_from([None, "low", "medium", "high"]),
    st.one_of(st.none(), st.sampled_from(SETTINGS.order), st.text(max_size=400)),
    st.sampled_from(["positive", "stable", "negative", "unknown"]),
    st.one_of(st.none(), st.sampled_from([*SETTINGS.outcomes])),
    st.integers(-10, 500),
)
def test_every_rating_has_a_sentence_that_fits(rating, tier, health, outcome, days_ago):
    found = upsell(rating, tier, health, outcome, days_ago)

    assert found.rating in RATINGS
    assert (found.tier is None) == (found.rating == "none")
    assert len(found.reason) <= 255
    assert found.reason[0].isupper()
    assert found.reason[-1] == "."


def test_settings_that_name_an_unknown_tier_are_refused():
    with pytest.raises(ValueError, match='"Gold"'):
        UpsellSettings(fits={"low": "Gold"})


def test_an_outcome_without_a_rule_changes_nothing():
    settings = UpsellSettings(outcomes={"won": OutcomeRule(30)})

    found = rate_upsell("high", "Team", "stable", UpsellOutcome("not_now", NOW), NOW, settings)

    assert found.rating == "high"
