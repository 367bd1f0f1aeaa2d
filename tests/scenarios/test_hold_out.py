"""A hold-out that is raised later: what the org showed of its accounts goes, the ledger counts them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from daemon.cycle import run_slot
from daemon.hold_out import held_out
from daemon.lease import lease
from daemon.progress import LoggedSteps
from daemon.state.runs import Run
from tests.scenarios.play import Play
from tests.scenarios.whole import MORNING, at, tiny_company

STEPS = ("pull", "check", "snapshot", "label", "score", "plan", "push", "report")
"""No model is trained on forty accounts: their first guess stands in for a rating."""

SHARE = 0.3
SHOWN = (
    "SELECT Id, Maturity_Rating__c, Upsell_Rating__c, Maturity_Status__c, Maturity_Status_Reason__c "
    "FROM Account"
)

Rows = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Told:
    """What the org shows before the share is raised and after, by account."""

    before: Rows
    after: Rows
    run: Run


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    with tiny_company(tmp_path_factory.mktemp("hold_out") / "company") as play:
        _run(play, 0.0, 0)
        before = _shown(play)
        run = _run(play, SHARE, 1)
        yield Told(before, _shown(play), run)


def _run(play: Play, share: float, hour: int) -> Run:
    maturity = play.quiet_config.maturity.model_copy(
        update={"provisional": "standing", "hold_out_share": share}
    )
    config = play.quiet_config.model_copy(update={"maturity": maturity})
    slot = play.move_to(at(MORNING) + timedelta(hours=hour))
    with lease(play.evidence.engine, play.clock) as engine:
        assert engine is not None
        run = run_slot(config, engine, play.clock, slot, LoggedSteps(), STEPS)
    assert run.state == "done", run.reason
    return run


def _shown(play: Play) -> Rows:
    return {str(row["Id"]): dict(row) for row in play.org.query(SHOWN)}


def test_before_nobody_is_excluded(told: Told) -> None:
    assert "Excluded" not in {row["Maturity_Status__c"] for row in told.before.values()}


def test_what_was_shown_of_those_held_out_is_gone(told: Told) -> None:
    rated = {account for account, row in told.before.items() if row["Maturity_Status__c"] == "Provisional"}
    hidden = rated & held_out(rated, SHARE)

    assert {told.before[account]["Maturity_Rating__c"] for account in hidden} == {"Low", "Medium", "High"}
    assert {told.after[account]["Maturity_Rating__c"] for account in hidden} == {"Unknown"}
    assert {told.after[account]["Maturity_Status__c"] for account in hidden} == {"Excluded"}
    assert all("control group" in told.after[account]["Maturity_Status_Reason__c"] for account in hidden)


def test_the_others_stay_as_they_were(told: Told) -> None:
    others = [account for account in told.before if account not in held_out(told.before, SHARE)]

    assert {account: told.after[account] for account in others} == {
        account: told.before[account] for account in others
    }


def test_the_ledger_counts_them_in_a_place_of_their_own(told: Told) -> None:
    assert told.run.report is not None
    ledger = told.run.report["ledger"]

    excluded = sum(row["Maturity_Status__c"] == "Excluded" for row in told.after.values())
    assert ledger["excluded"] == excluded > 0
    assert ledger["seen"] == sum(count for place, count in ledger.items() if place != "seen")
