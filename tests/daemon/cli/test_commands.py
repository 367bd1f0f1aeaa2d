"""What each command says and how it exits, before anything has run."""

import json
import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon import scheduler
from daemon.config import load
from daemon.slots import parse_slot
from tests.daemon.cli.conftest import CONFIG, Maturityd, Said
from tests.postgresql import Server, drop

READING = (
    ("status",),
    ("outbox", "list"),
    ("quarantine", "list"),
    ("model", "list"),
    ("alerts", "list"),
    ("identity",),
    ("labels", "suspicious"),
)


@pytest.mark.usefixtures("on_each_database")
@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_every_reading_command_works_on_an_empty_state(
    maturityd: Maturityd, command: tuple[str, ...]
) -> None:
    said = maturityd(*command)

    assert (said.code, said.err) == (0, "")
    assert "none" in said.out


@pytest.mark.usefixtures("on_each_database")
@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_json_is_alone_on_stdout_with_its_schema_version(
    maturityd: Maturityd, command: tuple[str, ...]
) -> None:
    said = maturityd(*command, "--json")

    assert said.code == 0
    assert said.json["schema_version"] == 1


def test_status_names_the_next_slot(maturityd: Maturityd, folder: Path) -> None:
    slot = maturityd("status", "--json").json["next_slot"]

    assert parse_slot(slot, load(folder / "config.toml").schedule.schedule()).name == slot


@pytest.mark.parametrize("url", ["no database", "postgresql+psycopg://u:hunter2@h:port/x"])
def test_a_state_url_that_is_none_is_named_and_not_shown(
    maturityd: Maturityd, folder: Path, url: str
) -> None:
    (folder / "config.toml").write_text(f'{CONFIG}\n[state]\nurl = "{url}"\n', encoding="utf-8")

    status = maturityd("status")
    check = maturityd("check", "--json")

    assert (status.code, check.code) == (78, 78)
    assert status.err.startswith("maturityd: state.url is no database URL; write one like")
    assert "hunter2" not in status.err + check.out + check.err


def test_check_lists_every_problem_of_a_broken_config(maturityd: Maturityd, folder: Path) -> None:
    broken = CONFIG.replace('identity = { tenant = "tenant" }', 'identity = { tenant = "tenant" }\nlag = 3')
    broken = broken.replace("https://", "http://").replace("file:key", "hunter2")
    (folder / "config.toml").write_text(broken, encoding="utf-8")

    said = maturityd("check")

    assert (said.code, said.out) == (78, "")
    assert said.err.startswith("maturityd: config.toml has 3 problems:\n")
    assert re.findall(r"^  ([\w.]+):", said.err, re.MULTILINE) == [
        "privacy.address_key",
        "sources.usage.lag",
        "salesforce.instance_url",
    ]
    assert "hunter2" not in said.err


def test_check_looks_at_everything_although_one_thing_is_wrong(maturityd: Maturityd, folder: Path) -> None:
    (folder / "sync_secret").unlink()

    said = maturityd("check", "--json")

    checks = {check["name"]: check for check in said.json["checks"]}
    assert said.code == 78
    assert [name for name, check in checks.items() if not check["ok"]] == ["salesforce"]
    assert "sync_secret" in checks["salesforce"]["found"]
    assert "1 file" in checks["source usage"]["found"]


def test_check_leaves_no_trace(maturityd: Maturityd, folder: Path) -> None:
    (folder / "sync_secret").unlink()
    before = sorted(path.name for path in folder.rglob("*"))

    maturityd("check")

    assert sorted(path.name for path in folder.rglob("*")) == before


def test_a_state_that_cannot_be_opened_is_told_in_a_line(maturityd: Maturityd, folder: Path) -> None:
    (folder / "var").mkdir()
    (folder / "var" / "state.db").write_bytes(b"no database at all" * 100)
    (folder / "sync_secret").unlink()

    status, check = maturityd("status"), maturityd("check", "--json")

    assert status.code == 1
    assert "cannot be opened (file is not a database)" in status.err
    assert not check.json["checks"][0]["ok"]


def test_a_daemon_whose_database_is_gone_says_so_and_looks_again_at_the_next_tick(
    maturityd: Maturityd, folder: Path, postgresql: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = postgresql.new_state()
    with (folder / "config.toml").open("a", encoding="utf-8") as config:
        config.write(f'\n[state]\nurl = "{state}"\n')

    def two_ticks(tick: Callable[[], None], _stopping: threading.Event) -> None:
        drop(state)
        tick()
        tick()

    monkeypatch.setattr(scheduler, "run_forever", two_ticks)

    said = maturityd("run")

    lost = [json.loads(line) for line in said.err.splitlines()]
    assert (said.code, [line["event"] for line in lost]) == (0, ["state.lost"] * 2)
    assert "See that the database is up" in lost[0]["reason"]


def test_a_slot_that_is_none_is_a_usage_error_that_shows_how(maturityd: Maturityd) -> None:
    said = maturityd("cycle", "--slot", "nonsense")

    assert said.code == 2
    assert "2026-11-23T06:30" in said.err


def test_no_config_is_a_configuration_error_that_names_the_option(maturityd: Maturityd) -> None:
    said = maturityd("status", "--config", "nowhere.toml")

    assert said.code == 78
    assert "--config" in said.err


@pytest.mark.usefixtures("on_each_database")
def test_retry_says_how_many(maturityd: Maturityd) -> None:
    assert maturityd("outbox", "retry").out == "0 parked change(s) will be tried at the next push\n"


def test_a_test_alert_without_a_channel_says_how_to_add_one(maturityd: Maturityd) -> None:
    assert "[alerts.<name>]" in maturityd("alerts", "test").out


def test_an_unknown_fault_is_refused_before_the_org_is_made(maturityd: Maturityd, folder: Path) -> None:
    said: Said = maturityd("localorg", "serve", "--data", "org", "--faults", "gremlins=0.1")

    assert said.code == 78
    assert "gremlins" in said.err
    assert not (folder / "org").exists()


def test_where_nothing_is_held_release_says_so(maturityd: Maturityd) -> None:
    said = maturityd("release")

    assert (said.code, said.out) == (1, "")
    assert said.err.strip().endswith("nothing is held back: the newest run that is done pushed its ratings")
