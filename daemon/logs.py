"""Sets up structlog: colours on a terminal, JSON lines otherwise, secrets nowhere."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

SECRETS = re.compile(
    r"(Bearer\s+\S+)|(00D\w{12,15}![\w.]+)|([\w.+-]+@[\w-]+\.[\w.-]+)|(-----BEGIN [^-]+-----)", re.ASCII
)
"""Session ids and tokens of Salesforce, mail addresses, keys: whatever the text they stand in."""


def set_up(stream: TextIO | None = None) -> None:
    """Log to stderr, or to the given stream."""
    stream = stream or sys.stderr
    renderer = (
        structlog.dev.ConsoleRenderer()
        if stream.isatty()
        else structlog.processors.JSONRenderer(sort_keys=True)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blot out what looks like a secret or an address in any text of an event."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = SECRETS.sub("[redacted]", value)
    return event
