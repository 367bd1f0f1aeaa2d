"""What became of the accounts that were rated some time ago, beside those whose rating nobody saw."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, RowMapping

from daemon.config import Config
from daemon.config.tiers import TiersTable
from daemon.errors import StateError
from daemon.lake.account_cards import AccountCard, account_cards
from daemon.state.engine import read
from daemon.state.predictions import predictions_of, rated_run_before
from models.maturity.shares import Difference, Share, difference

ENDS = ("upgraded", "shrank", "left", "unchanged")
"""What can become of an account whose tier was known."""

SET_ASIDE = ("merged", "unknown")
"""Accounts of which nothing can be said: another took their place, or a tier is not in [tiers] order."""

SHOWN, HELD_OUT = "shown", "held out"
GROUP_OF = {"scored": SHOWN, "provisional": SHOWN, "excluded": HELD_OUT}
"""Statuses under which an account had a model's rating that reps saw, or would have seen."""


@dataclass(frozen=True)
class Fate:
    """One account: its rating and tier then, its tier at the last pull, and what became of it."""

    account_id: str
    group: str
    rating: str
    tier_then: str | None
    tier_now: str | None
    end: str


@dataclass(frozen=True)
class Outcomes:
    """slot, cut: of the run whose ratings are followed up. fates: of the accounts it rated."""

    slot: str
    cut: datetime
    fates: tuple[Fate, ...]

    def of(self, group: str, rating: str | None) -> list[Fate]:
        """Accounts of a group and a rating (all for None), without those set aside."""
        return [
            fate
            for fate in self.fates
            if fate.group == group and rating in (None, fate.rating) and fate.end in ENDS
        ]

    def share(self, end: str, group: str, rating: str | None) -> Share:
        """How many of them came to this end."""
        fates = self.of(group, rating)
        return Share(sum(fate.end == end for fate in fates), len(fates))

    def effect(self, end: str, rating: str | None) -> Difference | None:
        """Accounts whose rating was shown against those held out; None without a hold-out."""
        return difference(self.share(end, SHOWN, rating), self.share(end, HELD_OUT, rating))


def outcomes(config: Config, engine: Engine, now: datetime, days: int) -> Outcomes:
    """Follow up the newest run at least `days` days ago that rated accounts.

    raises: StateError where there is none.
    """
    with read(engine) as connection:
        run = rated_run_before(connection, now - timedelta(days=days), tuple(GROUP_OF))
        oldest = rated_run_before(connection, now, tuple(GROUP_OF), newest=False)
        if run is None:
            raise StateError(_too_early(oldest.cut if oldest else None, now, days))
        rated = predictions_of(connection, run.id)
    cards = account_cards(engine, config.path(config.lake.path))
    fates = tuple(
        _fate(row, cards.get(account), config.tiers)
        for account, row in rated.items()
        if row["status"] in GROUP_OF and row["model_version"] is not None
    )
    return Outcomes(run.slot, run.cut, fates)


def _too_early(oldest: datetime | None, now: datetime, days: int) -> str:
    if oldest is None:
        return "no run has rated accounts yet, so there is nothing to follow up; see `maturityd readiness`"
    since = max((now - oldest).days, 1)
    return (
        f"no run rated accounts {days} or more days ago; the first that did was {since} days ago: wait, or "
        f"ask with --days {since}"
    )


def _fate(row: RowMapping, card: AccountCard | None, tiers: TiersTable) -> Fate:
    then, now = row["tier"], card.tier if card else None
    end = _end(then, card, tiers)
    return Fate(row["account_id"], GROUP_OF[row["status"]], row["rating"], then, now, end)


def _end(then: str | None, card: AccountCard | None, tiers: TiersTable) -> str:
    order = tiers.order
    if card is not None and card.merged_into is not None:
        return "merged"
    if then not in order:
        return "unknown"
    if card is None or card.deleted or card.tier is None or card.tier in tiers.left:
        return "left"
    if card.tier not in order:
        return "unknown"
    gap = order.index(card.tier) - order.index(then)
    return "upgraded" if gap > 0 else "shrank" if gap < 0 else "unchanged"


@dataclass(frozen=True)
class Recount:
    """A SOQL query, and the count it gives in an org that stands as it did at the last pull."""

    soql: str
    count: int


ACCOUNTS_PER_QUERY = 3_000
"""An Id takes 21 characters, and SOQL takes 100,000."""


def recounts(
    fates: Sequence[Fate], end: str, tiers: TiersTable, account: str, tier_field: str
) -> list[Recount]:
    """Queries that count the accounts of an end among these, independently of our own list of them.

    Whoever left may be gone, and what is gone cannot be counted: of `left`, those who stayed are counted.
    """
    found = []
    for start in range(0, len(fates), ACCOUNTS_PER_QUERY):
        part = fates[start : start + ACCOUNTS_PER_QUERY]
        wanted = [each for each in part if (each.end == end) == (end != "left")]
        conditions = [
            f"(Id IN ({_quoted(each.account_id for each in part if each.tier_then == then)})"
            f" AND {tier_field} {_tier_now(end, then, tiers)})"
            for then in tiers.order
            if any(each.tier_then == then for each in part) and _tier_now(end, then, tiers)
        ]
        if conditions:
            soql = f"SELECT COUNT() FROM {account} WHERE {' OR '.join(conditions)}"  # noqa: S608
            found.append(Recount(soql, len(wanted)))
    return found


def _tier_now(end: str, then: str, tiers: TiersTable) -> str:
    """What the tier must be for this end; empty where no tier can be."""
    place = tiers.order.index(then)
    among = {
        "upgraded": tiers.order[place + 1 :],
        "shrank": tiers.order[:place],
        "unchanged": (then,),
        "left": tiers.order,
    }[end]
    return f"IN ({_quoted(among)})" if among else ""


def _quoted(values: Iterable[str]) -> str:
    return ", ".join("'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'" for value in values)
