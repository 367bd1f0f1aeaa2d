"""The command line as a user meets it: arguments in; exit code, stdout and stderr out."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import Pool, event
from sqlalchemy.engine.interfaces import DBAPIConnection

from daemon.cli import main

CONFIG = """
[privacy]
address_key = "file:key"

[sources.usage]
kind = "csv_usage"
path = "usage.csv"
identity = { tenant = "tenant" }

[salesforce]
instance_url = "https://127.0.0.1:9"
client_id = "sync-app"
client_secret = "file:sync_secret"
sync_username = "sync@northwind-tools.example"

[salesforce.admin]
client_id = "admin-app"
client_secret = "file:admin_secret"
"""


@dataclass(frozen=True)
class Said:
    """What a command left: its exit code, and both streams."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """stdout, which must be one JSON document and nothing else."""
        return json.loads(self.out)


Maturityd = Callable[..., Said]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a config.toml that loads, secrets, and a little data; the commands run in it."""
    for name, text in (
        ("config.toml", CONFIG),
        ("key", "k"),
        ("sync_secret", "sync-secret"),
        ("admin_secret", "admin-secret"),
        ("usage.csv", "tenant,day,events\nt-1,2026-03-01,5\n"),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def on_each_database(folder: Path, state_url: str) -> str:
    """URL of the state that config.toml names: an empty one, on each of the two databases."""
    with (folder / "config.toml").open("a", encoding="utf-8") as config:
        config.write(f'\n[state]\nurl = "{state_url}"\n')
    return state_url


@pytest.fixture
def maturityd(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Maturityd]:
    """Runs a command in this process, through the entry point that the shell calls."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> Said:
        monkeypatch.setattr("sys.argv", ["maturityd", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        streams = capsys.readouterr()
        return Said(int(left.value.code or 0), streams.out, streams.err)

    opened: list[DBAPIConnection] = []
    event.listen(Pool, "connect", keep := lambda connection, _record: opened.append(connection))
    yield run
    event.remove(Pool, "connect", keep)
    for connection in opened:  # a process closes them by its end
        connection.close()
    structlog.reset_defaults()
