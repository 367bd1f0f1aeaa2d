"""A whole day of the tiny world, models included: first load, morning, reps at the page, noon, and after."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import pytest
import requests
from simple_salesforce.api import Salesforce
from sqlalchemy import RowMapping

from daemon.lake.reading import LakeReader
from daemon.snapshots import features_of
from daemon.state.engine import read
from daemon.state.predictions import predictions_of
from daemon.state.runs import Run, find
from daemon.state.tables import acked, alerts, feedback_events, outbox, pulls, steps
from demo.reps import RepSession
from demo.world import Feedback
from models.features.snapshot import build
from tests.scenarios.attempt import DONE
from tests.scenarios.play import Play
from tests.scenarios.whole import (
    BETWEEN,
    MORNING,
    NOON,
    PRELOAD,
    WHOLE,
    at,
    order,
    promote_by_hand,
    tiny_company,
)
from tests.scenarios.zygote import Zygote

LIMIT_S = 300.0
FIRST_LOAD, QUIET, BROKEN = (
    at(MORNING) - timedelta(hours=1),
    at(NOON) + timedelta(minutes=5),
    at(NOON) + timedelta(hours=1),
)

SHOWN = ("rating", "score", "upsell", "status", "summary", "health")


@dataclass
class Day:
    """The day that was played, by due time. early: what the first load tells of the middle of the history."""

    play: Play
    zygote: Zygote
    early: pd.DataFrame = field(default_factory=pd.DataFrame)
    runs: dict[datetime, Run] = field(default_factory=dict)
    calls: dict[datetime, int] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    writer: str = ""

    def run(self, due: datetime, news: str | None) -> None:
        """Run a slot to its end."""
        play = self.play
        slot = play.move_to(due, news)
        before = len(play.org.store.api_calls())
        child = self.zygote.fork(WHOLE, order(play, slot), play.folder / "log")
        assert child.wait(LIMIT_S) == DONE, (play.folder / "log").read_text(encoding="utf-8")[-3000:]
        self.calls[due] = len(play.org.store.api_calls()) - before
        with read(play.evidence.engine) as connection:
            found = find(connection, slot.name)
        assert found is not None
        self.runs[due] = found

    def predictions(self, due: datetime) -> Mapping[str, RowMapping]:
        """Those of a slot, by account."""
        with read(self.play.evidence.engine) as connection:
            return predictions_of(connection, self.runs[due].id)

    def features(self, cut: datetime) -> pd.DataFrame:
        """The snapshot as of a cut."""
        config = self.play.quiet_config
        with LakeReader(self.play.evidence.engine, config.path(config.lake.path), config.static) as reader:
            return build(reader.as_of(cut), cut, features_of(config)).frame

    def of_run(self, table: Any, due: datetime) -> dict[str, RowMapping]:
        """Rows of a run, by their second column."""
        rows = (row for row in self.play.evidence.rows(table) if row["run_id"] == self.runs[due].id)
        return {row[table.columns.keys()[1]]: row for row in rows}

    def page(self, account: str) -> RepSession:
        """The record page, as the account's rep sees it."""
        salesforce = self.play.quiet_config.salesforce
        owner = next(each.owner for each in self.play.world.accounts if each.id == account)
        rep = next(each for each in self.play.people.reps if each.username == owner)
        return RepSession(
            str(salesforce.instance_url).rstrip("/"), self.play.org.ca_file, rep.username, rep.secret
        )


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def day(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    state_on: Callable[[str], str | None],
) -> Iterator[Day]:
    folder = tmp_path_factory.mktemp("day") / "play"
    with Zygote(*PRELOAD) as zygote, tiny_company(folder, state_on(request.param)) as play:
        played = Day(play, zygote)
        played.run(FIRST_LOAD, "first load")
        played.early = played.features(at(MORNING) - timedelta(days=play.world.days / 2))
        promote_by_hand(play)
        played.run(at(MORNING), "morning")
        play.clock.move_to(at(BETWEEN))
        reps_answer(played)
        somebody_writes(played)
        played.run(at(NOON), "noon")
        played.run(QUIET, None)
        warehouse = play.folder / "data" / "warehouse.db"
        warehouse.rename(warehouse.with_suffix(".away"))
        played.run(BROKEN, None)
        yield played


