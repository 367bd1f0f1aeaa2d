"""Tokens: who gets one, how long it lasts, where it must not stand."""

from collections.abc import Callable

import pytest

from integrations.localorg import Address, LocalOrg, Login, StandardOrg
from integrations.localorg.auth import session_digest
from tests.integrations.localorg.conftest import Client, Clock


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "client_id": "nobody"}, "invalid_client_id"),
        (
            {"grant_type": "client_credentials", "client_id": "sync-app", "client_secret": "x"},
            "invalid_client",
        ),
        ({}, "unsupported_grant_type"),
    ],
)
def test_a_wrong_request_for_a_token_is_refused(admin: Client, form: dict[str, str], error: str) -> None:
    del admin.session.headers["Authorization"]
    answer = admin("POST", "/services/oauth2/token", data=form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_a_session_lasts_two_hours_from_its_last_use(admin: Client, clock: Clock) -> None:
    for minutes, status in ((119, 200), (119, 200), (121, 401), (0, 401)):
        clock.move(minutes=minutes)
        assert admin("GET", "/limits").status_code == status


def test_no_token_and_no_secret_is_kept_in_the_log_of_calls(
    org: LocalOrg, address: Address, client: Callable[[Login], Client], people: StandardOrg
) -> None:
    made = client(people.admin)
    made("GET", "/limits", headers={"Sforce-Call-Options": "client=maturityd"})
    (call,) = org.store.api_calls(session_digest(made.token))
    assert (call.user_id, call.path, call.client) == (people.admin.user_id, "/limits", "maturityd")
    assert made.token not in repr(org.store.api_calls())
    kept = repr(org.store.rows("SELECT * FROM client"))
    assert people.admin.secret not in kept


def test_the_used_requests_of_a_day_are_told(admin: Client, clock: Clock) -> None:
    assert admin("GET", "/limits").headers["Sforce-Limit-Info"] == "api-usage=1/100000"
    assert admin("GET", "/nothing/here").headers["Sforce-Limit-Info"] == "api-usage=2/100000"
    assert admin("GET", "/limits").json()["DailyApiRequests"] == {"Max": 100_000, "Remaining": 99_998}


def test_requests_of_yesterday_count_no_more(
    admin: Client, client: Callable[[Login], Client], people: StandardOrg, clock: Clock
) -> None:
    admin("GET", "/limits")
    clock.move(hours=25)
    assert client(people.admin)("GET", "/limits").headers["Sforce-Limit-Info"] == "api-usage=1/100000"


def test_the_date_header_is_the_clock_of_the_org(admin: Client) -> None:
    assert admin("GET", "/limits").headers["Date"] == "Mon, 02 Mar 2026 09:00:00 GMT"
