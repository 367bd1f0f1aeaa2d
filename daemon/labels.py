"""What experts, reps and tiers say, turned into labels and upsell outcomes, as config.toml says."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import get_args

from sqlalchemy import Connection, RowMapping, Table, delete, select

from daemon.config.feedback import FeedbackTable, LabelMeaning
from daemon.lake.reading import TierChange
from daemon.state.tables import expert_ratings, feedback_events, merged_accounts, tier_upgrades
from models.tables import LEVELS, Label

STEP_OF = {"right": 0, "too_low": 1, "too_high": -1}
"""By how many levels a rep moves the rating that was shown."""

JUST_BEFORE = timedelta(microseconds=1)
"""An upgrade is a label as of the instant before it: the tier is a feature, and must not tell."""


@dataclass(frozen=True)
class Outcome:
    """What came of an upsell: `value` is a meaning of config.toml, such as `not_interested`."""

    account_id: str
    value: str
    at: datetime


@dataclass(frozen=True)
class Heard:
    """All that experts, reps and upgrades said until an instant.

    unmapped: values of the CRM that config.toml gives no meaning; they are counted, never guessed.
    """

    labels: tuple[Label, ...]
    outcomes: tuple[Outcome, ...]
    unmapped: tuple[str, ...]


def heard_until(connection: Connection, settings: FeedbackTable, cut: datetime) -> Heard:
    """Labels and outcomes from everything said at or before the cut, oldest first.

    What was said of an account that another took the place of since is said of that one.
    """
    merges = {row.account_id: row.survivor for row in connection.execute(select(merged_accounts))}
    ratings = _until(connection, expert_ratings, cut)
    events = _until(connection, feedback_events, cut)
    labels = [label for row in ratings if (label := _expert_label(row, settings))]
    labels += [label for row in events if (label := _feedback_label(row, settings))]
    labels += [label for row in _upgrades(connection, cut) if (label := _upgrade_label(row, settings))]
    outcomes = [
        Outcome(merges.get(row["account_id"], row["account_id"]), meaning, row["at"])
        for row in events
        if (meaning := settings.values.get(row["value"])) and meaning not in get_args(LabelMeaning)
    ]
    unmapped = {row["value"] for row in events if row["value"] not in settings.values}
    unmapped |= {row["level"] for row in ratings if row["level"] not in settings.expert_levels}
    placed = [replace(label, account_id=merges.get(label.account_id, label.account_id)) for label in labels]
    return Heard(tuple(sorted(placed, key=lambda label: label.at)), tuple(outcomes), tuple(sorted(unmapped)))


def keep_upgrades(connection: Connection, changes: Iterable[TierChange], order: Sequence[str]) -> None:
    """The upgrades among these changes, by the order of the tiers, are all that there were."""
    connection.execute(delete(tier_upgrades))
    rows = [vars(change) for change in changes if _is_upgrade(change, order)]
    if rows:
        connection.execute(tier_upgrades.insert(), rows)


def keep_merges(connection: Connection, survivor_of: Mapping[str, str]) -> None:
    """These accounts, and no others, are merged into others."""
    connection.execute(delete(merged_accounts))
    rows = [{"account_id": account, "survivor": survivor} for account, survivor in survivor_of.items()]
    if rows:
        connection.execute(merged_accounts.insert(), rows)


def newest_outcomes(outcomes: Sequence[Outcome]) -> dict[str, Outcome]:
    """The last outcome of each account."""
    return {outcome.account_id: outcome for outcome in outcomes}


def _until(connection: Connection, table: Table, cut: datetime) -> Sequence[RowMapping]:
    statement = select(table).where(table.c.at <= cut).order_by(table.c.at, table.c.event_id)
    return connection.execute(statement).mappings().all()


def _upgrades(connection: Connection, cut: datetime) -> Sequence[RowMapping]:
    of = tier_upgrades.c
    statement = select(tier_upgrades).where(of.at <= cut).order_by(of.at, of.account_id)
    return connection.execute(statement).mappings().all()


def _is_upgrade(change: TierChange, order: Sequence[str]) -> bool:
    known = change.previous in order and change.tier in order
    return known and order.index(change.tier) > order.index(change.previous)


def _upgrade_label(row: RowMapping, settings: FeedbackTable) -> Label | None:
    level = settings.tier_changes.levels.get(row["tier"])
    if level is None:
        return None
    weight = settings.tier_changes.weight
    return Label(row["account_id"], LEVELS.index(level), row["at"] - JUST_BEFORE, "outcome", weight)


def _expert_label(row: RowMapping, settings: FeedbackTable) -> Label | None:
    level = settings.expert_levels.get(row["level"])
    if level is None:
        return None
    return Label(row["account_id"], LEVELS.index(level), row["at"], "expert", 1.0, row["by_user"])


def _feedback_label(row: RowMapping, settings: FeedbackTable) -> Label | None:
    """The level that a rep's word gives; None for an upsell outcome, or where no rating was shown."""
    meaning = settings.values.get(row["value"])
    shown = (row["shown_rating"] or "").lower()
    if meaning not in STEP_OF or shown not in LEVELS:
        return None
    level = min(max(LEVELS.index(shown) + STEP_OF[meaning], 0), len(LEVELS) - 1)
    weight = settings.confirmation_weight if meaning == "right" else settings.correction_weight
    return Label(row["account_id"], level, row["at"], "feedback", weight, row["by_user"])
