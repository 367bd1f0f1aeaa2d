"""Faults do what they say, and the same seed does the same."""

import time
from collections.abc import Callable

import pytest
import requests

from integrations.errors import SetupError
from integrations.localorg import Fault, FaultPlan, LocalOrg
from tests.integrations.localorg.conftest import Client


@pytest.fixture
def record_id(org: LocalOrg) -> str:
    return org.load("Account", [{"Name": "old"}])[0]


@pytest.fixture
def rename(admin: Client, record_id: str) -> Callable[[], int]:
    """Rename the account and say the status; 0 where the connection broke."""

    def send() -> int:
        try:
            return admin("PATCH", f"/sobjects/Account/{record_id}", json={"Name": "new"}).status_code
        except requests.ConnectionError:
            return 0

    return send


def name(org: LocalOrg) -> object:
    return org.query("SELECT Name FROM Account")[0]["Name"]


@pytest.mark.parametrize(
    ("kind", "status", "applied"),
    [
        ("unavailable", 503, "old"),
        ("quota", 403, "old"),
        ("locked", 400, "old"),
        ("expired", 401, "old"),
        ("cut_before", 0, "old"),
        ("cut_after", 0, "new"),
        ("slow", 204, "new"),
    ],
)
def test_a_fault_is_applied_or_not(
    org: LocalOrg, faults: FaultPlan, rename: Callable[[], int], kind: str, status: int, applied: str
) -> None:
    faults.script(Fault(kind, delay_s=0.01))
    assert rename() == status
    assert name(org) == applied


def test_after_a_fault_all_is_well_again_but_an_expired_session_stays_so(
    faults: FaultPlan, rename: Callable[[], int]
) -> None:
    faults.script(Fault("unavailable"), None, Fault("expired"))
    assert [rename() for _ in range(4)] == [503, 204, 401, 401]


def test_a_late_write_lands_after_the_client_is_gone(
    org: LocalOrg, faults: FaultPlan, admin: Client, rename: Callable[[], int]
) -> None:
    faults.script(Fault("late", delay_s=0.15))
    assert rename() == 0
    admin.session.close()
    assert name(org) == "old"
    deadline = time.monotonic() + 5
    while name(org) == "old" and time.monotonic() < deadline:
        time.sleep(0.02)
    assert name(org) == "new"


def test_locks_hold_a_share_of_the_rows(org: LocalOrg, faults: FaultPlan, admin: Client) -> None:
    ids = org.load("Account", [{"Name": str(number)} for number in range(100)])
    faults.script(Fault("locked", rows=0.3))
    rows = [{"attributes": {"type": "Account"}, "id": each, "Name": "x"} for each in ids]
    results = admin("PATCH", "/composite/sobjects", json={"records": rows}).json()
    locked = [each for each in results if not each["success"]]
    assert 15 < len(locked) < 45
    assert {each["errors"][0]["statusCode"] for each in locked} == {"UNABLE_TO_LOCK_ROW"}


def test_the_same_seed_draws_the_same_faults() -> None:
    plans = [FaultPlan.parse("seed=7 unavailable=0.2 late=0.1 delay_s=0.5") for _ in range(2)]
    drawn = [[plan.draw("GET", "/services/data/v62.0/query") for _ in range(200)] for plan in plans]
    assert drawn[0] == drawn[1]
    assert 20 < len(plans[0].injected) < 100
    assert plans[0].draw("POST", "/services/oauth2/token") is None


@pytest.mark.parametrize("text", ["lost=0.1", "seed=x", "unavailable"])
def test_a_plan_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(SetupError):
        FaultPlan.parse(text)
