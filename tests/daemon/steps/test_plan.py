"""The plan against a served org: what is queued, and what stands in its way."""

import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon.cycle import run_slot
from daemon.lease import lease
from daemon.progress import LoggedSteps
from daemon.state.runs import Run
from daemon.state.tables import alerts
from integrations.localorg import records as org_records
from integrations.localorg.instants import wire
from integrations.localorg.permissions import access_of
from integrations.localorg.records import Writer
from tests.scenarios import stand_in
from tests.scenarios.attempt import CARRYING
from tests.scenarios.play import DAYS, TODAY, Play, small_company

START = datetime.combine(TODAY - timedelta(days=DAYS / 2), time(5), UTC)
SHOWN = "SELECT Id, Maturity_Rating__c, Maturity_Gen__c FROM Account"


@pytest.fixture
def company(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    state_on: Callable[[str], str | None],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Play]:
    """Sixteen accounts, rated by a stand-in."""
    monkeypatch.setitem(sys.modules, "daemon.steps.score", stand_in)
    state = state_on(getattr(request, "param", "sqlite"))
    with small_company(tmp_path / "company", 1, state, faults=()) as play:
        yield play


both_databases = pytest.mark.parametrize("company", ["sqlite", "postgresql"], indirect=True)


def cycle(play: Play, hours: int = 0, news: str = "news") -> Run:
    """The steps that carry data, in a slot so many hours after the start."""
    stand_in.news = news
    slot = play.move_to(START + timedelta(hours=hours))
    stand_in.accounts = play.accounts()
    with lease(play.evidence.engine, play.clock) as engine:
        assert engine is not None
        return run_slot(play.quiet_config, engine, play.clock, slot, LoggedSteps(), CARRYING)


def shown(play: Play) -> dict[str, Mapping[str, Any]]:
    """What the org shows of each account."""
    return {str(row["Id"]): row for row in play.org.query(SHOWN)}


def somebody_sets(play: Play, account: str, values: Mapping[str, Any]) -> None:
    """The sync user, under another state than ours."""
    store = play.org.store
    with store.transaction():
        writer = Writer(store, access_of(store, play.people.sync.user_id), wire(play.org.now()), "page")
        org_records.update(writer, store.objects["Account"], account, values)


def reasons(play: Play) -> set[str]:
    """The titles of open alerts."""
    return {row["what"] for row in play.evidence.rows(alerts) if row["status"] == "open"}


@both_databases
def test_a_run_whose_number_the_org_has_passed_goes_on_above_it(company: Play) -> None:
    """The state was lost, restored, or moved to another database; the org was not."""
    account = company.accounts()[0]
    somebody_sets(company, account, {"Maturity_Gen__c": 400})

    refused = cycle(company)
    told = reasons(company)
    done = cycle(company)
    later = cycle(company, hours=12, news="other news")

    assert refused.state == "failed"
    assert any("the org holds generation 400, and this run has number 1" in each for each in told)
    assert (done.state, done.id, later.state) == ("done", 401, "done")
    assert shown(company)[account]["Maturity_Gen__c"] == later.id > done.id
    assert (
        shown(company)[account]["Maturity_Rating__c"]
        == stand_in.rated(account, "other news")["rating"].capitalize()
    )
    assert not reasons(company)


def test_what_another_state_wrote_is_written_over(company: Play) -> None:
    """An older state believes that the org holds what it sent last."""
    cycle(company)
    before = shown(company)
    account = next(iter(before))
    somebody_sets(company, account, {"Maturity_Gen__c": 400, "Maturity_Rating__c": "Unknown"})

    cycle(company, hours=12)
    cycle(company, hours=12)

    assert shown(company)[account]["Maturity_Rating__c"] == before[account]["Maturity_Rating__c"]
