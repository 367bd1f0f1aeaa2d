"""The step `pull`: one source in trouble, whatever the trouble, and the others go on."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine
from structlog.testing import capture_logs

from daemon.alerts.book import open_alerts
from daemon.config import Config, load
from daemon.context import Context
from daemon.errors import Stopped
from daemon.slots import Slot
from daemon.state import pulls, runs
from daemon.state.engine import read, write
from daemon.steps import pull
from tests.conftest import NOW, StillClock
from tests.daemon.cli.conftest import CONFIG

BROKEN = {
    "no secret": 'kind = "maildir_email"\npath = "mail"\nown_domains = ["a.example"]',
    "no secret in the URL": 'kind = "sql_usage"\nurl = "sqlite:///x.db"\npassword = "file:gone"\n'
    'query = "q.sql"\nidentity = { tenant = "t" }',
    "no URL": 'kind = "sql_usage"\nurl = "warehouse"\nquery = "q.sql"\nidentity = { tenant = "t" }',
    "no driver": 'kind = "sql_usage"\nurl = "mssql+pymssql://h/x"\nquery = "q.sql"\n'
    'identity = { tenant = "t" }',
    "no org": 'kind = "crm_feedback"',
    "no UTF-8": 'kind = "sql_usage"\nurl = "sqlite:///x.db"\nquery = "latin.sql"\n'
    'identity = { tenant = "t" }',
}
"""Tables of a source that cannot be pulled, by what is missing."""


@pytest.fixture
def context(tmp_path: Path, engine: Engine, clock: StillClock) -> Context:
    """A run whose only whole source is `usage`."""
    (tmp_path / "usage.csv").write_text("tenant,day,events\nt-1,2026-03-01,5\n", encoding="utf-8")
    (tmp_path / "q.sql").write_text("SELECT 1 AS loaded_at WHERE 1 >= :since", encoding="utf-8")
    (tmp_path / "latin.sql").write_bytes("-- für\nSELECT 1 WHERE 1 >= :since".encode("latin-1"))
    (tmp_path / "x.db").touch()
    with write(engine) as connection:
        run = runs.claim(connection, Slot("2026-11-23T06:30", NOW), 1, NOW)
    return Context(config_of(tmp_path, ""), engine, clock, run, lambda _share, _doing: None)


def config_of(folder: Path, broken: str) -> Config:
    more = f"\n[sources.broken]\n{broken}\n" if broken else ""
    (folder / "config.toml").write_text(CONFIG + more, encoding="utf-8")
    return load(folder / "config.toml")


def pulled(context: Context) -> dict[str, pulls.Pull]:
    pull.run(context)
    with read(context.engine) as connection:
        return {each.source: each for each in pulls.of_run(connection, context.run.id)}


@pytest.mark.parametrize("missing", BROKEN)
def test_a_source_in_whatever_trouble_is_told_and_the_others_go_on(
    context: Context, tmp_path: Path, missing: str
) -> None:
    found = pulled(replace(context, config=config_of(tmp_path, BROKEN[missing])))

    assert (found["usage"].rows, found["usage"].error) == (1, None)
    assert found["broken"].error
    with read(context.engine) as connection:
        (alert,) = open_alerts(connection, "pull")
    assert alert["what"] == found["broken"].error


def test_trouble_that_nobody_foresaw_is_logged_whole(context: Context, tmp_path: Path) -> None:
    with capture_logs() as lines:
        pulled(replace(context, config=config_of(tmp_path, BROKEN["no UTF-8"])))

    (line,) = [each for each in lines if each["event"] == "source.failed"]
    assert isinstance(line["exc_info"], UnicodeDecodeError)
    assert line["error"].startswith("UnicodeDecodeError: 'utf-8' codec can't decode")


class Stopping(StillClock):
    """A clock on which the process is told to stop while it waits."""

    stopping = False

    def wait(self, seconds: float) -> bool:
        self.stopping = not super().wait(seconds)
        return self.stopping

    def is_stopping(self) -> bool:
        return self.stopping


def test_a_stop_while_a_source_is_tried_again_leaves_it_for_the_next_start(
    context: Context, tmp_path: Path
) -> None:
    (tmp_path / "sync_secret").write_text("sync-secret", encoding="utf-8")
    away = replace(context, config=config_of(tmp_path, BROKEN["no org"]), clock=Stopping())

    with pytest.raises(Stopped, match="broken is pulled again"):
        pull.run(away)

    with read(context.engine) as connection:
        assert pulls.of_run(connection, context.run.id) == []


def test_a_stop_is_no_trouble_of_the_source(context: Context) -> None:
    def stop(_share: float, doing: str) -> None:
        if doing != "usage":
            raise Stopped("asked to stop")

    with pytest.raises(Stopped):
        pull.run(replace(context, report=stop))

    with read(context.engine) as connection:
        assert pulls.of_run(connection, context.run.id) == []
