"""One exchange with Salesforce: what is tried again, what is left in doubt, and when calling stops."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import jwt
import pytest
import requests
import responses
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from structlog.testing import capture_logs
from urllib3.exceptions import MaxRetryError, NewConnectionError

from integrations.errors import Retryable, SetupError
from integrations.salesforce.client import SalesforceClient, connect
from integrations.salesforce.errors import AnswerLost
from integrations.salesforce.login import ConnectionSettings
from integrations.salesforce.transport import BELIEVED, ApiUsage

LOGIN = "https://acme.my.salesforce.example"
TOKEN = f"{LOGIN}/services/oauth2/token"
ROOT = "https://na1.salesforce.example/services/data/v62.0"
ORG = "00D000000000001EAA"
QUERY = f"{ROOT}/query/"
WRITE = f"{ROOT}/composite/sobjects"
RECORDS: list[Any] = [{"attributes": {"type": "Account"}, "id": "001000000000001AAA"}]
EXPIRED = [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]
BUSY = [{"errorCode": "SERVER_UNAVAILABLE", "message": "try later"}]


class Waits:
    """A wait that notes how long it was asked for, and says whether to stop."""

    def __init__(self, stop: bool = False) -> None:
        self.seconds: list[float] = []
        self._stop = stop

    def __call__(self, seconds: float) -> bool:
        self.seconds.append(seconds)
        return self._stop


def now() -> datetime:
    return datetime(2026, 3, 2, 6, tzinfo=UTC)


class Later:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = now()

    def __call__(self) -> datetime:
        return self.at


def settings(**changed: Any) -> ConnectionSettings:
    return ConnectionSettings(**{"login_url": LOGIN, "client_id": "app", "client_secret": "hush", **changed})


def grant(number: int = 1) -> dict[str, str]:
    return {
        "access_token": f"token-{number}",
        "instance_url": "https://na1.salesforce.example",
        "id": f"https://login.salesforce.com/id/{ORG}/005000000000001AAA",
    }


def opened(
    wait: Callable[[float], object] | None = None, clock: Callable[[], datetime] = now, **changed: Any
) -> SalesforceClient:
    responses.post(TOKEN, json=grant())
    return connect(settings(**changed), clock, wait or Waits())


def page(*rows: dict[str, Any], next_url: str | None = None) -> dict[str, Any]:
    done = next_url is None
    return {"totalSize": len(rows), "done": done, "records": list(rows)} | (
        {} if done else {"nextRecordsUrl": next_url}
    )


@responses.activate
def test_a_query_follows_its_pages_and_flattens_parents() -> None:
    following = "/services/data/v62.0/query/01g-2000"
    owner = {"attributes": {"type": "User"}, "Name": "Rosa"}
    responses.get(QUERY, json=page({"Id": "1", "Owner": owner}, next_url=following))
    responses.get(f"https://na1.salesforce.example{following}", json=page({"Id": "2", "Owner": None}))
    rows = list(opened().query("SELECT Id, Owner.Name FROM Account"))

    assert rows == [{"Id": "1", "Owner.Name": "Rosa"}, {"Id": "2", "Owner": None}]


@responses.activate
def test_a_busy_server_is_asked_again_as_late_as_it_wants() -> None:
    waits = Waits()
    responses.get(QUERY, json=BUSY, status=503, headers={"Retry-After": "17"})
    responses.get(QUERY, json=page({"Id": "1"}))

    assert list(opened(waits).query("SELECT Id FROM Account")) == [{"Id": "1"}]
    assert len(waits.seconds) == 1
    assert waits.seconds[0] >= 17


@responses.activate
def test_trying_ends_and_says_what_the_server_said() -> None:
    responses.get(QUERY, json=BUSY, status=503)
    with pytest.raises(Retryable, match="503: try later"):
        list(opened().query("SELECT Id FROM Account"))


@responses.activate
def test_trying_ends_when_the_program_stops() -> None:
    responses.get(QUERY, json=BUSY, status=503)
    client = opened(Waits(stop=True))
    with pytest.raises(Retryable, match="stopped"):
        list(client.query("SELECT Id FROM Account"))
    assert client.calls == 1


@responses.activate
def test_a_read_without_an_answer_is_repeated() -> None:
    responses.get(QUERY, body=requests.ReadTimeout("read timed out"))
    responses.get(QUERY, body="<html>log in</html>", content_type="text/html")
    responses.get(QUERY, json=page({"Id": "1"}))
    assert list(opened().query("SELECT Id FROM Account")) == [{"Id": "1"}]


@responses.activate
@pytest.mark.parametrize(
    "answer",
    [
        {"body": requests.ReadTimeout("read timed out")},
        {"body": requests.ConnectionError("reset by peer")},
        {"body": requests.exceptions.ChunkedEncodingError("incomplete read")},
        {"body": "<html>log in</html>", "content_type": "text/html"},
        {"body": '[{"success": true, "id"', "content_type": "application/json"},
        {"body": ""},
        {"json": []},
        {"json": [{"success": True}, {"success": True}]},
        {"json": BUSY, "status": 500},
        {"body": "bad gateway", "status": 502},
        {"body": "timeout", "status": 504},
    ],
)
def test_a_write_without_a_usable_answer_is_in_doubt_and_not_repeated(answer: dict[str, Any]) -> None:
    write = responses.patch(WRITE, **answer)
    client = opened()
    with pytest.raises(AnswerLost):
        client.write("composite/sobjects", RECORDS)
    assert write.call_count == 1


@responses.activate
def test_a_write_that_never_left_is_repeated() -> None:
    refused = MaxRetryError(None, "/", NewConnectionError(None, "refused"))  # type: ignore[arg-type]
    responses.patch(WRITE, body=requests.ConnectionError(refused))
    responses.patch(WRITE, json=BUSY, status=503)
    responses.patch(WRITE, json=[{"success": True, "id": "001"}])
    assert opened().write("composite/sobjects", RECORDS) == [{"success": True, "id": "001"}]


@responses.activate
def test_an_expired_session_is_renewed_once_and_the_request_repeated() -> None:
    client = opened()
    responses.post(TOKEN, json=grant(2))
    responses.get(QUERY, json=EXPIRED, status=401)
    answered = responses.get(QUERY, json=page({"Id": "1"}))

    assert list(client.query("SELECT Id FROM Account")) == [{"Id": "1"}]
    assert answered.calls[0].request.headers["Authorization"] == "Bearer token-2"


@responses.activate
def test_a_second_refusal_stops_all_calls_without_more_log_ins() -> None:
    client = opened()
    login = responses.post(TOKEN, json=grant(2))
    responses.get(QUERY, json=EXPIRED, status=401)

    for _ in range(3):
        with pytest.raises(SetupError, match="fresh session was refused"):
            list(client.query("SELECT Id FROM Account"))
    assert login.call_count == 1


@responses.activate
def test_after_a_second_refusal_one_log_in_is_tried_again_later() -> None:
    """The user may have been let in again meanwhile."""
    clock = Later()
    client = opened(clock=clock)
    responses.post(TOKEN, json=grant(2))
    refused = responses.get(QUERY, json=EXPIRED, status=401)
    with pytest.raises(SetupError, match="fresh session was refused"):
        list(client.query("SELECT Id FROM Account"))
    responses.remove(refused)
    responses.get(QUERY, json=EXPIRED, status=401)
    responses.get(QUERY, json=page({"Id": "1"}))
    clock.at += BELIEVED

    assert list(client.query("SELECT Id FROM Account")) == [{"Id": "1"}]


@responses.activate
def test_refused_credentials_are_tried_once() -> None:
    body = {"error": "invalid_client", "error_description": "invalid client credentials"}
    login = responses.post(TOKEN, json=body, status=400)
    with pytest.raises(SetupError, match="invalid client credentials; check client_id") as caught:
        connect(settings(), now, Waits())
    assert login.call_count == 1
    assert "hush" not in str(caught.value)


@responses.activate
@pytest.mark.parametrize(
    "answer",
    [
        {"body": "<html>maintenance</html>", "content_type": "text/html", "status": 404},
        {"body": "", "status": 403},
        {"json": {"no": "token"}},
    ],
)
def test_a_log_in_answered_by_somebody_else_is_tried_later(answer: dict[str, Any]) -> None:
    responses.post(TOKEN, **answer)
    with pytest.raises(Retryable, match=r"refused the log-in .* \(a proxy\?"):
        connect(settings(), now, Waits())


@responses.activate
def test_another_org_than_the_pinned_one_is_refused() -> None:
    with pytest.raises(SetupError, match=f"leads to org {ORG}.*pins org_id 00D000000000002"):
        opened(org_id="00D000000000002EAA")
    assert opened(org_id=ORG[:15]).org_id == ORG


@responses.activate
def test_calling_stops_at_the_share_of_the_orgs_calls() -> None:
    responses.get(QUERY, json=page(), headers={"Sforce-Limit-Info": "api-usage=805/1000, per-app=1/2"})
    client = opened()
    list(client.query("SELECT Id FROM Account"))

    assert client.usage == ApiUsage(805, 1000)
    with pytest.raises(Retryable, match=r"805 of the org's 1000 .* stops at 80%"):
        list(client.query("SELECT Id FROM Account"))
    assert client.calls == 1


@responses.activate
def test_a_used_up_budget_is_asked_after_again_until_the_org_has_calls_left() -> None:
    """No request, no newer answer: the daemon would rest until it is started again."""
    for told in ("805/1000", "801/1000", "15/1000"):
        responses.get(QUERY, json=page(), headers={"Sforce-Limit-Info": f"api-usage={told}"})
    clock = Later()
    client = opened(clock=clock)
    list(client.query("SELECT Id FROM Account"))
    clock.at += BELIEVED
    list(client.query("SELECT Id FROM Account"))
    with pytest.raises(Retryable, match="801 of the org's 1000"):
        list(client.query("SELECT Id FROM Account"))
    clock.at += BELIEVED

    for _ in range(2):
        assert list(client.query("SELECT Id FROM Account")) == []
    assert client.usage == ApiUsage(15, 1000)


@responses.activate
def test_an_exhausted_org_is_retryable_at_once_and_a_crowded_one_after_a_pause() -> None:
    total = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]
    crowded = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "ConcurrentRequests limit exceeded."}]
    responses.get(QUERY, json=crowded, status=403)
    responses.get(QUERY, json=total, status=403)
    client = opened()
    with pytest.raises(Retryable, match="TotalRequests"):
        list(client.query("SELECT Id FROM Account"))
    assert client.calls == 2


@responses.activate
def test_a_redirect_is_refused_with_the_way_out() -> None:
    responses.get(QUERY, status=302, headers={"Location": "https://elsewhere.example/"})
    with pytest.raises(SetupError, match="My Domain"):
        list(opened().query("SELECT Id FROM Account"))


def test_only_https_is_spoken() -> None:
    with pytest.raises(SetupError, match="not https"):
        connect(settings(login_url="http://acme.example"), now, Waits())


def test_a_missing_certificate_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"nothing\.pem"):
        connect(settings(ca_bundle=str(tmp_path / "nothing.pem")), now, Waits())


@responses.activate
def test_the_servers_clock_is_read_and_its_versions_checked() -> None:
    versions = [{"version": "61.0"}, {"version": "62.0"}]
    when = {"Date": "Mon, 02 Mar 2026 06:00:05 GMT"}
    responses.get("https://na1.salesforce.example/services/data", json=versions, headers=when)

    assert opened().server_now() == datetime(2026, 3, 2, 6, 0, 5, tzinfo=UTC)
    with pytest.raises(SetupError, match=r"no API version 20\.0 \(newest: 62\.0\)"):
        opened(api_version="20.0").server_now()


@responses.activate
def test_no_secret_and_no_query_is_logged_or_shown() -> None:
    responses.get(QUERY, json=page())
    with capture_logs() as lines:
        client = opened()
        list(client.query("SELECT Id FROM Account WHERE Name = 'Canary Ltd'"))

    seen = f"{lines} {settings(private_key='PEM')!r} {client!r} {client.__dict__}"
    assert "hush" not in seen
    assert "PEM" not in seen
    assert "Canary" not in seen
    assert "Bearer" not in seen


@responses.activate
def test_a_key_logs_in_with_a_short_lived_assertion() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    login = responses.post(TOKEN, json=grant())
    connect(settings(client_secret="", username="sync@acme.example", private_key=pem), now, Waits())

    form = dict(parse_qsl(str(login.calls[0].request.body)))
    claims = jwt.decode(
        form["assertion"], key.public_key(), ["RS256"], audience=LOGIN, options={"verify_exp": False}
    )
    assert (claims["iss"], claims["sub"]) == ("app", "sync@acme.example")
    assert claims["exp"] == now().timestamp() + 180


@pytest.mark.parametrize(
    ("username", "private_key", "words"),
    [("", "", "set client_secret, or"), ("sync@acme.example", "no key", "no RSA key")],
)
def test_a_key_that_cannot_be_used_is_a_setup_error(username: str, private_key: str, words: str) -> None:
    with pytest.raises(SetupError, match=words):
        connect(settings(client_secret="", username=username, private_key=private_key), now, Waits())
