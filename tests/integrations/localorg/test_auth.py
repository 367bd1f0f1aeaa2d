"""Tokens: who gets one, how long it lasts, where it must not stand."""

from collections.abc import Callable

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from integrations.localorg import Address, LocalOrg, Login, StandardOrg
from integrations.localorg.auth import session_digest
from tests.integrations.localorg.conftest import Client, Clock

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


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


def claims(org: LocalOrg, address: Address, **changed: object) -> dict[str, object]:
    return {
        "iss": "sync-app",
        "sub": "sync@northwind-tools.example",
        "aud": address.url,
        "exp": org.now().timestamp() + 180,
        **changed,
    }


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public(key: rsa.RSAPrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def test_an_assertion_signed_by_the_app_gives_a_token_of_its_user(
    org: LocalOrg, address: Address, admin: Client, people: StandardOrg, key: rsa.RSAPrivateKey
) -> None:
    org.add_client_key("sync-app", public(key))
    assertion = jwt.encode(claims(org, address), key, algorithm="RS256")

    answer = admin("POST", "/services/oauth2/token", data={"grant_type": JWT_GRANT, "assertion": assertion})

    assert (answer.status_code, answer.json()["id"][-18:]) == (200, people.sync.user_id)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"iss": "nobody"}, "invalid_client_id"),
        ({"iss": "admin-app"}, "invalid_client_id"),
        ({"sub": "ada.admin@northwind-tools.example"}, "invalid_grant"),
        ({"aud": "https://elsewhere.example"}, "invalid_grant"),
        ({"exp": 1_700_000_000}, "invalid_grant"),
    ],
)
def test_an_assertion_for_another_app_user_org_or_time_is_refused(
    org: LocalOrg,
    address: Address,
    admin: Client,
    key: rsa.RSAPrivateKey,
    changed: dict[str, object],
    error: str,
) -> None:
    org.add_client_key("sync-app", public(key))
    assertion = jwt.encode(claims(org, address, **changed), key, algorithm="RS256")

    answer = admin("POST", "/services/oauth2/token", data={"grant_type": JWT_GRANT, "assertion": assertion})

    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_an_assertion_signed_by_somebody_else_is_refused(
    org: LocalOrg, address: Address, admin: Client, key: rsa.RSAPrivateKey
) -> None:
    org.add_client_key("sync-app", public(key))
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assertion = jwt.encode(claims(org, address), other, algorithm="RS256")

    answer = admin("POST", "/services/oauth2/token", data={"grant_type": JWT_GRANT, "assertion": assertion})

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


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
