"""The outbox: what was sent is known, what was not is sent, a newer generation wins."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete

from daemon.slots import Slot
from daemon.state import outbox, runs
from daemon.state.engine import connect, read, write
from daemon.state.outbox import Queued
from daemon.state.predictions import replace_predictions
from daemon.state.schema import migrate
from daemon.state.tables import acked
from daemon.state.tables import outbox as outbox_table
from integrations.interfaces import Outcome, OutgoingChange
from tests.conftest import NOW

ACCOUNT = "001000000000001AAA"


def change(gen: int, rating: str = "High", record: str = ACCOUNT) -> Queued:
    return Queued(OutgoingChange("Account", record, gen, {"Maturity_Rating__c": rating}), record)


def enqueue(engine: Engine, *queued: Queued) -> None:
    with write(engine) as connection:
        outbox.enqueue(connection, queued, NOW)


def take(engine: Engine, after: timedelta = timedelta()) -> list[OutgoingChange]:
    with write(engine) as connection:
        return outbox.take(connection, 200, NOW + after)


def settle(engine: Engine, changes: Sequence[OutgoingChange], result: str) -> None:
    with write(engine) as connection:
        outbox.settle(connection, [Outcome(each, result, "CODE", "words") for each in changes], NOW)


def states(engine: Engine) -> dict[str, int]:
    with read(engine) as connection:
        return outbox.count_by_state(connection)


def holds(engine: Engine) -> tuple[int, str]:
    with read(engine) as connection:
        standing = outbox.standing(connection, "Account")[ACCOUNT]
    return standing.gen, str(standing.values["Maturity_Rating__c"])


def test_a_change_is_sent_once_and_then_known_to_be_held(engine: Engine) -> None:
    enqueue(engine, change(1))

    settle(engine, take(engine), "acked")

    assert take(engine) == []
    assert holds(engine) == (1, "High")
    assert states(engine) == {"acked": 1}


def test_queueing_the_same_generation_twice_is_queueing_it_once(engine: Engine) -> None:
    enqueue(engine, change(1))
    enqueue(engine, change(1))

    assert states(engine) == {"pending": 1}


def test_a_newer_generation_takes_the_place_of_one_that_waits(engine: Engine) -> None:
    enqueue(engine, change(1, "High"))
    enqueue(engine, change(2, "Low"))

    assert [each.gen for each in take(engine)] == [2]
    assert states(engine) == {"in_flight": 1, "superseded": 1}


def test_an_answer_to_an_older_generation_does_not_acknowledge_the_newer(engine: Engine) -> None:
    enqueue(engine, change(1, "High"))
    sent = take(engine)
    enqueue(engine, change(2, "Low"))

    settle(engine, sent, "acked")

    assert [each.gen for each in take(engine)] == [2]
    assert holds(engine) == (2, "Low")


def test_a_late_answer_never_puts_an_older_value_on_record(engine: Engine) -> None:
    enqueue(engine, change(1, "High"))
    late = take(engine)
    enqueue(engine, change(2, "Low"))
    settle(engine, take(engine), "acked")

    settle(engine, late, "acked")

    assert holds(engine) == (2, "Low")


def test_what_was_in_flight_at_a_kill_is_in_doubt(engine: Engine) -> None:
    enqueue(engine, change(1))
    sent = take(engine)

    with read(engine) as connection:
        assert outbox.doubtful(connection, 10) == sent


def test_a_parked_change_is_tried_again_after_a_day(engine: Engine) -> None:
    enqueue(engine, change(1))
    settle(engine, take(engine), "parked")

    assert take(engine, timedelta(hours=23)) == []
    assert len(take(engine, timedelta(hours=25))) == 1


def test_an_admin_can_have_parked_changes_tried_at_once(engine: Engine) -> None:
    enqueue(engine, change(1))
    settle(engine, take(engine), "parked")

    with write(engine) as connection:
        assert outbox.retry_parked(connection, NOW) == 1

    assert len(take(engine)) == 1


@pytest.fixture(scope="module")
def one_engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    engine = connect(f"sqlite:///{tmp_path_factory.mktemp('outbox') / 'state.db'}")
    migrate(engine)
    return engine


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moves=st.lists(
        st.sampled_from(["plan", "take", "acked", "retry", "parked", "unknown", "answer late"]), max_size=14
    )
)
def test_the_record_never_falls_back_to_an_older_generation(one_engine: Engine, moves: list[str]) -> None:
    """Whatever is planned, sent, refused and answered late, what is known to be held only gets newer."""
    with write(one_engine) as connection:
        connection.execute(delete(outbox_table))
        connection.execute(delete(acked))
    gen, held, sent, late = 0, 0, [], []
    for move in moves:
        if move == "plan":
            gen += 1
            enqueue(one_engine, change(gen, f"value {gen}"))
        elif move == "take":
            late += sent
            sent = take(one_engine, timedelta(days=2))
        elif move == "answer late":
            settle(one_engine, late, "acked")
        else:
            settle(one_engine, sent, move)
        with read(one_engine) as connection:
            rows = connection.execute(acked.select()).mappings().all()
        now_held = rows[0]["gen"] if rows else 0
        assert now_held >= held
        assert not rows or rows[0]["values"]["Maturity_Rating__c"] == f"value {now_held}"
        held = now_held


def test_what_is_unfinished_of_accounts_without_a_prediction_is_closed(engine: Engine) -> None:
    with write(engine) as connection:
        run = runs.claim(connection, Slot("2026-11-23T06:30", NOW), 1, NOW)
        replace_predictions(connection, run.id, [prediction(ACCOUNT)])
    enqueue(engine, change(1), change(1, record="gone"), change(1, record="gone before"))
    taken = {each.record: each for each in take(engine)}
    settle(engine, [taken["gone before"]], "acked")
    settle(engine, [taken["gone"]], "parked")

    with write(engine) as connection:
        closed = outbox.close_gone(connection, run.id, NOW)

    assert closed == 1
    assert states(engine) == {"acked": 1, "in_flight": 1, "superseded": 1}


def test_the_newest_record_of_each_account_stands_for_its_history(engine: Engine) -> None:
    other = "001000000000002AAA"
    with write(engine) as connection:
        outbox.enqueue(connection, [score(1), score(2), score(1, other)], NOW)
    settle(engine, take(engine), "acked")
    with write(engine) as connection:
        outbox.enqueue(connection, [score(3, other)], NOW + timedelta(days=1))

    with read(engine) as connection:
        found = outbox.newest_children(connection, "Score__c")

    assert {
        account: (each.gen, each.state, each.values["Gen"], each.at) for account, each in found.items()
    } == {
        ACCOUNT: (2, "acked", 2, NOW),
        other: (3, "pending", 3, NOW + timedelta(days=1)),
    }


def score(gen: int, account: str = ACCOUNT) -> Queued:
    return Queued(OutgoingChange("Score__c", f"{account}|slot {gen}", gen, {"Gen": gen}, "Key__c"), account)


def prediction(account: str) -> dict[str, object]:
    return {
        "account_id": account,
        "status": "scored",
        "status_reason": "",
        "data_as_of": NOW,
        "rating": "high",
    }
