"""G6 holds on an honest day, and its checker sees sends without news and changes left open."""

from sqlalchemy import insert, update

from daemon.state.tables import outbox, runs
from tests.guarantees import g06_quiet
from tests.guarantees.conftest import Tampered
from tests.guarantees.evidence import GEN


def quiet_run(tampered: Tampered) -> int:
    return next(row["id"] for row in tampered.evidence.rows(runs) if row["slot"] in tampered.evidence.quiet)


def test_an_honest_day_ends_with_nothing_to_send(tampered: Tampered) -> None:
    assert quiet_run(tampered)
    assert g06_quiet.check(tampered.evidence) == []


def test_a_record_sent_without_news_is_found(tampered: Tampered) -> None:
    some = next(each for each in tampered.log if GEN["Account"] in each.after)
    tampered.land(some, Maturity_Gen__c=quiet_run(tampered))

    (sent,) = g06_quiet.check(tampered.evidence)
    assert sent.endswith("without any news")


def test_a_change_queued_without_news_is_found(tampered: Tampered) -> None:
    row = {**tampered.evidence.rows(outbox)[0], "id": None, "gen": quiet_run(tampered)}
    tampered.change(insert(outbox).values(row))

    (queued,) = g06_quiet.check(tampered.evidence)
    assert "was queued" in queued


def test_a_change_in_doubt_that_nobody_read_back_is_found(tampered: Tampered) -> None:
    row = tampered.evidence.rows(outbox)[0]
    tampered.change(update(outbox).where(outbox.c.id == row["id"]).values(state="in_flight"))

    (left,) = g06_quiet.check(tampered.evidence)
    assert left.endswith("is still in_flight")
