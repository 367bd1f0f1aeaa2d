"""What is worth a write: retraining moves every text a little, and must not fire every flow in the org."""

from datetime import timedelta

import pytest

from daemon.materiality import Materiality
from daemon.state.outbox import Standing
from tests.conftest import NOW

FIELDS = {
    "rating": "R__c",
    "score": "S__c",
    "health": "H__c",
    "status": "T__c",
    "summary": "X__c",
    "reasons": "Y__c",
    "gen": "G__c",
}
HELD = {
    "R__c": "High",
    "S__c": 80.0,
    "H__c": "Stable",
    "T__c": "Scored",
    "X__c": "old words",
    "Y__c": "<p>old</p>",
}
RULE = Materiality(FIELDS, score_points=2.0, refresh=timedelta(days=7))


def why(*, reasons_changed: bool = False, age: timedelta = timedelta(), **new: object) -> str | None:
    standing = Standing(1, HELD, "acked", NOW - age)
    return RULE.why({**HELD, **new}, standing, reasons_changed=reasons_changed, now=NOW)  # type: ignore[arg-type]


def test_a_record_never_written_is_sent() -> None:
    assert RULE.why(HELD, None, reasons_changed=True, now=NOW) == "new"


def test_nothing_different_is_not_sent() -> None:
    assert why(age=timedelta(days=400)) is None


@pytest.mark.parametrize(("field", "output"), [("R__c", "rating"), ("H__c", "health"), ("T__c", "status")])
def test_a_change_that_reps_act_on_is_sent(field: str, output: str) -> None:
    assert why(**{field: "Low"}) == output


def test_the_score_is_sent_from_two_points_on() -> None:
    assert why(S__c=81.9) is None
    assert why(S__c=82.0) == "score"
    assert why(S__c=None) == "score"


def test_other_words_wait_for_the_refresh() -> None:
    assert why(X__c="new words") is None
    assert why(X__c="new words", age=timedelta(days=7)) == "refresh"


def test_other_reasons_are_sent_other_wordings_of_them_are_not() -> None:
    assert why(Y__c="<p>new</p>", reasons_changed=True) == "reasons"
    assert why(Y__c="<p>new</p>", reasons_changed=False) is None


def test_the_generation_alone_is_no_reason() -> None:
    assert why(G__c=7, age=timedelta(days=400)) is None
