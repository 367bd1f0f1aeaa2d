"""The mass-change brake: ratings that move all at once while their inputs are in doubt are held back.

Either alone is no reason: inputs change for good, and so do ratings after a launch or a new model. Both
together are what an outage looks like, and no rep should read what it did to the ratings. Every rating of
such a run is held, also those that did not move: their reasons and forecasts come from the same inputs.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping

from daemon.alerts import book
from daemon.context import Context
from daemon.outputs import TOP_REASONS
from daemon.state import profiles
from daemon.state.engine import read, write
from daemon.state.predictions import amend_predictions, newest_before, predictions_of

DOUBTS = ("pull", "volume", "inputs")
"""Scopes of the alerts that tell of inputs in doubt."""

MOVED_POINTS = 15.0
"""A score that moves so far counts as much as another rating."""

RELEASED_FOR = timedelta(days=1)
"""A release lets through the slots of a day, each of which compares with its own time of day."""

RELEASE = "release"
"""Kind of the profile that somebody leaves who lets through what a run held back (`profiles.HELD`)."""

_Predictions = Mapping[str, RowMapping]


@dataclass(frozen=True)
class Held:
    """What a run held back. since: when the first of the runs in a row was cut that did.

    moved, rated: accounts that moved, and all that were rated before.
    doubts: titles of the alerts on the inputs.
    """

    since: datetime
    moved: int
    rated: int
    doubts: tuple[str, ...]


def moved(before: _Predictions, now: _Predictions, doubtful: Collection[str]) -> tuple[int, int]:
    """How many of the accounts that were rated before moved, and how many those are.

    An account moves with its rating, with many points of its score, or when one of its strongest reasons
    tells of a feature in doubt.

    before: the last predictions that were not held. Accounts that are gone do not count.
    doubtful: features that the check of the inputs rang for.
    """
    rated = [account for account in before if account in now and before[account]["rating"] != "unknown"]
    return sum(_moved(before[account], now[account], doubtful) for account in rated), len(rated)


def _moved(before: RowMapping, now: RowMapping, doubtful: Collection[str]) -> bool:
    scores = (before["score"], now["score"])  # a first guess has none
    if before["rating"] != now["rating"] or (
        None not in scores and abs(scores[1] - scores[0]) > MOVED_POINTS
    ):
        return True
    strongest = (now["reasons"] or [])[:TOP_REASONS]
    return any(feature in doubtful for reason in strongest for feature in reason["features"])


def brake(context: Context) -> None:
    """Hold back the ratings of a run, or let them through; decided once per run."""
    with read(context.engine) as connection:
        now = predictions_of(connection, context.run.id)
        if any(row["status"] == "held" for row in now.values()):
            return
        before = newest_before(connection, context.run.id)
        held = _held(connection, context, before, now)
    with write(context.engine) as connection:
        if held is not None:
            amend_predictions(connection, context.run.id, _held_rows(before, now, _reason(held)))
            profiles.keep(
                connection,
                context.run.id,
                profiles.HELD,
                {"since": held.since.isoformat(), "moved": held.moved, "rated": held.rated},
            )
        alerts = [_alert(held, context.config.monitoring.adopt_days)] if held else []
        book.settle(connection, "brake", alerts, context.run.id, context.clock.now())


def release(connection: Connection, run_id: int, now: datetime) -> bool:
    """Let through what a run held back, from the next run on; False where it held nothing."""
    if profiles.of_run(connection, run_id, profiles.HELD) is None:
        return False
    profiles.keep(connection, run_id, RELEASE, {"at": now.isoformat()})
    return True


def is_released(connection: Connection, run_id: int, cut: datetime) -> bool:
    """Whether somebody let this run's inputs through beforehand."""
    newest = profiles.last_before(connection, run_id, RELEASE)
    return newest is not None and cut - datetime.fromisoformat(newest.data["at"]) < RELEASED_FOR


def _held(connection: Connection, context: Context, before: _Predictions, now: _Predictions) -> Held | None:
    doubts = [alert["title"] for scope in DOUBTS for alert in book.open_alerts(connection, scope)]
    if not doubts or is_released(connection, context.run.id, context.cut):
        return None
    fresh = {account: row for account, row in now.items() if row["status"] != "stale"}
    off = profiles.starting(connection, context.run.id, "inputs") or {}
    changed, rated = moved(before, fresh, off.get("since", {}))
    settings = context.config.monitoring
    if changed <= settings.max_doubtful_share * rated:
        return None
    since = _since(connection, context, before)
    if context.cut - since >= timedelta(days=settings.adopt_days):
        return None
    return Held(since, changed, rated, tuple(doubts))


def _since(connection: Connection, context: Context, before: _Predictions) -> datetime:
    """The cut of this run, or of the first in a row of runs that held."""
    last = profiles.last_before(connection, context.run.id, profiles.HELD)
    if last is None or any(row["run_id"] > last.run_id for row in before.values()):
        return context.cut
    return datetime.fromisoformat(last.data["since"])


def _held_rows(before: _Predictions, now: _Predictions, reason: str) -> Sequence[Mapping[str, Any]]:
    """Accounts that have a rating, or had one and lost it; those past a source's age stay `stale`."""
    return [
        {"account_id": account, "status": "held", "status_reason": reason}
        for account, row in now.items()
        if row["status"] != "stale" and {row["rating"], _rating(before.get(account))} != {"unknown"}
    ]


def _rating(row: RowMapping | None) -> str:
    return "unknown" if row is None else str(row["rating"])


def _reason(held: Held) -> str:
    return (
        f"{held.moved} of {held.rated} ratings or their reasons would change at once while the data behind "
        "them is in doubt; "
        "the last good values stay until it is looked at."
    )


def _alert(held: Held, adopt_days: int) -> book.Alert:
    return book.Alert(
        key="ratings",
        severity="critical",
        title=f"Ratings are held back: {held.moved} of {held.rated} would change at once",
        what=f"since {held.since:%Y-%m-%d %H:%M} UTC, beside: {'; '.join(held.doubts)}",
        cause="an outage or a change of the sources named; a change in the customers would not come at once",
        held_back="rating, upsell, reasons and forecast of all rated accounts; their last good values stay",
        to_do="mend the source, and the next run pushes again; if the data is right, `maturityd release` "
        f"lets it through from the next run on; after {adopt_days} days it is let through by itself",
    )
