"""The mass-change brake: what moves at once on inputs in doubt is held, and let through again."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from daemon.alerts.book import Alert, open_alerts, settle
from daemon.brake import brake, release
from daemon.config import load
from daemon.context import Context
from daemon.slots import Slot
from daemon.state import profiles, runs
from daemon.state.engine import read, write
from daemon.state.predictions import predictions_of, replace_predictions
from tests.conftest import NOW, StillClock

CONFIG = load(Path(__file__).parents[2] / "config.toml")
ACCOUNTS = [f"a{number}" for number in range(10)]
LOW = dict.fromkeys(ACCOUNTS, "low")
HIGH = dict.fromkeys(ACCOUNTS, "high")
TWO_HIGH = {**LOW, "a0": "high", "a1": "high"}
ONE_HIGH = {**LOW, "a0": "high"}
SCORES = {"low": 10.0, "medium": 50.0, "high": 90.0, "unknown": None}


class Runs:
    """Plans one run after another, half a day apart, up to the brake."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.cut = NOW
        self.last = 0

    def plan(
        self,
        ratings: Mapping[str, str],
        doubt: str | None = None,
        *,
        status: str = "scored",
        reasons: Mapping[str, str] | None = None,
        again: bool = False,
    ) -> dict[str, str]:
        """Each account's status. doubt: scope of an alert on the inputs. reasons: the feature behind each."""
        if not again:
            self.cut += timedelta(hours=12)
        slot = Slot(self.cut.strftime("%Y-%m-%dT%H:%M"), self.cut)
        with write(self.engine) as connection:
            run = runs.claim(connection, slot, 1, self.cut)
            runs.set_cut(connection, run.id, self.cut)
            if not again:
                rows = [_row(account, rating, status, reasons) for account, rating in ratings.items()]
                replace_predictions(connection, run.id, rows)
            found = [Alert("usage", "warning", "usage is off", "", "", "", "")]
            for scope in ("pull", "volume", "inputs"):
                settle(connection, scope, found if scope == doubt else [], run.id, self.cut)
            if reasons:
                off = {"since": {"usage_7d": self.cut.isoformat()}}
                profiles.keep(connection, run.id, "inputs 06:30", off)
            planned = runs.find(connection, slot.name)
            assert planned is not None
            runs.start_step(connection, run.id, "plan", self.cut)
        brake(Context(CONFIG, self.engine, StillClock(self.cut), planned, lambda *_: None))
        with write(self.engine) as connection:
            runs.end_step(connection, run.id, "plan", self.cut, {"state": "done"})
            self.last = run.id
            return {name: row["status"] for name, row in predictions_of(connection, run.id).items()}

    def release(self, at: datetime | None = None) -> bool:
        """As `maturityd release` does."""
        with write(self.engine) as connection:
            return release(connection, self.last, at or self.cut)

    def alerts(self) -> list[str]:
        """What the brake has told of and is not over."""
        with read(self.engine) as connection:
            return [row["title"] for row in open_alerts(connection, "brake")]


def _row(account: str, rating: str, status: str, reasons: Mapping[str, str] | None) -> dict[str, object]:
    told = None
    if reasons:
        told = [{"features": [reasons[account]], "group": reasons[account], "direction": "up"}]
    return {
        "account_id": account,
        "status": "unmatched" if rating == "unknown" else status,
        "status_reason": "",
        "data_as_of": NOW,
        "rating": rating,
        "score": SCORES[rating],
        "reasons": told,
    }


@pytest.fixture
def played(engine: Engine) -> Runs:
    """One run that was shown: everybody is low."""
    found = Runs(engine)
    found.plan(LOW)
    return found


@pytest.mark.parametrize("doubt", ["pull", "volume", "inputs"])
def test_many_moves_on_inputs_in_doubt_hold_every_rating(played: Runs, doubt: str) -> None:
    assert set(played.plan(TWO_HIGH, doubt).values()) == {"held"}
    assert played.alerts() == ["Ratings are held back: 2 of 10 would change at once"]


def test_many_moves_on_inputs_that_are_in_order_are_shown(played: Runs) -> None:
    assert set(played.plan(HIGH).values()) == {"scored"}


def test_few_moves_on_inputs_in_doubt_are_shown(played: Runs) -> None:
    assert set(played.plan(ONE_HIGH, "inputs").values()) == {"scored"}


def test_reasons_that_tell_of_a_feature_in_doubt_count_as_moves(played: Runs) -> None:
    played.plan(LOW, reasons=dict.fromkeys(ACCOUNTS, "visits"))

    found = played.plan(LOW, "inputs", reasons=dict.fromkeys(ACCOUNTS, "usage_7d"))

    assert set(found.values()) == {"held"}


def test_reasons_that_tell_of_features_in_order_do_not(played: Runs) -> None:
    played.plan(LOW, reasons=dict.fromkeys(ACCOUNTS, "visits"))

    found = played.plan(LOW, "inputs", reasons=dict.fromkeys(ACCOUNTS, "mails"))

    assert set(found.values()) == {"scored"}


def test_who_loses_the_rating_is_held_and_who_never_had_one_is_not(played: Runs) -> None:
    found = played.plan({**HIGH, "a0": "unknown", "new": "unknown"}, "volume")

    assert (found["a0"], found["new"]) == ("held", "unmatched")


def test_what_is_stale_stays_stale(played: Runs) -> None:
    assert set(played.plan(HIGH, "pull", status="stale").values()) == {"stale"}


def test_a_hold_lasts_while_the_doubt_does_and_ends_with_it(played: Runs) -> None:
    """Each run is compared with what was shown last, not with what was held."""
    assert set(played.plan(HIGH, "inputs").values()) == {"held"}
    assert set(played.plan(HIGH, "inputs").values()) == {"held"}
    assert set(played.plan(LOW).values()) == {"scored"}
    assert played.alerts() == []


def test_a_hold_ends_by_itself_when_the_new_level_has_lasted(played: Runs) -> None:
    found = [set(played.plan(HIGH, "inputs").values()) for _ in range(2 * CONFIG.monitoring.adopt_days + 1)]

    assert found[:-1] == [{"held"}] * (2 * CONFIG.monitoring.adopt_days)
    assert found[-1] == {"scored"}


def test_a_release_lets_the_next_run_through(played: Runs) -> None:
    played.plan(HIGH, "inputs")

    assert played.release()
    assert set(played.plan(HIGH, "inputs").values()) == {"scored"}
    assert played.alerts() == []


def test_a_release_of_two_days_ago_lets_nothing_through(played: Runs) -> None:
    played.plan(HIGH, "inputs")
    played.release(at=played.cut - timedelta(days=2))

    assert set(played.plan(HIGH, "inputs").values()) == {"held"}


def test_where_nothing_is_held_there_is_nothing_to_release(played: Runs) -> None:
    assert not played.release()


def test_a_run_that_is_resumed_keeps_what_was_decided(played: Runs) -> None:
    played.plan(HIGH, "inputs")
    played.release()

    assert set(played.plan(HIGH, again=True).values()) == {"held"}
