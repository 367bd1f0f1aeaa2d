"""What reps and experts say: labels of the maturity, or outcomes of an upsell, never both."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from daemon.config.feedback import FeedbackTable
from daemon.labels import Heard, heard_until, keep_merges, keep_upgrades, newest_outcomes
from daemon.lake.reading import TierChange
from daemon.state.engine import read, write
from daemon.state.tables import expert_ratings, feedback_events
from models.tables import LEVELS
from tests.conftest import NOW

ACCOUNT = "001000000000001AAA"


def say(engine: Engine, value: str, shown: str | None = "Medium", days_ago: float = 1) -> None:
    at = NOW - timedelta(days=days_ago)
    row = {"event_id": f"{value}{at}", "account_id": ACCOUNT, "value": value, "at": at, "shown_rating": shown}
    with write(engine) as connection:
        connection.execute(insert(feedback_events).values(**row, landed_at=NOW))


def rate(engine: Engine, level: str, **more: Any) -> None:
    row = {"event_id": level, "account_id": ACCOUNT, "level": level, "at": NOW - timedelta(days=2), **more}
    with write(engine) as connection:
        connection.execute(insert(expert_ratings).values(**row, landed_at=NOW))


def heard(engine: Engine, **settings: Any) -> Heard:
    with read(engine) as connection:
        return heard_until(connection, FeedbackTable(**settings), NOW)


@pytest.mark.parametrize(
    ("value", "shown", "level", "weight"),
    [
        ("Rating right", "High", "high", 0.3),
        ("Rating too low", "Low", "medium", 0.6),
        ("Rating too high", "Medium", "low", 0.6),
        ("Rating too low", "High", "high", 0.6),
    ],
)
def test_feedback_on_a_rating_is_a_label_one_level_off_what_was_shown(
    engine: Engine, value: str, shown: str, level: str, weight: float
) -> None:
    say(engine, value, shown)

    (label,) = heard(engine).labels

    assert (LEVELS[label.level], label.weight, label.origin) == (level, weight, "feedback")


@pytest.mark.parametrize("value", ["Not interested", "Not now", "Won", "No fit"])
def test_what_came_of_an_upsell_is_never_a_label(engine: Engine, value: str) -> None:
    say(engine, value)

    found = heard(engine)

    assert found.labels == ()
    assert [outcome.value for outcome in found.outcomes] == [value.lower().replace(" ", "_")]


def test_feedback_where_no_rating_was_shown_is_no_label(engine: Engine) -> None:
    say(engine, "Rating right", shown="Unknown")
    say(engine, "Rating too low", shown=None)

    assert heard(engine).labels == ()


def test_experts_count_fully(engine: Engine) -> None:
    rate(engine, "High")

    (label,) = heard(engine).labels

    assert (LEVELS[label.level], label.weight, label.origin) == ("high", 1.0, "expert")


def test_what_is_said_after_the_cut_waits_for_the_next_run(engine: Engine) -> None:
    say(engine, "Won", days_ago=-0.1)
    rate(engine, "High", at=NOW + timedelta(seconds=1))

    assert heard(engine) == Heard((), (), ())


def test_the_newest_outcome_of_an_account_counts(engine: Engine) -> None:
    say(engine, "Not interested", days_ago=3)
    say(engine, "Won", days_ago=1)

    assert newest_outcomes(heard(engine).outcomes)[ACCOUNT].value == "won"


def test_a_value_without_a_meaning_is_named_and_not_guessed(engine: Engine) -> None:
    say(engine, "Perhaps")
    rate(engine, "Stellar")

    found = heard(engine)

    assert found.unmapped == ("Perhaps", "Stellar")
    assert (found.labels, found.outcomes) == ((), ())


def test_an_admin_maps_words_of_his_own(engine: Engine) -> None:
    say(engine, "Passt", shown="Low")

    (label,) = heard(engine, values={"Passt": "right"}).labels

    assert LEVELS[label.level] == "low"


ORDER = ("Free", "Team", "Business", "Enterprise")
LEVEL_OF = {"levels": {"Business": "medium", "Enterprise": "high"}}


def upgraded(engine: Engine, previous: str, tier: str) -> None:
    with write(engine) as connection:
        keep_upgrades(connection, [TierChange(ACCOUNT, previous, tier, NOW)], ORDER)


def test_an_upgrade_is_a_label_as_of_the_instant_before_it(engine: Engine) -> None:
    """The tier is a feature: a snapshot that shows the new one must not be joined to it."""
    upgraded(engine, "Team", "Business")

    (label,) = heard(engine, tier_changes=LEVEL_OF).labels

    assert label.at < NOW
    assert NOW - label.at == timedelta(microseconds=1)
    assert (LEVELS[label.level], label.weight, label.origin) == ("medium", 1.0, "outcome")


@pytest.mark.parametrize(
    ("previous", "tier"), [("Enterprise", "Business"), ("Trial", "Business"), ("Free", "Team")]
)
def test_a_downgrade_or_a_tier_without_a_level_is_no_label(engine: Engine, previous: str, tier: str) -> None:
    upgraded(engine, previous, tier)

    assert heard(engine, tier_changes=LEVEL_OF).labels == ()


def test_upgrades_are_no_labels_unless_the_admin_says_so(engine: Engine) -> None:
    upgraded(engine, "Team", "Business")

    assert heard(engine).labels == ()


def test_upgrades_that_are_found_no_more_are_forgotten(engine: Engine) -> None:
    """A merged account, or another order of tiers: the newest reading of the lake is all there is."""
    upgraded(engine, "Team", "Business")
    with write(engine) as connection:
        keep_upgrades(connection, [], ORDER)

    assert heard(engine, tier_changes=LEVEL_OF).labels == ()


def test_a_label_knows_who_gave_it(engine: Engine) -> None:
    rate(engine, "High", by_user="005000000000001AAA")

    (label,) = heard(engine).labels

    assert label.by == "005000000000001AAA"


def test_what_was_said_of_a_merged_account_is_said_of_the_one_that_remains(engine: Engine) -> None:
    rate(engine, "High")
    say(engine, "Not interested")
    remaining = "001000000000002AAA"
    with write(engine) as connection:
        keep_merges(connection, {ACCOUNT: remaining})

    found = heard(engine)

    assert [label.account_id for label in found.labels] == [remaining]
    assert list(newest_outcomes(found.outcomes)) == [remaining]
