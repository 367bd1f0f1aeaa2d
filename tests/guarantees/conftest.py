"""One honest day, and evidence of it that each test may tamper with."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import Executable

from daemon.state.engine import connect, write
from integrations.localorg.store import WriteEntry
from tests.guarantees.evidence import Evidence
from tests.scenarios.attempt import DONE
from tests.scenarios.kills import CARRY, LIMIT_S, PRELOAD, SLOT_EVERY, Campaign
from tests.scenarios.play import Play, small_company
from tests.scenarios.zygote import Zygote


@pytest.fixture(scope="session")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """Two slots that nothing disturbed, with feedback before the second, and two without news."""
    folder = tmp_path_factory.mktemp("honest") / "play"
    with Zygote(*PRELOAD) as zygote, small_company(folder, seed=1, state=None, faults=()) as play:
        at = play.clock.now()
        for news in ("old", "new"):
            at += SLOT_EVERY
            slot = play.move_to(at, news)
            assert zygote.fork(CARRY, play.spec(slot, None), folder / "log").wait(LIMIT_S) == DONE
            play.say_something()
        Campaign(play, zygote).in_peace(at)
        yield play


@dataclass
class Tampered:
    """The evidence of the honest day on a state of its own, and a write log that can be added to."""

    evidence: Evidence
    log: list[WriteEntry]

    def change(self, statement: Executable) -> None:
        """Change the state behind the daemon's back."""
        with write(self.evidence.engine) as connection:
            assert connection.execute(statement).rowcount > 0

    def land(self, entry: WriteEntry, **after: str | float | int | None) -> None:
        """Let the org have written once more to the record of an entry."""
        n = self.log[-1].n + 1
        self.log.append(replace(entry, n=n, action="update", before={}, after=after))


@pytest.fixture
def tampered(honest: Play, tmp_path: Path) -> Iterator[Tampered]:
    """Evidence to plant a violation in."""
    source = honest.evidence
    file = tmp_path / "state.db"
    with (
        closing(sqlite3.connect(str(source.engine.url.database))) as old,
        closing(sqlite3.connect(file)) as new,
    ):
        old.backup(new)
    engine = connect(f"sqlite:///{file}")
    log = list(source.writes())

    def logged(since: int) -> list[WriteEntry]:
        return [each for each in log if each.n > since]

    evidence = Evidence(engine, source.config, source.clock, logged, source.begun, source.quiet)
    yield Tampered(evidence, log)
    engine.dispose()
