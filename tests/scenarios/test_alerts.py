"""Causes planted in the sources, and what the webhook is told of them: when they begin and when they end."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from catboost import CatBoostClassifier, Pool

from daemon.alerts.deliver import Receiver, deliver
from daemon.cycle import STEPS, run_slot
from daemon.lease import lease
from daemon.progress import LoggedSteps
from daemon.slots import Slot
from daemon.snapshots import snapshots_over
from daemon.state import profiles, registry, runs
from daemon.state.engine import read, write
from daemon.state.predictions import predictions_of
from daemon.state.runs import Run
from demo.webhook import Inbox, receiving
from demo.world import tiny
from integrations.notify.webhook import WebhookChannel
from models.maturity.boosting import serialized
from models.maturity.held_out import HeldOut
from models.maturity.model import MaturityModel, prepared
from tests.scenarios.play import TODAY, Play, Standstill, playing
from tests.scenarios.whole import MORNING, SMALL_BUDGETS, at, shown

FIRST_LOAD, QUIET, TIMES_1000, REPAIRED = (at(MORNING) - timedelta(days=days) for days in (4, 3, 2, 1))
WITHOUT_FORECAST = tuple(step for step in STEPS if step != "forecast")
WITHOUT_TRAINING = tuple(step for step in WITHOUT_FORECAST if step not in ("label", "train", "gate"))
SHOWN = {"scored", "excluded"}
KEPT = ("Maturity_Rating__c", "Maturity_Score__c", "Upsell_Rating__c", "Maturity_Reasons__c")


@dataclass
class Told:
    """What was played, and by due time: the run, what the webhook was told, and what the org held."""

    play: Play
    inbox: Inbox
    runs: dict[datetime, Run] = field(default_factory=dict)
    messages: dict[datetime, list[dict[str, Any]]] = field(default_factory=dict)
    org: dict[datetime, Mapping[str, Any]] = field(default_factory=dict)

    def run(
        self,
        due: datetime,
        steps: tuple[str, ...],
        news: str | None,
        plant: Callable[[Slot], None] = lambda _: None,
    ) -> None:
        """Run a slot to its end and deliver. plant: what is done just before."""
        slot = self.play.move_to(due, news)
        plant(slot)
        channel = WebhookChannel("test", self.inbox.url, ["127.0.0.1"])
        with lease(self.play.evidence.engine, self.play.clock) as engine:
            assert engine is not None
            self.runs[due] = run_slot(
                self.play.quiet_config, engine, self.play.clock, slot, LoggedSteps(), steps
            )
            deliver(engine, self.play.clock, [Receiver("test", lambda: channel, "warning")])
        assert self.runs[due].state == "done", self.runs[due].reason
        self.messages[due], self.inbox.alerts[:] = list(self.inbox.alerts), []
        self.org[due] = shown(self.play)

    def titles(self, due: datetime, status: str) -> str:
        """Titles of what was told after a run, in lines."""
        return "\n".join(each["title"] for each in self.messages[due] if each["status"] == status)

    def statuses(self, due: datetime) -> dict[str, str]:
        """Of the accounts that a run rated or held."""
        with read(self.play.evidence.engine) as connection:
            rows = predictions_of(connection, self.runs[due].id)
        return {account: row["status"] for account, row in rows.items() if row["rating"] != "unknown"}


@contextmanager
def telling(folder: Path, start: datetime) -> Iterator[Told]:
    """The tiny world from an instant on, and a receiver of its alerts."""
    clock = Standstill(start - timedelta(hours=1))
    with receiving() as inbox, playing(folder, tiny(1, TODAY), clock, None, changed=SMALL_BUDGETS) as play:
        yield Told(play, inbox)


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """Four mornings: on the third a day of usage is in another unit, on the fourth it is corrected."""
    with telling(tmp_path_factory.mktemp("alerts") / "play", FIRST_LOAD) as told:
        warehouse = told.play.folder / "data" / "warehouse.db"
        told.run(FIRST_LOAD, WITHOUT_FORECAST, "first load")
        promote_a_model_of_usage(told)
        told.run(QUIET, WITHOUT_TRAINING, "a quiet day")
        told.run(TIMES_1000, WITHOUT_TRAINING, "another day", lambda _: scale(warehouse, 1000, QUIET))
        told.run(REPAIRED, WITHOUT_TRAINING, "the day after", lambda _: correct(warehouse))
        yield told


def promote_a_model_of_usage(told: Told) -> None:
    """Forty accounts teach too little for the gate, and little of usage: a champion by nothing else."""
    play, first = told.play, told.runs[FIRST_LOAD]
    assert first.cut is not None
    engine = play.evidence.engine
    with snapshots_over(play.quiet_config, engine, play.clock) as snapshots:
        frame = snapshots.at(first.cut).frame
    names = ("usage_events_per_day_7d", "usage_events_per_day_28d")
    levels = pd.qcut(frame[names[1]].rank(method="first"), 3, labels=False)
    known = levels.notna()
    trees = CatBoostClassifier(
        iterations=30, depth=2, thread_count=1, verbose=0, allow_writing_files=False, random_seed=0
    ).fit(Pool(prepared(frame[known], names, {}), levels[known].astype(int)))
    model = MaturityModel(names, {}, (0.6, 1.4), 0.0, 1.0, (serialized(trees),))
    artifact = model.to_artifact()
    version = registry.NewVersion(
        "maturity-of-usage", "maturity", first.id, artifact.digest, artifact.to_bytes(), "", {}, None
    )
    with write(engine) as connection:
        registry.register(connection, version, play.clock.now())
        registry.promote(connection, version.version, "promoted by hand", play.clock.now())


def scale(warehouse: Path, factor: float, since: datetime) -> None:
    """The usage that was loaded after an instant is in another unit."""
    with closing(sqlite3.connect(warehouse)) as db, db:
        db.execute(
            "UPDATE product_usage SET event_count = event_count * ? WHERE loaded_at > ?",
            (factor, since.isoformat()),
        )


def correct(warehouse: Path) -> None:
    """The rows that were off are written again, as they should have been."""
    with closing(sqlite3.connect(warehouse)) as db, db:
        (newest,) = db.execute("SELECT max(loaded_at) FROM product_usage").fetchone()
        db.execute(
            "UPDATE product_usage SET event_count = event_count / 1000, loaded_at = ? "
            "WHERE loaded_at > ? AND loaded_at <= ?",
            (newest, QUIET.isoformat(), TIMES_1000.isoformat()),
        )


def test_an_undisturbed_run_tells_nothing(days: Told) -> None:
    assert days.messages[FIRST_LOAD] == []
    assert days.messages[QUIET] == []


def test_a_unit_that_changed_reaches_the_webhook_with_its_source_and_numbers(days: Told) -> None:
    (message,) = [each for each in days.messages[TIMES_1000] if "usage_daily" in each["title"]]

    assert message["status"] == "open"
    assert "usage_events_per_day_7d (log_size" in message["what"]
    assert message["to_do"]


def test_ratings_on_inputs_in_doubt_are_held_and_somebody_is_told(days: Told) -> None:
    assert set(days.statuses(QUIET).values()) <= SHOWN
    assert set(days.statuses(TIMES_1000).values()) == {"held"}
    assert "Ratings are held back" in days.titles(TIMES_1000, "open")


def test_a_held_run_pushes_no_rating_no_upsell_and_no_reasons(days: Told) -> None:
    held = days.statuses(TIMES_1000)
    report = days.runs[TIMES_1000].report or {}

    assert report["ledger"]["held"] == len(held)
    assert report["adds_up"]
    for account in held:
        before, after = (days.org[due][account] for due in (QUIET, TIMES_1000))
        assert {name: after[name] for name in KEPT} == {name: before[name] for name in KEPT}
        assert after["Maturity_Status__c"] == "Held"
        assert "in doubt" in after["Maturity_Status_Reason__c"]


def test_when_the_source_is_right_again_both_alerts_end_and_ratings_go_on(days: Told) -> None:
    resolved = days.titles(REPAIRED, "resolved")

    assert "The data of usage_daily changed" in resolved
    assert "Ratings are held back" in resolved
    assert set(days.statuses(REPAIRED).values()) <= SHOWN


TRAINED, WORSE, STILL_WORSE, AS_BEFORE = (at(MORNING) + timedelta(hours=hours) for hours in range(4))
LABELS = 300


@pytest.fixture(scope="module")
def trainings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """A real training, and what such ones leave: five more like it, two that are worse, one as before.

    The tiny world shares too few labels for the metric, so its held-out predictions are planted: 300 labels,
    of which some are rated right.
    """
    with telling(tmp_path_factory.mktemp("trainings") / "play", TRAINED) as told:
        told.run(TRAINED, ("pull", "snapshot", "label", "train", "gate", "monitor"), "first load")
        with read(told.play.evidence.engine) as connection:
            shares = profiles.of_run(connection, told.runs[TRAINED].id, "importance") or {}
        for minutes in range(1, 6):
            due = TRAINED + timedelta(minutes=minutes)
            leave(told, told.play.move_to(due), shares, right=0.8, live=minutes == 5)
        strongest = max(shares, key=lambda name: shares[name])
        without = {name: 0.0 if name == strongest else share for name, share in shares.items()}
        for due in (WORSE, STILL_WORSE):
            told.run(due, SEEN, None, lambda slot: leave(told, slot, without, right=0.5))
        told.run(AS_BEFORE, SEEN, None, lambda slot: leave(told, slot, shares, right=0.8))
        yield told


SEEN = ("pull", "monitor")


def leave(told: Told, slot: Slot, shares: Mapping[str, float], *, right: float, live: bool = False) -> None:
    """What training and gate leave of a slot's run. right: share of labels rated right. live: it is used."""
    rng = np.random.default_rng(0)
    level = rng.integers(0, 3, LABELS)
    rating = np.where(np.arange(LABELS) < right * LABELS, level, (level + 1) % 3)
    accounts = np.array([f"{number:018d}" for number in range(LABELS)])
    days = np.full(LABELS, np.datetime64("2026-06-01T00:00:00", "us"))
    held_out = HeldOut(accounts, days, level, rating, np.full((LABELS, 3), 21845, dtype=np.uint16))
    now = told.play.clock.now()
    with write(told.play.evidence.engine) as connection:
        run = runs.claim(connection, slot, 1, now)
        profiles.keep(connection, run.id, "importance", shares)
        name = f"planted-{run.id}"
        new = registry.NewVersion(name, "maturity", run.id, name, b"", "", {}, held_out.to_bytes())
        registry.register(connection, new, now)
        if live:
            registry.promote(connection, name, "planted", now)
        else:
            registry.reject(connection, name, "planted")


def test_one_alert_tells_of_all_weights_that_moved_with_one_that_died(trainings: Told) -> None:
    assert trainings.messages[TRAINED] == []
    (message,) = [each for each in trainings.messages[WORSE] if "weights" in each["title"]]
    assert "→ 0.0%" in message["what"]
    assert not [each for each in trainings.messages[STILL_WORSE] if "weights" in each["title"]]


def test_a_metric_that_stays_below_the_model_in_use_is_told_the_second_time(trainings: Told) -> None:
    """On few labels once may be chance; and the worse model is never what the next is compared with."""
    assert "Held-out quality fell" not in trainings.titles(WORSE, "open")
    (message,) = [each for each in trainings.messages[STILL_WORSE] if "quality" in each["title"]]
    assert message["what"] == f"macro-F1 0.798 → 0.499 on the same {LABELS} labels"


def test_weights_and_metric_as_before_end_both(trainings: Told) -> None:
    resolved = trainings.titles(AS_BEFORE, "resolved")

    assert "The weights in the ratings changed" in resolved
    assert "Held-out quality fell" in resolved
    assert not trainings.titles(AS_BEFORE, "open")
