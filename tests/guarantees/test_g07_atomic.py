"""G7 holds on an honest day, and its checker sees a plan that is there in part."""

from sqlalchemy import delete, update

from daemon.state.tables import outbox, predictions
from tests.guarantees import g07_atomic
from tests.guarantees.conftest import Tampered


def test_on_an_honest_day_predictions_and_outbox_agree(tampered: Tampered) -> None:
    assert g07_atomic.check(tampered.evidence) == []


def test_a_change_that_a_plan_left_out_is_found(tampered: Tampered) -> None:
    changes = [row for row in tampered.evidence.rows(outbox) if row["object"] == "Account"]
    tampered.change(delete(outbox).where(outbox.c.id == changes[-1]["id"]))

    assert any(changes[-1]["record"] in unlike for unlike in g07_atomic.check(tampered.evidence))


def test_a_change_without_a_prediction_is_found(tampered: Tampered) -> None:
    change = tampered.evidence.rows(outbox)[-1]
    tampered.change(delete(predictions).where(predictions.c.run_id == change["gen"]))

    assert any("has no prediction" in orphan for orphan in g07_atomic.check(tampered.evidence))


def test_a_rating_that_the_org_shows_of_an_excluded_account_is_found(tampered: Tampered) -> None:
    tampered.change(update(predictions).values(status="excluded"))

    assert any("rating of run" in shown for shown in g07_atomic.check(tampered.evidence))
