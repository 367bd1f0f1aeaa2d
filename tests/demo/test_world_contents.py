"""What is in a world: situations, incidents, measured zeros, labels, and reps who are human."""

from collections import Counter
from datetime import date
from typing import get_args

import numpy as np
import pytest

from demo.world import ShownScore, World, generate, rep_feedback, tiny
from demo.world.accounts import accounts_of
from demo.world.latent import latent
from demo.world.ratings import ratings_of
from demo.world.records import LEVELS, Array, EventKind, Rule, Situation, Truth, UsageEvent, UsageSeries
from demo.world.timeline import Timeline

TODAY = date(2026, 11, 23)
UPSELL_OUTCOMES = {"Not interested", "Not now", "Won", "No fit"}


@pytest.fixture(scope="module")
def world() -> World:
    return generate(11, TODAY, "linear", accounts=300, days=330)


def usage(world: World, tenant: str) -> list[UsageSeries]:
    return [series for series in world.usage if series.tenant == tenant]


@pytest.mark.parametrize("seed", [1, 2])
def test_even_a_tiny_world_has_every_situation(seed: int) -> None:
    accounts = tiny(seed, TODAY).accounts

    assert len(accounts) == 40
    assert {account.situation for account in accounts} == set(get_args(Situation))


def test_accounts_are_as_their_situation_says(world: World) -> None:
    for account in world.accounts:
        age_days = (TODAY - account.created_at.date()).days
        assert (age_days < 56) == (account.situation == "young")
        assert bool(usage(world, account.tenant)) == (account.situation != "no_usage")
        assert (account.tenant_in_crm is None) == (account.situation == "unmatched")


def test_a_stopped_tenant_reports_zeros_and_then_nothing(world: World) -> None:
    truths = {truth.account_id: truth for truth in world.truths}
    stopped = next(account for account in world.accounts if account.situation == "stopped")

    stop = next(event for event in truths[stopped.id].events if event.kind == "stop")
    for series in usage(world, stopped.tenant):
        after = series.events[(stop.start - series.first_day).days :]
        assert set(after[~np.isnan(after)]) <= {0.0}


def test_zeros_are_measured_and_missing_days_have_no_row(world: World) -> None:
    events = np.concatenate([series.events for series in world.usage])

    assert (events == 0).sum() > 1000
    assert np.isnan(events).sum() > 1000


def test_misuse_multiplies_events_and_brings_no_users(world: World) -> None:
    accounts = {account.id: account.tenant for account in world.accounts if account.situation == "regular"}
    ratios = [
        (growth(series.events, world, event), growth(series.users, world, event))
        for truth in world.truths
        if truth.account_id in accounts
        for event in truth.events
        if event.kind == "misuse"
        for series in usage(world, accounts[truth.account_id])
    ]

    on_events, on_users = np.nanmedian(np.array(ratios), axis=0)
    assert on_events > 4
    assert on_users < 1.5


def growth(values: Array, world: World, event: UsageEvent) -> float:
    """Total during the event over the total of the same days four weeks before; NaN where not measured."""
    start = world.days - 1 - (TODAY - event.start).days
    during = values[start : start + event.days].sum()
    before = values[max(0, start - 28) : max(0, start - 28) + event.days].sum()
    return float(during / (before + 1))


def test_every_kind_of_incident_occurs(world: World) -> None:
    kinds = Counter(event.kind for truth in world.truths for event in truth.events)

    assert set(kinds) == set(get_args(EventKind))


def test_two_pairs_of_accounts_claim_one_domain_each(world: World) -> None:
    websites = Counter(account.website for account in world.accounts)

    assert sorted(websites.values())[-3:] == [1, 2, 2]


def test_people_write_from_freemail_that_belongs_to_nobody(world: World) -> None:
    assert any((contact.email or "").endswith("@freemail.example") for contact in world.contacts)
    assert "freemail.example" not in {account.domain for account in world.accounts}


@pytest.mark.parametrize("rule", get_args(Rule))
@pytest.mark.parametrize("seed", range(3))
def test_every_class_has_enough_labels_in_a_full_world(seed: int, rule: Rule) -> None:
    """Built from its parts, without the usage and the mails that take the time."""
    timeline = Timeline(TODAY, 730)
    population = latent(seed, rule, 600, timeline)
    accounts = accounts_of(seed, population.size, timeline)
    truths = tuple(
        Truth(account.id, tuple(map(int, levels)), (), ())
        for account, levels in zip(accounts, population.levels, strict=True)
    )

    labels = {r.account_id: r.level for r in ratings_of(seed, rule, accounts, truths, timeline)}

    assert len(labels) == 276
    assert min(Counter(labels.values())[level] for level in LEVELS) >= 65


def test_experts_are_mostly_right_and_at_times_rate_twice(world: World) -> None:
    truths = {truth.account_id: truth for truth in world.truths}
    right = []
    for rating in world.ratings:
        month = sum(first <= rating.at.date() for first in world.months) - 1
        right.append(LEVELS[truths[rating.account_id].levels[month]] == rating.level)

    assert 0.88 < np.mean(right) < 0.99
    assert max(Counter(rating.account_id for rating in world.ratings).values()) == 2


def shown(world: World, rating: str, upsell: str = "None") -> dict[str, ShownScore]:
    return {account.id: ShownScore(rating, 50.0, upsell) for account in world.accounts}


def test_reps_are_anchored_on_what_they_are_shown(world: World) -> None:
    """Whatever is shown to everybody, most agree; those who contradict are mostly right to do so."""
    levels = {truth.account_id: truth.levels[-1] for truth in world.truths}
    for rating in LEVELS:
        given = rep_feedback(world, shown(world, rating), seed=1, share=1.0)
        agree = np.mean([each.value == "Rating right" for each in given])
        contradicted = [levels[each.account_id] for each in given if each.value == "Rating too high"]

        assert 0.4 < agree < 0.95
        assert not contradicted or np.mean(contradicted) < LEVELS.index(rating)


def test_reps_know_nothing_where_there_is_no_signal() -> None:
    blind = generate(11, TODAY, "no_signal", accounts=300, days=100)
    levels = {truth.account_id: truth.levels[-1] for truth in blind.truths}

    given = rep_feedback(blind, shown(blind, "Medium"), seed=1, share=1.0)

    mean = {
        value: np.mean([levels[each.account_id] for each in given if each.value == value])
        for value in ("Rating too high", "Rating too low")
    }
    assert abs(mean["Rating too high"] - mean["Rating too low"]) < 0.5


def test_upsell_outcomes_come_only_where_an_upsell_is_shown(world: World) -> None:
    without = rep_feedback(world, shown(world, "Medium"), seed=1, share=1.0)
    offered = rep_feedback(world, shown(world, "Medium", "High"), seed=1, share=1.0)

    assert not {each.value for each in without} & UPSELL_OUTCOMES
    assert {each.value for each in offered} >= UPSELL_OUTCOMES


def test_an_unknown_rating_gets_no_opinion(world: World) -> None:
    assert rep_feedback(world, shown(world, "Unknown"), seed=1, share=1.0) == []


def test_feedback_repeats_with_its_seed_and_covers_its_share(world: World) -> None:
    given = rep_feedback(world, shown(world, "High"), seed=4, share=0.3)

    assert given == rep_feedback(world, shown(world, "High"), seed=4, share=0.3)
    assert 0.2 < len(given) / len(world.accounts) < 0.4
    assert {each.rep for each in given} == {user.username for user in world.users if user.part == "rep"}
