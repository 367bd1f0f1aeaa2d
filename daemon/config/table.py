"""What every table of config.toml has in common: frozen, strict about its keys."""

import os
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, WithJsonSchema

from daemon.errors import ConfigError


class Table(BaseModel):
    """A table of config.toml. An unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


WRITTEN_HERE = (
    "a secret is never written here: name a variable (env:NAME) or a file (file:PATH) that holds it"
)


def _is_reference(text: str) -> str:
    kind, colon, name = text.partition(":")
    if kind not in ("env", "file") or not colon or not name:
        raise ValueError(WRITTEN_HERE)
    return text


SecretReference = Annotated[
    str, AfterValidator(_is_reference), WithJsonSchema({"type": "env:NAME or file:PATH"})
]
"""`env:NAME` or `file:PATH`."""


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f'"{name}" is no IANA time zone; write one like "Europe/Berlin"') from error
    return name


TimeZone = Annotated[str, AfterValidator(_known_zone)]
"""Name of an IANA time zone."""


def read_secret(reference: str, base: Path) -> str:
    """The secret behind a reference; a file's path is relative to `base`, its last newline is dropped.

    raises: ConfigError naming the variable or the file, never its content.
    """
    kind, _, name = reference.partition(":")
    if kind == "env":
        value = os.environ.get(name, "")
        if not value:
            raise ConfigError(f"the secret {reference} is not there: set the environment variable {name}")
        return value
    path = base / name
    try:
        return path.read_text(encoding="utf-8").rstrip("\n")
    except OSError as error:
        raise ConfigError(f"the secret {reference} cannot be read: {path}: {error.strerror}") from error
