"""Alert channels: what leaves the program, where it may go, and what is worth another try."""

import json
from datetime import UTC, datetime

import pytest
import requests
import responses

from integrations.errors import Retryable, SetupError
from integrations.interfaces import AlertMessage
from integrations.notify.webhook import WebhookChannel

URL = "https://hooks.example/T0/secret-token"
ALERT = AlertMessage(
    fingerprint="source/usage/stale",
    status="open",
    severity="warning",
    title="Usage is stale",
    what="no rows since Monday",
    cause="warehouse refused the log-in",
    held_back="usage features of 12 accounts",
    to_do="renew the password",
    since=datetime(2026, 3, 2, 6, tzinfo=UTC),
)


def channel() -> WebhookChannel:
    return WebhookChannel("ops", URL, ["hooks.example"])


@responses.activate
def test_an_alert_is_posted_as_json_under_a_key_that_repeats() -> None:
    post = responses.post(URL, status=200)
    channel().send(ALERT)
    channel().send(ALERT)

    bodies = [json.loads(call.request.body or b"") for call in post.calls]
    assert bodies[0]["to_do"] == "renew the password"
    assert bodies[0]["since"] == "2026-03-02T06:00:00+00:00"
    assert len({call.request.headers["Idempotency-Key"] for call in post.calls}) == 1


@responses.activate
@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
def test_a_busy_receiver_is_tried_again(status: int) -> None:
    responses.post(URL, status=status)
    with pytest.raises(Retryable, match=str(status)):
        channel().send(ALERT)


@responses.activate
@pytest.mark.parametrize("status", [400, 401, 404, 410])
def test_a_receiver_that_refuses_needs_an_admin(status: int) -> None:
    responses.post(URL, status=status)
    with pytest.raises(SetupError, match=str(status)):
        channel().send(ALERT)


@responses.activate
def test_a_redirect_is_not_followed() -> None:
    responses.post(URL, status=307, headers={"Location": "https://127.0.0.1/internal"})
    with pytest.raises(SetupError, match="redirect"):
        channel().send(ALERT)
    assert len(responses.calls) == 1


@responses.activate
def test_the_url_shows_in_no_error() -> None:
    responses.post(URL, body=requests.ConnectTimeout(f"no way to {URL}"))
    with pytest.raises(Retryable) as caught:
        channel().send(ALERT)
    assert "secret-token" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert "secret-token" not in repr(channel())


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/x",
        "https://other.example/x",
        "https://hooks.example@other.example/x",
        "https://hooks.example.other.example/x",
        "https://169.254.169.254/latest",
        "ftp://hooks.example/x",
        "file:///etc/passwd",
        "hooks.example/x",
        "https:///x",
    ],
)
def test_a_url_outside_the_allowed_hosts_is_refused_before_work(url: str) -> None:
    with pytest.raises(SetupError):
        WebhookChannel("ops", url, ["hooks.example"])


def test_plain_http_is_for_loopback() -> None:
    assert "127.0.0.1" in repr(WebhookChannel("ops", "http://127.0.0.1:9/x", ["127.0.0.1"]))
