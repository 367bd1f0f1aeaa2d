"""Customer notices from the state to a task in a served org: once, to whom, and until when."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from daemon.config.notices import NoticesTable
from daemon.org_setup import assignments, wanted_org
from daemon.salesforce import admin_of
from daemon.state import outbox as queue
from daemon.state.engine import write
from daemon.state.tables import alerts, anomalies, outbox
from integrations.salesforce import org as orgs
from tests.daemon.steps.test_plan import START, cycle, reasons
from tests.daemon.steps.test_plan import company as company  # the fixture
from tests.scenarios import stand_in
from tests.scenarios.play import Play

APPROVED = "Usage_Notices__c"


class Killed(BaseException):
    """Nothing in the program catches it, as nothing catches a kill."""


@dataclass
class Told:
    """The company, with notices switched on, and one account that has an approved contact."""

    play: Play
    account: str
    contact: str

    def anomaly(self, **more: Any) -> int:
        """A confirmed stop, of which a notice is due; its row."""
        row = {
            "account_id": self.account, "kind": "stop", "day": START.date(), "days": 4, "size": -1.0,
            "chance": 0.0, "value": 0.0, "borne_out": True, "status": "confirmed", "withdrawn": False,
            "sentence": "Usage stopped.", "run_id": 1, "opened_at": START, "confirmed_at": START,
            "notice": "due", "letter": {"subject": "no use since 24 September 2026", "text": "Hello"},
        }  # fmt: skip
        with write(self.play.evidence.engine) as connection:
            key = connection.execute(insert(anomalies).values({**row, **more})).inserted_primary_key
        assert key is not None
        return int(key[0])

    def amend(self, **values: Any) -> None:
        with write(self.play.evidence.engine) as connection:
            connection.execute(update(anomalies).values(**values))

    def approve(self, contact: str, *, approved: bool = True) -> None:
        self.play.org.store.update("Contact", contact, {APPROVED: int(approved)})

    def settings(self, **values: Any) -> None:
        table = NoticesTable(**{"enabled": True, **values})
        self.play.quiet_config = self.play.quiet_config.model_copy(update={"notices": table})

    @property
    def tasks(self) -> list[dict[str, Any]]:
        return [dict(row) for row in self.play.org.store.find("Task")]

    @property
    def notice(self) -> list[str | None]:
        return [row["notice"] for row in self.play.evidence.rows(anomalies)]

    def queued(self) -> list[str]:
        """States of the tasks in the outbox."""
        return [row["state"] for row in self.play.evidence.rows(outbox) if row["object"] == "Task"]


@pytest.fixture
def told(company: Play) -> Told:
    store = company.org.store
    contact = next(row for row in store.find("Contact") if row["AccountId"] in company.accounts())
    found = Told(company, str(contact["AccountId"]), str(contact["Id"]))
    found.settings()
    config = company.quiet_config
    admin = admin_of(config, company.clock)
    orgs.apply(admin, orgs.plan(admin, wanted_org(config), assignments(config)))
    found.approve(found.contact)
    cycle(company)
    return found


def test_a_due_notice_becomes_a_task_of_the_accounts_owner_once(told: Told) -> None:
    told.anomaly()

    runs = [cycle(told.play, hours=12), cycle(told.play, hours=12), cycle(told.play, hours=24)]

    assert [run.state for run in runs] == ["done"] * 3
    (task,) = told.tasks
    account = told.play.org.store.get("Account", told.account)
    assert account is not None
    assert (task["WhatId"], task["WhoId"]) == (told.account, told.contact)
    assert task["OwnerId"] == account["OwnerId"]
    assert task["Subject"] == "Let the customer know: no use since 24 September 2026"
    assert (task["Description"], task["Status"]) == ("Hello", "Not Started")
    assert task["ActivityDate"] == f"{(START + timedelta(hours=12, days=3)).date()}"
    assert (told.notice, told.queued()) == (["queued"], ["acked"])


@pytest.mark.parametrize("moment", ["before the task is made", "before its answer is on record"])
def test_a_kill_around_the_making_of_a_task_makes_no_second_one(
    told: Told, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    told.anomaly()
    settle = queue.settle
    push = "integrations.salesforce.client.SalesforceClient.create"

    def die(*_: object) -> None:
        raise Killed

    def die_of_tasks(connection: Any, outcomes: Any, now: Any) -> None:
        if any(outcome.change.object == "Task" for outcome in outcomes):
            raise Killed
        settle(connection, outcomes, now)

    with monkeypatch.context() as killing:
        if moment.startswith("before the task"):
            killing.setattr(push, die)
        else:
            killing.setattr(queue, "settle", die_of_tasks)
        with pytest.raises(Killed):
            cycle(told.play, hours=12)
    left = told.queued()

    cycle(told.play, hours=12)

    assert left == ["in_flight"]
    assert len(told.tasks) == 1
    assert told.queued() == ["acked"]


def test_a_kill_in_the_plan_neither_loses_nor_doubles_a_notice(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    told.anomaly()
    enqueue = queue.enqueue

    def die_after(connection: Any, queued: Any, now: Any) -> int:
        enqueue(connection, queued, now)
        if any(each.change.object == "Task" for each in queued):
            raise Killed
        return 0

    with monkeypatch.context() as killing:
        killing.setattr(queue, "enqueue", die_after)
        with pytest.raises(Killed):
            cycle(told.play, hours=12)
    left = (told.notice, told.queued())

    cycle(told.play, hours=12)

    assert left == (["due"], [])
    assert len(told.tasks) == 1


def test_a_state_that_forgot_its_notices_makes_no_second_task(told: Told) -> None:
    """It was restored from before; the org was not."""
    told.anomaly()
    cycle(told.play, hours=12)
    told.amend(notice="due", notice_key=None)

    cycle(told.play, hours=24)

    assert len(told.tasks) == 1
    assert told.notice == ["queued"]


def test_without_an_approved_contact_a_notice_waits_for_one_for_two_weeks(told: Told) -> None:
    told.anomaly()
    told.approve(told.contact, approved=False)
    cycle(told.play, hours=12)
    waiting = (told.notice, told.tasks)
    told.approve(told.contact)
    cycle(told.play, hours=24)

    assert waiting == (["due"], [])
    assert (told.notice, len(told.tasks)) == (["queued"], 1)


def test_after_two_weeks_it_lapses(told: Told) -> None:
    told.anomaly(confirmed_at=START - timedelta(days=15))

    cycle(told.play, hours=12)

    assert (told.notice, told.tasks) == (["lapsed"], [])


def test_what_is_over_or_withdrawn_before_it_is_queued_is_not_told(told: Told) -> None:
    told.anomaly(letter=None, status="recovered")

    cycle(told.play, hours=12)

    assert (told.notice, told.tasks) == (["lapsed"], [])


def test_a_task_that_waits_is_closed_when_there_is_nothing_to_tell_any_more(told: Told) -> None:
    told.anomaly()
    told.play.org.store.update("Account", told.account, {"OwnerId": told.contact})
    cycle(told.play, hours=12)
    refused = told.queued()
    told.amend(letter=None)

    cycle(told.play, hours=24)

    assert refused == ["parked"]
    assert told.queued() == ["superseded"]
    assert (told.notice, told.tasks) == (["lapsed"], [])


def test_switched_off_what_is_due_lapses(told: Told) -> None:
    told.anomaly()
    told.settings(enabled=False)

    cycle(told.play, hours=12)

    assert (told.notice, told.tasks) == (["lapsed"], [])


def test_every_task_goes_to_the_owner_that_is_named(told: Told) -> None:
    told.anomaly()
    rep = told.play.people.reps[1]
    told.settings(owner=rep.username)

    cycle(told.play, hours=12)

    (task,) = told.tasks
    assert task["OwnerId"] == rep.user_id


def test_what_the_org_lacks_is_told_and_the_notice_waits(told: Told) -> None:
    told.anomaly()
    told.settings(owner="nobody@northwind-tools.example")

    done = cycle(told.play, hours=12)

    assert done.state == "done"
    assert any("no active user is named nobody@" in each for each in reasons(told.play))
    (alert,) = (row for row in told.play.evidence.rows(alerts) if row["scope"] == "notices")
    assert alert["held_back"].startswith("1 notice(s)")
    assert told.notice == ["due"]


def test_of_an_account_whose_last_good_values_stay_nothing_is_told(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    told.anomaly()
    rated = stand_in.rated
    monkeypatch.setattr(stand_in, "rated", lambda *told: {**rated(*told), "status": "held"})

    cycle(told.play, hours=12)

    assert (told.notice, told.tasks) == (["due"], [])