def reps_answer(day: Day) -> None:
    """On four accounts with a rating, the first of them one with an upsell."""
    rated = [row for row in day.predictions(at(MORNING)).values() if row["rating"] != "unknown"]
    rated.sort(key=lambda row: (row["upsell"] == "none", row["account_id"]))
    answers = ("Not interested", "Rating right", "Rating too low", "Rating too high")
    for row, value in zip(rated, answers, strict=False):
        day.page(row["account_id"]).give(Feedback(row["account_id"], value, "as I said", ""))
        day.said[value] = row["account_id"]


def somebody_writes(day: Day) -> None:
    """A mail arrives from somebody at a customer."""
    contact = next(each for each in day.play.world.contacts if each.email and each.created_at < FIRST_LOAD)
    mail = EmailMessage()
    mail["From"], mail["To"] = contact.email, "support@northwind-tools.example"
    mail["Message-ID"], mail["Subject"] = "<between-the-slots@customer.example>", "Failover"
    mail["Date"] = format_datetime(at(BETWEEN))
    mail.set_content("We plan for high availability.")
    (day.play.folder / "data" / "mail" / "new" / "9.between.mail").write_bytes(mail.as_bytes())
    day.writer = contact.account_id


def crm(day: Day, soql: str) -> dict[str, dict[str, Any]]:
    """What a fresh session of the sync user reads, by record Id."""
    table = day.play.quiet_config.salesforce
    url = str(table.instance_url).rstrip("/")
    session = requests.Session()
    session.verify, session.trust_env = str(day.play.org.ca_file), False
    form = {
        "grant_type": "client_credentials",
        "client_id": day.play.people.sync.client_id,
        "client_secret": day.play.people.sync.secret,
    }
    token = session.post(f"{url}/services/oauth2/token", data=form, timeout=30).json()["access_token"]
    found = Salesforce(session_id=token, instance_url=url, session=session).query_all(soql)
    return {row["Id"]: row for row in found["records"]}


def test_the_org_agrees_with_the_state_for_every_scored_account(day: Day) -> None:
    shown = crm(
        day,
        "SELECT Id, Maturity_Rating__c, Maturity_Score__c, Upsell_Rating__c, Maturity_Status__c FROM Account",
    )
    scored = {name: row for name, row in day.predictions(QUIET).items() if row["status"] == "scored"}

    assert len(scored) > len(shown) / 2
    for account, row in scored.items():
        assert shown[account]["Maturity_Rating__c"].lower() == row["rating"]
        assert shown[account]["Upsell_Rating__c"].lower() == row["upsell"]
        assert shown[account]["Maturity_Status__c"].lower() == row["status"]
        assert shown[account]["Maturity_Score__c"] == pytest.approx(row["score"], abs=2.05)


def test_the_change_told_is_the_one_since_the_score_that_the_org_showed(day: Day) -> None:
    """Not since the last run: what was never sent, nobody has seen."""
    before, now = day.predictions(at(MORNING)), day.predictions(at(NOON))
    sent = [row for row in day.play.evidence.rows(outbox) if row["object"] == "Account"]
    seen = {row["account_id"] for row in sent if row["gen"] == day.runs[at(MORNING)].id}
    told = {account: row for account, row in now.items() if row["shift"] and account in seen}

    assert told
    for account, row in told.items():
        change = round(row["score"] - before[account]["score"])
        moved = re.search(r"(risen|fallen) by (\d+) point", row["shift"])
        told_change = (int(moved[2]) if moved[1] == "risen" else -int(moved[2])) if moved else 0
        assert abs(change - told_change) <= (0 if moved else 1)
        assert f"<p>{escape(row['shift'])}</p>" in row["reasons_rich"]


