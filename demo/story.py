"""The demo's plot: an org is set up, a morning's cycle, what reps say, new data, a midday's cycle."""

import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import select

from daemon.clock import Stopwatch
from daemon.state import outbox
from daemon.state.engine import read
from daemon.state.runs import Run
from daemon.state.tables import feedback_events, forecasts, predictions
from demo.reps import RepSession, give_all
from demo.stage import Stage, staged
from demo.webhook import Inbox, receiving
from demo.world import ShownScore, generate, rep_feedback
from demo.world.records import Rule
from integrations.salesforce.schema import SCORE

SEED = 20
PORT = 8443
FEEDBACK_SHARE = 0.1
EARLY, MORNING, FEEDBACK_AT, NOON = time(3, 0), time(6, 30), time(8, 30), time(12, 0)
"""EARLY and FEEDBACK_AT are UTC, MORNING and NOON the slots of config.toml."""


@dataclass(frozen=True)
class Told:
    """What the demo has to tell. seconds: by chapter. feedback: pieces set on the record page."""

    seconds: dict[str, float]
    morning: Run
    noon: Run
    feedback: int
    inbox: Inbox


@contextmanager
def told(folder: Path, config_path: Path, today: date, rule: Rule) -> Iterator[tuple[Stage, Told]]:
    """Play the story in an empty folder; the org stays up while the block runs."""
    seconds: dict[str, float] = {}
    watch = Stopwatch()
    say(f"making up a company: 600 accounts, two years, up to {today:%d %B %Y}")
    shutil.rmtree(folder, ignore_errors=True)
    world = generate(SEED, today, rule)
    with receiving() as inbox, staged(world, folder, config_path, inbox.url, PORT, EARLY) as stage:
        seconds["the company, and its org"] = watch.seconds()
        planned = stage.plan_org()
        say(f"org plan: {len(planned.changes)} to do; org apply")
        stage.apply_org(planned)
        watch = Stopwatch()
        say(f"the morning slot, {stage.slot(MORNING).name}")
        morning = stage.run(stage.slot(MORNING))
        seconds["the morning's cycle, first load included"] = watch.seconds()
        given = _feedback(stage)
        say(f"{given} pieces of feedback set by {len(stage.people.reps)} reps on the record page")
        noon_slot = stage.slot(NOON)
        stage.publish(noon_slot.due_at - timedelta(minutes=10), _utc(today, EARLY))
        watch = Stopwatch()
        say(f"new data has landed; the midday slot, {noon_slot.name}")
        noon = stage.run(noon_slot)
        seconds["the midday's cycle"] = watch.seconds()
        stage.clock.move_to(datetime.now(UTC))  # noqa: TID251 - from here on a person looks at it
        yield stage, Told(seconds, morning, noon, given, inbox)


def _feedback(stage: Stage) -> int:
    """Reps look at what the morning left in the CRM, and answer on some accounts."""
    stage.clock.move_to(_utc(stage.world.today, FEEDBACK_AT))
    rows = stage.org.query("SELECT Id, Maturity_Rating__c, Maturity_Score__c, Upsell_Rating__c FROM Account")
    shown = {str(row["Id"]): _shown(row) for row in rows if row["Maturity_Rating__c"]}
    feedback = rep_feedback(stage.world, shown, SEED, FEEDBACK_SHARE)
    sessions = {
        rep.username: RepSession(stage.address.url, stage.address.ca_file, rep.username, rep.secret)
        for rep in stage.people.reps
    }
    return give_all(sessions, feedback)


def _shown(row: Mapping[str, object]) -> ShownScore:
    score = row["Maturity_Score__c"]
    return ShownScore(
        rating=str(row["Maturity_Rating__c"]),
        score=float(score) if isinstance(score, int | float) else None,
        upsell=str(row["Upsell_Rating__c"]),
    )


def worth_showing(stage: Stage) -> str:
    """An account whose page has something to see: an answer, a forecast, a trend, and reasons both ways."""
    with read(stage.engine()) as connection:
        answered = set(connection.execute(select(feedback_events.c.account_id)).scalars())
        records = Counter(key.partition("|")[0] for key in outbox.standing(connection, SCORE))
        rated = predictions.c.reasons.is_not(None)
        rows = connection.execute(select(predictions).where(rated).order_by(predictions.c.run_id)).mappings()
        newest = {row["account_id"]: row for row in rows}
        known = forecasts.c.health != "unknown"
        forecast = set(connection.execute(select(forecasts.c.account_id).where(known)).scalars())

    def worth(account: str) -> tuple[bool, int, int]:
        seen = account in answered and account in forecast
        return seen, records[account], min(_sides(newest[account]["reasons"]))

    return max(sorted(newest), key=worth, default=stage.world.accounts[0].id)


def _sides(reasons: list[dict[str, object]]) -> tuple[int, int]:
    ups = sum(reason["direction"] == "up" for reason in reasons)
    return ups, len(reasons) - ups


def _utc(day: date, at: time) -> datetime:
    return datetime.combine(day, at, UTC)


def say(words: str) -> None:
    """A line on stderr: what the demo is at."""
    sys.stderr.write(f"demo: {words}\n")
