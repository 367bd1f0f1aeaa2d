"""Upsell rating: maturity against tier, what reps heard, and what stands in the way."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.maturity.upsell import (
    RATINGS,
    OutcomeRule,
    Rule,
    Situation,
    UpsellOutcome,
    UpsellSettings,
    rate_upsell,
)

NOW = datetime(2026, 6, 1, tzinfo=UTC)
CASES = Rule("suppress", "several support cases are open", feature="open_cases", at_least=3)
FALLING = Rule("lower", "usage is falling", health="negative")
BUSY = Rule("raise", "usage is near its limit", feature="usage", at_least=100, at_most=200)
SETTINGS = UpsellSettings(rules=(CASES, FALLING, BUSY))


def upsell(
    rating="high", tier="Team", health="stable", outcome=None, days_ago=0, settings=SETTINGS, **features
):
    heard = UpsellOutcome(outcome, NOW - timedelta(days=days_ago)) if outcome else None
    return rate_upsell(Situation(rating, tier, health, heard, features), NOW, settings)


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


def test_the_admins_table_goes_before_the_gap():
    table = replace(SETTINGS, strength={"high": {"Business": "high", "Free": "none"}})

    assert upsell("high", "Business", settings=table).rating == "high"
    assert upsell("high", "Team", settings=table).rating == "high"
    assert upsell("high", "Free", settings=table).reason == (
        "Your company suggests no upsell from the Free tier at high maturity."
    )


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
        "High maturity on the Team tier, where Enterprise would fit, but a rep noted “not interested” on "
        "22 May 2026 (no upsell until 18 November 2026): nothing is suggested for now."
    )


def test_falling_usage_lowers_the_rating_by_a_step():
    found = upsell("high", "Team", health="negative")

    assert (found.rating, found.tier) == ("medium", "Enterprise")
    assert found.reason == (
        "High maturity on the Team tier, where Enterprise would fit, but usage is falling, so one step lower."
    )


def test_a_rating_lowered_to_nothing_suggests_nothing():
    found = upsell("low", "Free", health="negative")

    assert (found.rating, found.tier) == ("none", None)
    assert found.reason.endswith("but usage is falling: nothing is suggested for now.")


def test_open_cases_suppress_and_all_that_applies_is_named():
    found = upsell(health="negative", outcome="won", days_ago=5, open_cases=3.0)

    assert (found.rating, found.tier) == ("none", None)
    assert found.reason == (
        "High maturity on the Team tier, where Enterprise would fit, but a rep noted “won” on 27 May 2026 "
        "(no upsell until 25 August 2026), several support cases are open and usage is falling: nothing is "
        "suggested for now."
    )


@pytest.mark.parametrize(("usage", "expected"), [(99.0, "medium"), (100.0, "high"), (201.0, "medium")])
def test_a_rule_applies_within_its_bounds(usage, expected):
    assert upsell("high", "Business", usage=usage).rating == expected


def test_what_is_not_known_applies_no_rule():
    assert upsell(open_cases=float("nan")).rating == "high"
    assert upsell(health="unknown").rating == "high"


def test_a_step_up_and_a_step_down_are_both_told():
    found = upsell("high", "Business", health="negative", usage=150.0)

    assert found.rating == "medium"
    assert found.reason.endswith("but usage is falling, so one step lower, and usage is near its limit.")


def test_an_outcome_of_the_future_is_not_known_yet():
    assert upsell(outcome="no_fit", days_ago=-1).rating == "high"


@pytest.mark.parametrize(
    ("rating", "tier", "reason"),
    [
        (None, "Team", "Maturity is not known well enough"),
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
    st.sampled_from([0.0, 3.0, float("nan")]),
    st.lists(
        st.builds(Rule, st.sampled_from(["suppress", "lower", "raise"]), st.just("b" * 80), st.just("stable"))
    ),
)
def test_every_rating_has_a_sentence_that_fits(rating, tier, health, outcome, days_ago, cases, rules):
    settings = replace(SETTINGS, rules=(*SETTINGS.rules, *rules))

    found = upsell(rating, tier, health, outcome, days_ago, settings, open_cases=cases)

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

    assert upsell(outcome="not_now", settings=settings).rating == "high"
