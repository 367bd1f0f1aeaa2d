"""The plan against a served org: what is queued, and what stands in its way."""

import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from daemon.config.salesforce import FieldTable
from daemon.context import Context, Done
from daemon.cycle import run_slot
from daemon.lease import lease
from daemon.org_setup import assignments, wanted_org
from daemon.progress import LoggedSteps
from daemon.salesforce import admin_of
from daemon.state.engine import write
from daemon.state.predictions import replace_forecasts
from daemon.state.runs import Run
from daemon.state.tables import alerts, outbox
from integrations.localorg import records as org_records
from integrations.localorg.instants import wire
from integrations.localorg.permissions import access_of
from integrations.localorg.records import Writer
from integrations.localorg.schema import FieldDef
from integrations.salesforce import org as orgs
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


def cycle(play: Play, hours: int = 0, news: str = "news", gone: str = "") -> Run:
    """The steps that carry data, in a slot so many hours after the start."""
    stand_in.news = news
    slot = play.move_to(START + timedelta(hours=hours))
    stand_in.accounts = [account for account in play.accounts() if account != gone]
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


def with_field(play: Play, output: str, own: FieldDef) -> Play:
    """The company, where an output goes to a field of the customer's own."""
    play.org.define_field("Account", own)
    table = FieldTable(output=output, field=own.name)
    salesforce = play.quiet_config.salesforce.model_copy(update={"fields": (table,)})
    play.quiet_config = play.quiet_config.model_copy(update={"salesforce": salesforce})
    admin = admin_of(play.quiet_config, play.clock)
    orgs.apply(admin, orgs.plan(admin, wanted_org(play.quiet_config), assignments(play.quiet_config)))
    return play


def forecast(account: str, total: float) -> dict[str, Any]:
    return {
        "account_id": account, "served_by": "lstm", "start": TODAY, "total_30d": total, "total_60d": total,
        "total_90d": total, "health": "stable", "sentence": "As ever.", "anomalies": [],
        "series": {"start": f"{TODAY}", "actual": [], "median": [], "low80": [], "high80": []},
    }  # fmt: skip


def test_a_value_that_no_field_holds_is_left_out_and_told_once(
    company: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = with_field(company, "forecast_90d", FieldDef("Own__c", "Number", "Own", precision=9, scale=0))
    large, small, *_ = play.accounts()

    def rate(context: Context) -> Done:
        with write(context.engine) as connection:
            totals = {large: 1.2e9, small: 1_200.0}
            rows = [forecast(account, total) for account, total in totals.items()]
            replace_forecasts(connection, context.run.id, rows)
        return stand_in.run(context)

    monkeypatch.setitem(sys.modules, "daemon.steps.score", SimpleNamespace(run=rate))

    done = cycle(play)

    assert done.state == "done"
    fields = play.org.query("SELECT Id, Own__c, Maturity_Rating__c, Usage_Forecast_30d__c FROM Account")
    held = {str(row["Id"]): row for row in fields}
    assert (held[large]["Own__c"], held[small]["Own__c"]) == (None, 1_200)
    assert held[large]["Usage_Forecast_30d__c"] == 1.2e9
    assert held[large]["Maturity_Rating__c"] is not None
    (told,) = (row for row in play.evidence.rows(alerts) if row["scope"] == "values")
    assert told["title"] == "Account.Own__c cannot hold every forecast_90d"
    assert told["what"].startswith("1 account(s)")
    assert f"{large}: salesforce: output forecast_90d: 1200000000.0 has more than 9 digits" in told["what"]
    assert "[[salesforce.fields]]" in told["to_do"]


def test_what_waits_for_an_account_that_is_gone_is_closed(company: Play) -> None:
    """It was deleted between the plan and the push, and Salesforce refuses its record for good."""
    account = company.accounts()[0]
    store = company.org.store
    with store.transaction():
        writer = Writer(
            store, access_of(store, company.people.admin.user_id), wire(company.org.now()), "page"
        )
        org_records.delete(writer, store.objects["Account"], account)
    cycle(company)
    parked = [row["code"] for row in company.evidence.rows(outbox) if row["state"] == "parked"]
    told = reasons(company)

    cycle(company, hours=12, gone=account)

    assert parked
    assert "ENTITY_IS_DELETED" in parked
    assert told
    states = {row["state"] for row in company.evidence.rows(outbox) if row["account_id"] == account}
    assert states == {"superseded"}
    assert not reasons(company)
