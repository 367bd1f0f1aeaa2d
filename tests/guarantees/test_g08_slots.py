"""G8 holds on an honest day, and its checker sees ends that are repeated, taken back or claimed too early."""

from datetime import timedelta

from sqlalchemy import update

from daemon.state.tables import runs, steps
from tests.guarantees import g08_slots
from tests.guarantees.conftest import Tampered


def test_on_an_honest_day_each_slot_ends_once(tampered: Tampered) -> None:
    assert g08_slots.ends(tampered.evidence)
    assert g08_slots.check(tampered.evidence) == []


def test_a_step_that_was_done_and_is_done_again_is_found(tampered: Tampered) -> None:
    tampered.evidence.ends = g08_slots.ends(tampered.evidence)
    row = tampered.evidence.rows(steps)[0]
    again = update(steps).where(steps.c.run_id == row["run_id"], steps.c.step == row["step"])
    tampered.change(again.values(finished_at=row["finished_at"] + timedelta(seconds=1)))

    (repeated,) = g08_slots.check(tampered.evidence)
    assert repeated.startswith(f"step {row['step']} of slot")


def test_a_run_that_was_done_and_is_claimed_again_is_found(tampered: Tampered) -> None:
    tampered.evidence.ends = g08_slots.ends(tampered.evidence)
    tampered.change(update(runs).where(runs.c.id == 1).values(state="claimed"))

    (taken_back,) = g08_slots.check(tampered.evidence)
    assert taken_back.startswith("the run of slot")


def test_a_run_done_without_its_steps_is_found(tampered: Tampered) -> None:
    tampered.change(update(steps).where(steps.c.run_id == 1, steps.c.step == "push").values(state="running"))

    (early,) = g08_slots.check(tampered.evidence)
    assert early.endswith("its step push is running")