def test_start_and_attributions_of_every_account_add_up_to_its_score(day: Day) -> None:
    rated = [row for row in day.predictions(at(NOON)).values() if row["attributions"]]

    assert rated
    for row in rated:
        total = row["start"] + np.frombuffer(row["attributions"], "<f4").sum()
        assert total == pytest.approx(row["score"], abs=1e-3)


def test_every_field_in_the_org_is_the_one_last_acknowledged(day: Day) -> None:
    held = {
        row["record"]: row["values"] for row in day.play.evidence.rows(acked) if row["object"] == "Account"
    }
    fields = ("Maturity_Summary__c", "Usage_Health__c", "Usage_Forecast_90d__c", "Maturity_Reasons_Text__c")
    shown = crm(day, f"SELECT Id, {', '.join(fields)} FROM Account")  # noqa: S608 known names

    assert {record: {name: row[name] for name in fields} for record, row in shown.items()} == {
        record: {name: values.get(name) for name in fields} for record, values in held.items()
    }


def test_a_cycle_without_news_sends_nothing_and_asks_little(day: Day) -> None:
    gens = {row["gen"] for row in day.play.evidence.rows(outbox)}

    assert day.runs[QUIET].id not in gens
    assert day.calls[QUIET] < 30


def test_feedback_is_in_the_state_with_who_and_when(day: Day) -> None:
    heard = {(row["account_id"], row["value"]): row for row in day.play.evidence.rows(feedback_events)}
    reps = {each.user_id for each in day.play.people.reps}

    assert set(heard) == {(account, value) for value, account in day.said.items()}
    for row in heard.values():
        assert row["by_user"] in reps
        assert row["at"] == at(BETWEEN)
        assert row["note"] == "as I said"


def test_feedback_about_the_rating_is_trained_on_and_the_others_are_not(day: Day) -> None:
    before, after = (day.of_run(steps, due)["train"]["rows"] for due in (at(MORNING), at(NOON)))
    report = day.runs[at(NOON)].report or {}

    assert after == before + len(day.said) - 1
    assert report["labels"]["feedback"] == len(day.said) - 1
    assert report["outcomes"] == {"not_interested": 1}


def test_not_interested_ends_the_upsell_and_leaves_the_rating(day: Day) -> None:
    account = day.said["Not interested"]
    before, after = (day.predictions(due)[account] for due in (at(MORNING), at(NOON)))

    assert before["upsell"] != "none"
    assert after["upsell"] == "none"
    assert after["rating"] == before["rating"]
    assert crm(day, "SELECT Id, Upsell_Rating__c FROM Account")[account]["Upsell_Rating__c"] == "None"


def test_a_mail_between_the_slots_changes_features_at_midday(day: Day) -> None:
    before, after = (day.features(day.runs[due].cut).loc[day.writer] for due in (at(MORNING), at(NOON)))

    assert after["emails_in_90d"] > before["emails_in_90d"]
    assert after["email_days_since_last"] < 1


def test_a_snapshot_of_half_the_history_ago_is_not_empty_right_after_the_first_load(day: Day) -> None:
    assert len(day.early) > len(day.play.world.accounts) / 2
    assert day.early.notna().mean().gt(0).mean() > 0.5


def test_a_source_that_fails_holds_up_nothing_else(day: Day) -> None:
    landed = day.of_run(pulls, BROKEN)
    told = [row["title"] for row in day.play.evidence.rows(alerts) if row["status"] == "open"]

    assert {name for name, row in landed.items() if row["state"] == "failed"} == {"usage", "activity"}
    assert day.runs[BROKEN].state == "done"
    assert len(day.predictions(BROKEN)) == len(day.predictions(QUIET))
    assert any("usage" in title for title in told)
