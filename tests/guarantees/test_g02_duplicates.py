"""G2 holds on an honest day, and its checker sees what is there twice."""

from dataclasses import replace

from sqlalchemy import insert

from daemon.state.tables import feedback_events
from tests.guarantees import g02_duplicates
from tests.guarantees.conftest import Tampered
from tests.guarantees.evidence import NOTICE_KEY, SCORE_KEY


def test_an_honest_day_has_nothing_twice(tampered: Tampered) -> None:
    assert g02_duplicates.check(tampered.evidence) == []


def test_feedback_under_a_second_event_id_is_found(tampered: Tampered) -> None:
    row = dict(tampered.evidence.rows(feedback_events)[0])
    tampered.change(insert(feedback_events).values({**row, "event_id": "another"}))

    (twice,) = g02_duplicates.check(tampered.evidence)
    assert "is there 2 times" in twice


def test_a_second_score_record_of_a_slot_is_found(tampered: Tampered) -> None:
    first = next(each for each in tampered.log if SCORE_KEY in each.after)
    tampered.log.append(first)

    (twice,) = g02_duplicates.check(tampered.evidence)
    assert twice.startswith(f"score record {first.after[SCORE_KEY]}")


def test_a_second_task_of_a_customer_notice_is_found(tampered: Tampered) -> None:
    first = next(each for each in tampered.log if each.action == "create")
    task = replace(first, object="Task", after={NOTICE_KEY: "001|2026-11-12"})
    tampered.log += [task, task]

    (twice,) = g02_duplicates.check(tampered.evidence)
    assert twice == "customer notice 001|2026-11-12 is there 2 times"
