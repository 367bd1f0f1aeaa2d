"""Pushing to an org: each change gets one outcome, and none is acked that did not land."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from integrations.errors import Retryable, SetupError
from integrations.interfaces import JsonScalar, Outcome, OutgoingChange
from integrations.localorg.faults import Fault, FaultPlan
from integrations.salesforce.history import score_change
from integrations.salesforce.mapping import output_mapping
from integrations.salesforce.pusher import CollectionsPusher, account_pusher
from integrations.salesforce.quantise import Output, same
from integrations.salesforce.schema import SYNC
from tests.integrations.salesforce.conftest import World

WRITES = "/composite/sobjects"


def accounts(world: World, count: int) -> list[str]:
    return world.org.load("Account", [{"Name": f"Account {number}"} for number in range(count)])


def change(account: str, gen: int, **values: JsonScalar) -> OutgoingChange:
    return OutgoingChange("Account", account, gen, values or {"Maturity_Score__c": float(gen)})


def pusher(world: World) -> CollectionsPusher:
    return account_pusher(world.connect(world.people.sync), "Maturity_Gen__c")


def pushed(sink: CollectionsPusher, *changes: OutgoingChange) -> list[Outcome]:
    return [outcome for outcomes in sink.push(list(changes)) for outcome in outcomes]


def results(outcomes: list[Outcome]) -> Counter[str]:
    return Counter(outcome.result for outcome in outcomes)


def held(world: World, account: str, field: str) -> object:
    return world.org.store.get("Account", account)[field]  # type: ignore[index]


def until_stopped(
    stopped: type[Exception], words: str, sink: CollectionsPusher, *changes: OutgoingChange
) -> list[Outcome]:
    """The outcomes up to the error that ends the push."""
    outcomes: list[Outcome] = []

    def push() -> None:
        for each in sink.push(list(changes)):
            outcomes.extend(each)

    with pytest.raises(stopped, match=words):
        push()
    return outcomes


def test_hundreds_of_changes_go_in_few_requests_and_are_acked(world: World) -> None:
    client = world.connect(world.people.sync)
    changes = [change(account, 1) for account in accounts(world, 450)]
    outcomes = [*account_pusher(client, "Maturity_Gen__c").push(changes)]

    assert [len(each) for each in outcomes] == [200, 200, 50]
    assert {outcome.result for each in outcomes for outcome in each} == {"acked"}
    assert client.calls == 3
    assert held(world, changes[0].record, "Maturity_Gen__c") == 1


def test_a_refused_record_costs_itself_and_keeps_salesforces_words(world: World) -> None:
    good, bad, gone = accounts(world, 3)
    world.connect(world.people.admin).sf.restful(f"sobjects/Account/{gone}", method="DELETE")
    outcomes = pushed(
        pusher(world), change(good, 1), change(bad, 1, Maturity_Rating__c="Huge"), change(gone, 1)
    )
    by_record = {outcome.change.record: outcome for outcome in outcomes}

    assert by_record[good].result == "acked"
    assert by_record[bad].result == "parked"
    assert by_record[bad].code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert "Huge" in by_record[bad].reason
    assert by_record[gone].code == "ENTITY_IS_DELETED"


def test_the_fence_refuses_an_older_generation_and_takes_the_same_again(world: World) -> None:
    (account,) = accounts(world, 1)
    sink = pusher(world)
    assert results(pushed(sink, change(account, 5))) == {"acked": 1}
    assert results(pushed(sink, change(account, 4))) == {"superseded": 1}
    assert results(pushed(sink, change(account, 5))) == {"acked": 1}
    assert held(world, account, "Maturity_Score__c") == 5.0


def test_a_record_twice_in_a_push_ends_with_its_newest_generation(world: World) -> None:
    (account,) = accounts(world, 1)
    assert results(pushed(pusher(world), change(account, 8), change(account, 7))) == {"acked": 2}
    assert held(world, account, "Maturity_Gen__c") == 8


def test_a_lost_answer_is_unknown_and_read_back_as_acked(world: World) -> None:
    account, other = accounts(world, 2)
    sink = pusher(world)
    world.faults.script(Fault("cut_after", path=WRITES))
    outcomes = pushed(sink, change(account, 1))

    assert results(outcomes) == {"unknown": 1}
    assert [each.result for each in sink.read_back([outcomes[0].change, change(other, 1)])] == [
        "acked",
        "retry",
    ]


def test_a_read_back_tells_a_newer_generation_and_a_missing_record(world: World) -> None:
    account, gone = accounts(world, 2)
    sink = pusher(world)
    pushed(sink, change(account, 9))
    world.connect(world.people.admin).sf.restful(f"sobjects/Account/{gone}", method="DELETE")
    found = sink.read_back([change(account, 8), change(account, 10), change(gone, 1)])
    assert [each.result for each in found] == ["superseded", "retry", "retry"]


def test_locked_records_are_sent_again_in_smaller_requests(world: World) -> None:
    changes = [change(account, 1) for account in accounts(world, 120)]
    client = world.connect(world.people.sync)
    world.faults.script(Fault("locked", path=WRITES))
    outcomes = pushed(account_pusher(client, "Maturity_Gen__c"), *changes)

    assert results(outcomes) == {"acked": 120}
    assert client.calls == 1 + 3


def test_a_record_that_stays_locked_is_left_for_later(world: World) -> None:
    (account,) = accounts(world, 1)
    world.faults.script(*[Fault("locked", path=WRITES)] * 4)
    (outcome,) = pushed(pusher(world), change(account, 1))
    assert (outcome.result, outcome.code) == ("retry", "UNABLE_TO_LOCK_ROW")


def test_an_expired_session_costs_one_log_in(world: World) -> None:
    changes = [change(account, 1) for account in accounts(world, 250)]
    sink = pusher(world)
    world.faults.script(None, Fault("expired", path=WRITES))
    assert results(pushed(sink, *changes)) == {"acked": 250}


def test_an_exhausted_org_ends_the_push_with_what_was_acked(world: World) -> None:
    changes = [change(account, 1) for account in accounts(world, 250)]
    sink = pusher(world)
    world.faults.script(None, Fault("quota", path=WRITES))
    outcomes = until_stopped(Retryable, "TotalRequests", sink, *changes)
    assert results(outcomes) == {"acked": 200, "retry": 50}


def test_a_missing_permission_stops_the_push_and_names_field_and_permission_set(bare: World) -> None:
    bare.set_up()
    (sync,) = bare.org.store.find("PermissionSet", Name=SYNC)
    bare.org.store.run(
        "UPDATE FieldPermissions SET PermissionsEdit = 0 WHERE ParentId = ? AND Field = ?",
        (sync["Id"], "Account.Maturity_Score__c"),
    )
    one, other = accounts(bare, 2)
    changes = change(one, 1, Maturity_Rating__c="High"), change(other, 1)
    outcomes = until_stopped(SetupError, "(?s)Maturity_Score__c.*Maturity_Sync", pusher(bare), *changes)
    assert results(outcomes) == {"acked": 1, "retry": 1}


def test_a_score_record_is_written_once_per_account_and_slot(world: World) -> None:
    (account,) = accounts(world, 1)
    outputs: dict[str, Output] = {
        "rating": "high",
        "score": 71.26,
        "reasons_text": "Grew by a third.",
        "data_as_of": datetime(2026, 3, 2, 6, tzinfo=UTC),
    }
    sink = pusher(world)
    first = score_change(account, "2026-03-02 morning", 1, outputs)
    again = score_change(account, "2026-03-02 morning", 2, {**outputs, "rating": "medium"})
    assert results(pushed(sink, first, again)) == {"acked": 2}
    assert [each.result for each in sink.read_back([first, again])] == ["superseded", "acked"]

    (row,) = world.org.store.find("Maturity_Score__c", Account__c=account)
    assert (row["Rating__c"], row["Score__c"], row["Gen__c"]) == ("Medium", 71.3, 2)
    assert row["As_Of__c"] == "2026-03-02T06:00:00.000+0000"


HOSTILE: dict[str, Output] = {
    "rating": "unknown",
    "score": 62.25,
    "reasons": "<p>R&amp;D of <b>O'Brien &lt;script&gt;</b></p><ul>"
    + "<li>müde &amp; 😀</li>" * 2000
    + "</ul>",
    "reasons_text": "  R&D of O'Brien \\ 'quoted'\r\n\u202eright to left\x00 " + "Words & more. " * 3000,
    "summary": "=HYPERLINK(1) 😀 " * 40,
    "upsell": "none",
    "health": "negative",
    "forecast_30d": 1234.5,
    "forecast_data": '{"start":"2026-01-01","actual":[1,null]}',
    "anomaly": " \n ",
    "status": "too little data",
    "data_as_of": datetime(2026, 3, 2, 6, 0, 0, 999_999, tzinfo=UTC),
}


def test_the_org_returns_each_value_as_it_was_quantised(world: World) -> None:
    (account,) = accounts(world, 1)
    client = world.connect(world.people.sync)
    mapping = output_mapping()
    values = mapping.convert(HOSTILE, client.describe("Account"))
    outcome = pushed(account_pusher(client, "Maturity_Gen__c"), change(account, 1, **values))

    assert results(outcome) == {"acked": 1}, outcome[0].reason
    soql = f"SELECT {', '.join(values)} FROM Account WHERE Id = '{account}'"  # noqa: S608 - our own names
    (row,) = client.query(soql)
    kinds = {mapped.field: mapped.kind for mapped in mapping.fields}
    assert {name for name, ours in values.items() if not same(kinds[name], ours, row[name])} == set()


@pytest.mark.parametrize("seed", range(4))
def test_whatever_goes_wrong_all_land_and_no_older_one_after_a_newer(world: World, seed: int) -> None:
    """Seeded faults on a third of the calls: refusals, cut connections, locks, writes that land late."""
    text = f"seed={seed} delay_s=0.05 unavailable=0.1 cut_before=0.05 cut_after=0.1 late=0.1 locked=0.1"
    faults = FaultPlan.parse(text)
    records = accounts(world, 60)
    sink = pusher(world)
    acked: dict[str, int] = {}
    for gen in (1, 2, 3):
        world.faults.faults, world.faults.random = faults.faults, faults.random
        waiting = [change(account, gen) for account in records]
        for _ in range(30):
            outcomes = pushed(sink, *waiting)
            doubtful = [each.change for each in outcomes if each.result == "unknown"]
            outcomes = [each for each in outcomes if each.result != "unknown"] + sink.read_back(doubtful)
            acked |= {each.change.record: gen for each in outcomes if each.result == "acked"}
            waiting = [each.change for each in outcomes if each.result == "retry"]
            assert all(held(world, account, "Maturity_Gen__c") >= gen for account, gen in acked.items())  # type: ignore[operator]
            if not waiting:
                break
        world.faults.faults = ()

    assert acked == dict.fromkeys(records, 3)
    assert {held(world, account, "Maturity_Score__c") for account in records} == {3.0}
