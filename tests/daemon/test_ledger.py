"""The ledger: every account of a run is in one place, and the places add up."""

from sqlalchemy import Engine

from daemon.ledger import Ledger, ledger
from daemon.slots import Slot
from daemon.state import outbox, runs
from daemon.state.engine import read, write
from daemon.state.outbox import Queued
from daemon.state.predictions import replace_predictions
from integrations.interfaces import Outcome, OutgoingChange
from tests.conftest import NOW

STATUS = {
    "sent": "scored",
    "unchanged": "scored",
    "parked": "scored",
    "waiting": "scored",
    "held": "stale",
    "unseen": "excluded",
    "lost": "unmatched",
}


def test_every_account_is_in_one_place(engine: Engine) -> None:
    with write(engine) as connection:
        run = runs.claim(connection, Slot("2026-11-23T06:30", NOW), 1, NOW)
        replace_predictions(
            connection, run.id, [prediction(account, status) for account, status in STATUS.items()]
        )
        outbox.enqueue(
            connection,
            [queued(run.id, account) for account in ("sent", "parked", "waiting", "lost", "unseen")],
            NOW,
        )
        taken = {change.record: change for change in outbox.take(connection, 10, NOW)}
        results = {
            "sent": "acked",
            "parked": "parked",
            "waiting": "retry",
            "lost": "acked",
            "unseen": "acked",
        }
        outbox.settle(connection, [Outcome(taken[name], result) for name, result in results.items()], NOW)

    with read(engine) as connection:
        found = ledger(connection, run.id)

    assert found == Ledger(seen=7, sent=1, unchanged=1, parked=1, waiting=1, held=1, excluded=1, unmatched=1)
    assert found.adds_up


def test_a_change_that_a_newer_one_replaced_is_sent_only_where_that_one_is_ours(engine: Engine) -> None:
    """Else Salesforce refused it for a generation that another state wrote."""
    with write(engine) as connection:
        run = runs.claim(connection, Slot("2026-11-23T06:30", NOW), 1, NOW)
        replace_predictions(connection, run.id, [prediction(name, "scored") for name in ("ours", "theirs")])
        outbox.enqueue(connection, [queued(run.id, name) for name in ("ours", "theirs")], NOW)
        taken = outbox.take(connection, 10, NOW)
        outbox.settle(connection, [Outcome(change, "superseded") for change in taken], NOW)
        outbox.enqueue(connection, [queued(run.id + 1, "ours")], NOW)

    with read(engine) as connection:
        found = ledger(connection, run.id)

    assert (found.sent, found.waiting) == (1, 1)


def test_an_account_in_no_place_is_noticed() -> None:
    assert not Ledger(
        seen=8, sent=1, unchanged=1, parked=1, waiting=1, held=1, excluded=1, unmatched=1
    ).adds_up


def prediction(account: str, status: str) -> dict[str, object]:
    return {
        "account_id": account,
        "status": status,
        "status_reason": "",
        "data_as_of": NOW,
        "rating": "unknown",
    }


def queued(gen: int, account: str) -> Queued:
    return Queued(OutgoingChange("Account", account, gen, {"Maturity_Rating__c": "High"}), account)
