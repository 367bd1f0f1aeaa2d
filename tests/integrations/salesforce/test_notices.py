"""Tasks of customer notices in an org: set up, made once, left alone afterwards."""

from datetime import date

import pytest

from integrations.interfaces import Outcome, OutgoingChange
from integrations.localorg.faults import Fault
from integrations.salesforce.notices import (
    APPROVER,
    KEY,
    Notice,
    Recipient,
    approved_contacts,
    notice_problems,
    task_change,
    with_notices,
)
from integrations.salesforce.org import apply, plan
from integrations.salesforce.pusher import CollectionsPusher, account_pusher
from integrations.salesforce.schema import SYNC, org_spec
from tests.integrations.salesforce.conftest import World

APPROVED = "Usage_Notices__c"
WANTED = with_notices(org_spec(), APPROVED)


@pytest.fixture
def ready(bare: World) -> World:
    """An org after `org apply` with notices switched on."""
    admin = bare.connect(bare.people.admin)
    apply(admin, plan(admin, WANTED, {SYNC: [bare.people.sync.username]}))
    return bare


def account_with_contact(world: World, *, approved: bool = True) -> tuple[str, str]:
    (account,) = world.org.load("Account", [{"Name": "Acme", "OwnerId": world.people.reps[0].user_id}])
    contact = {"LastName": "Miller", "AccountId": account, APPROVED: approved}
    return account, world.org.load("Contact", [contact])[0]


def task(world: World, account: str, contact: str, gen: int = 1) -> OutgoingChange:
    owner = world.people.reps[0].user_id
    notice = Notice(f"{account}|1", account, contact, owner, "No use", "Hello", date(2026, 3, 5))
    return task_change(notice, gen)


def pusher(world: World) -> CollectionsPusher:
    return account_pusher(world.connect(world.people.sync), "Maturity_Gen__c")


def pushed(sink: CollectionsPusher, *changes: OutgoingChange) -> list[Outcome]:
    return [outcome for outcomes in sink.push(list(changes)) for outcome in outcomes]


def test_an_org_is_given_what_notices_need_and_then_needs_nothing(bare: World) -> None:
    admin, sync = bare.connect(bare.people.admin), bare.connect(bare.people.sync)
    assign = {SYNC: [bare.people.sync.username]}
    apply(admin, plan(admin, org_spec(), assign))
    lacking = notice_problems(sync, APPROVED, None)
    planned = plan(admin, WANTED, assign)

    apply(admin, planned)

    assert len(lacking) == 2
    assert all("org plan" in problem for problem in lacking)
    assert {str(change) for change in planned.changes} == {
        f"create field Activity.{KEY}: Text(80)",
        f"create field Contact.{APPROVED}: Checkbox",
        "grant permission set Maturity_Sync: read Contact",
        f"grant permission set Maturity_Sync: read Contact.{APPROVED}",
        f"grant permission set Maturity_Sync: edit and read Task.{KEY}",
        "grant permission set Maturity_Sync: ActivitiesAccess and EditTask",
        f"create permission set {APPROVER}: 1 objects, 1 fields",
    }
    assert plan(admin, WANTED, assign).changes == ()
    assert notice_problems(sync, APPROVED, None) == []


def test_an_owner_that_nobody_is_called_is_told(ready: World) -> None:
    (problem,) = notice_problems(ready.connect(ready.people.sync), APPROVED, "nobody@example.com")

    assert problem.startswith("no active user is named nobody@example.com")


def test_a_task_is_for_the_owner_about_the_account_and_as_the_org_has_tasks(ready: World) -> None:
    account, contact = account_with_contact(ready)

    (outcome,) = pushed(pusher(ready), task(ready, account, contact))

    assert outcome.result == "acked"
    (row,) = ready.org.store.find("Task", WhatId=account)
    assert (row["WhoId"], row["OwnerId"]) == (contact, ready.people.reps[0].user_id)
    assert (row["Subject"], row["ActivityDate"]) == ("No use", "2026-03-05")
    assert (row["Status"], row["Priority"]) == ("Not Started", "Normal")


def test_a_second_one_is_refused_by_the_org_and_changes_nothing(ready: World) -> None:
    """What the rep has written into the task since stays."""
    account, contact = account_with_contact(ready)
    pushed(pusher(ready), task(ready, account, contact))
    (row,) = ready.org.store.find("Task", WhatId=account)
    done = {"Status": "Completed", "Subject": "Called them"}
    ready.connect(ready.people.admin).sf.restful(f"sobjects/Task/{row['Id']}", method="PATCH", json=done)

    (outcome,) = pushed(pusher(ready), task(ready, account, contact, gen=2))

    assert outcome.result == "acked"
    (kept,) = ready.org.store.find("Task", WhatId=account)
    assert (kept["Status"], kept["Subject"]) == ("Completed", "Called them")


def test_a_lost_answer_is_read_back_as_made(ready: World) -> None:
    account, contact = account_with_contact(ready)
    sink = pusher(ready)
    ready.faults.script(Fault("cut_after", path="/composite/sobjects"))

    (outcome,) = pushed(sink, task(ready, account, contact))

    assert outcome.result == "unknown"
    assert [each.result for each in sink.read_back([outcome.change])] == ["acked"]


def test_a_task_that_somebody_deleted_is_not_made_again(ready: World) -> None:
    account, contact = account_with_contact(ready)
    sink = pusher(ready)
    ready.faults.script(Fault("cut_after", path="/composite/sobjects"))
    (outcome,) = pushed(sink, task(ready, account, contact))
    (row,) = ready.org.store.find("Task", WhatId=account)
    ready.connect(ready.people.admin).sf.restful(f"sobjects/Task/{row['Id']}", method="DELETE")

    assert [each.result for each in sink.read_back([outcome.change])] == ["acked"]


def test_a_request_that_lands_late_makes_no_second_task(ready: World) -> None:
    account, contact = account_with_contact(ready)
    sink = pusher(ready)
    ready.faults.script(Fault("late", path="/composite/sobjects", delay_s=0.3))
    (lost,) = pushed(sink, task(ready, account, contact))
    before = sink.read_back([lost.change])

    again = pushed(sink, task(ready, account, contact))

    assert [each.result for each in before] == ["retry"]
    assert [each.result for each in again] == ["acked"]
    ready.connect(ready.people.sync).wait(0.6)
    assert len(ready.org.store.find("Task", WhatId=account)) == 1


def test_an_unreachable_owner_parks_the_notice_alone(ready: World) -> None:
    account, contact = account_with_contact(ready)
    other, their_contact = account_with_contact(ready)
    strange = task(ready, account, contact)
    strange = OutgoingChange("Task", strange.record, 1, {**strange.values, "OwnerId": account}, KEY)

    outcomes = pushed(pusher(ready), strange, task(ready, other, their_contact))

    assert {each.change.record: each.result for each in outcomes} == {
        f"{account}|1": "parked",
        f"{other}|1": "acked",
    }


def test_the_contact_who_has_been_there_longest_is_chosen_of_those_approved(ready: World) -> None:
    account, first = account_with_contact(ready, approved=False)
    lonely, _ = account_with_contact(ready, approved=False)
    second, _ = ready.org.load(
        "Contact", [{"LastName": name, "AccountId": account, APPROVED: True} for name in ("Ito", "Abel")]
    )

    found = approved_contacts(ready.connect(ready.people.sync), APPROVED, [account, lonely])

    assert second != first
    assert found == {account: Recipient(second, ready.people.reps[0].user_id)}
