"""G1 holds on an honest day, and its checker sees feedback that is gone."""

from sqlalchemy import delete

from daemon.state.tables import feedback_events
from tests.guarantees import g01_feedback
from tests.guarantees.conftest import Tampered


def test_an_honest_day_keeps_every_word(tampered: Tampered) -> None:
    assert tampered.evidence.rows(feedback_events)
    assert g01_feedback.check(tampered.evidence) == []


def test_feedback_that_never_reached_the_state_is_found(tampered: Tampered) -> None:
    tampered.change(delete(feedback_events))

    (lost, *_) = g01_feedback.check(tampered.evidence)
    assert lost.endswith("is not in the state")
