"""Logs: JSON for machines, and no secret or address in any text, tracebacks included."""

import io
import json

import pytest
import structlog

from daemon import logs


@pytest.fixture
def stream() -> io.StringIO:
    found = io.StringIO()
    logs.set_up(found)
    return found


@pytest.mark.parametrize(
    "secret",
    [
        "Bearer abc.def-123",
        "00DLo0000000001!AQ8AQFx.zzz_TOKEN",
        "maya@customer.example",
        "-----BEGIN RSA PRIVATE KEY-----",
    ],
)
def test_what_looks_like_a_secret_or_an_address_is_blotted_out(stream: io.StringIO, secret: str) -> None:
    structlog.get_logger().info("source.failed", error=f"refused: {secret} said no")

    logged = json.loads(stream.getvalue())

    assert secret not in stream.getvalue()
    assert logged["error"].startswith("refused: [redacted]")


def test_tracebacks_are_blotted_out_too(stream: io.StringIO) -> None:
    try:
        raise ValueError("wrong password for maya@customer.example")
    except ValueError as error:
        structlog.get_logger().error("run.failed", exc_info=error)

    assert "maya@" not in stream.getvalue()
    assert "wrong password" in stream.getvalue()
