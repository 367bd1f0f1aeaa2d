"""G5 holds on an honest day, and its checker sees an acknowledgement of what never landed."""

from sqlalchemy import insert, update

from daemon.state.tables import acked, outbox
from tests.guarantees import g05_acked
from tests.guarantees.conftest import Tampered


def test_on_an_honest_day_what_is_acknowledged_has_landed(tampered: Tampered) -> None:
    assert tampered.evidence.rows(acked)
    assert g05_acked.check(tampered.evidence) == []


def test_a_generation_acknowledged_too_early_is_found(tampered: Tampered) -> None:
    record = tampered.evidence.rows(outbox)[-1]["record"]
    tampered.change(update(acked).where(acked.c.record == record).values(gen=99))

    (early,) = g05_acked.check(tampered.evidence)
    assert early.endswith("is acknowledged in generation 99, which never landed")


def test_a_task_acknowledged_without_being_made_is_found(tampered: Tampered) -> None:
    row = tampered.evidence.rows(acked)[0]
    tampered.change(insert(acked).values({**row, "object": "Task", "record": "001|2026-11-12"}))

    (early,) = g05_acked.check(tampered.evidence)
    assert early == "the task of notice 001|2026-11-12 is acknowledged, and was never made"
