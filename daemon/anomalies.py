"""Anomalies between the models, which judge them, and the state, which remembers what was told."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping

from daemon.state import anomalies as table
from models.forecast import AccountForecast, Anomaly, Story
from models.forecast.unusual.anomalies import LASTING
from models.forecast.unusual.letters import letter
from models.forecast.unusual.lifecycle import CONFIRMED, RECOVERED
from models.forecast.words import anomaly_sentence

REMEMBERED_DAYS = 90
"""So long after its start a recovered anomaly is known again when it is found again."""
SHOWN_DAYS = 56
"""So long after its start an anomaly that is over is shown."""


@dataclass(frozen=True)
class Told:
    """What runs before this one told.

    rows: the state's, by account. judged_until: the first day that none of them judged.
    """

    rows: Mapping[str, Sequence[RowMapping]]
    judged_until: date | None

    @property
    def stories(self) -> dict[str, tuple[Story, ...]]:
        """By account, as the models take them."""
        return {account: tuple(_story(row) for row in rows) for account, rows in self.rows.items()}


def told_before(connection: Connection, run_id: int, until: date) -> Told:
    """What this run goes on from. until: the first day that it cannot judge."""
    since = until - timedelta(days=REMEMBERED_DAYS)
    return Told(table.to_go_on(connection, since), table.judged_until(connection, run_id))


def remember(
    connection: Connection,
    run_id: int,
    told: Told,
    accounts: Sequence[AccountForecast],
    now: datetime,
    noticed: Collection[str],
) -> None:
    """Keep the stories of a run: new ones, and known ones where anything changed.

    noticed: kinds that a customer is told of. The very first look finds what happened long before, and
    perhaps what another state has told; so no notice is due of it.
    """
    begun, amended = [], []
    noticed = noticed if told.judged_until is not None else ()
    for account in accounts:
        rows = told.rows.get(account.account_id, ())
        since = account.start - timedelta(days=SHOWN_DAYS)
        for row, story in zip(rows, account.stories, strict=False):
            values = {**_columns(story), **_instants(row["status"], story, now)}
            values |= _notice(row, story, noticed, since)
            if any(row[name] != value for name, value in values.items()):
                amended.append(table.Kept(row["id"], values))
        begun += [
            {
                "account_id": account.account_id,
                "opened_at": now,
                "confirmed_at": None,
                "recovered_at": None,
                **_columns(story),
                **_instants(None, story, now),
                **_notice(None, story, noticed, since),
            }
            for story in account.stories[len(rows) :]
        ]
    table.record(connection, run_id, begun, amended)


def shown(account: AccountForecast) -> list[dict[str, Any]]:
    """As the account's forecast keeps them: those that last, and those over lately; oldest first."""
    since = account.start - timedelta(days=SHOWN_DAYS)
    stories = [
        story
        for story in account.stories
        if not story.withdrawn and (story.status != RECOVERED or story.anomaly.day >= since)
    ]
    return [
        {
            **asdict(story.anomaly),
            "day": story.anomaly.day.isoformat(),
            "status": story.status,
            "sentence": sentence(story),
        }
        for story in sorted(stories, key=lambda story: story.anomaly.day)
    ]


def sentence(story: Story) -> str:
    """What a rep is told of it."""
    if story.withdrawn:
        return f"Withdrawn: {anomaly_sentence(story.anomaly)[:-1]}, by data that were corrected since."
    return anomaly_sentence(story.anomaly, sure=story.status == CONFIRMED, back=story.back)


def _notice(row: RowMapping | None, story: Story, noticed: Collection[str], since: date) -> dict[str, Any]:
    """Whether a customer is to be told, and the letter; none where there is nothing to tell any more."""
    due = _falls_due(row, story, noticed, since)
    state = "due" if due else None if row is None else row["notice"]
    if state == "due":
        return {"notice": state, "letter": asdict(letter(story.anomaly)) if _tellable(story) else None}
    kept = row["letter"] if row is not None and _tellable(story) else None
    return {"notice": state, "letter": kept}


def _tellable(story: Story) -> bool:
    """Whether a customer may be told: what is borne out, and of what lasts only while it does."""
    if story.withdrawn:
        return False
    if story.anomaly.kind in LASTING:
        return story.status == CONFIRMED and story.anomaly.borne_out
    return story.status == CONFIRMED or story.back is not None


def _falls_due(row: RowMapping | None, story: Story, noticed: Collection[str], since: date) -> bool:
    """Whether a notice falls due by what this look found: once, and not of what stood so before."""
    one = story.anomaly
    if one.kind not in noticed or one.day < since or not _tellable(story):
        return False
    if row is None:
        return True
    was = _story(row)
    stood = _tellable(was) or (was.status == RECOVERED and not was.withdrawn)
    return row["notice"] is None and not (stood and was.anomaly.kind in noticed)


def _columns(story: Story) -> dict[str, Any]:
    return {
        **asdict(story.anomaly),
        "status": story.status,
        "back": story.back,
        "withdrawn": story.withdrawn,
        "sentence": sentence(story),
    }


def _instants(was: str | None, story: Story, now: datetime) -> dict[str, datetime | None]:
    """When it was confirmed and recovered, as far as that is new; what goes on has not recovered."""
    confirmed = story.status == CONFIRMED or (story.status == RECOVERED and not story.withdrawn)
    instants: dict[str, datetime | None] = {}
    if confirmed and was in (None, "open"):
        instants["confirmed_at"] = now
    if story.status == RECOVERED and was != RECOVERED:
        instants["recovered_at"] = now
    if story.status != RECOVERED and was == RECOVERED:
        instants["recovered_at"] = None
    return instants


def _story(row: RowMapping) -> Story:
    anomaly = Anomaly(
        kind=row["kind"],
        day=row["day"],
        days=row["days"],
        size=row["size"],
        chance=row["chance"],
        value=row["value"],
        borne_out=row["borne_out"],
    )
    return Story(anomaly, row["status"], row["back"], row["withdrawn"])
