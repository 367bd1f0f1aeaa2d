"""The cycle's own order of things: claimed, done once, and then left alone."""

import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine

from daemon.alerts.book import open_alerts
from daemon.config import Config, load
from daemon.context import Context, Done
from daemon.cycle import run_slot
from daemon.errors import Stopped
from daemon.lease import lease
from daemon.progress import LoggedSteps
from daemon.scheduler import skip_missed
from daemon.slots import Slot
from daemon.state import runs
from daemon.state.engine import read
from integrations.errors import Retryable
from tests.conftest import NOW, StillClock

SLOT = Slot("2026-11-23T06:30", NOW)
SHIPPED = Path(__file__).parents[2] / "config.toml"


@pytest.fixture
def config() -> Config:
    return load(SHIPPED)


class Stopping(StillClock):
    """A clock on which the process was told to stop."""

    def is_stopping(self) -> bool:
        return True


def run_to_its_end(
    config: Config, engine: Engine, clock: StillClock, steps: tuple[str, ...] = ()
) -> runs.Run:
    with lease(engine, clock) as held:
        assert held is not None
        return run_slot(config, held, clock, SLOT, LoggedSteps(), steps)


def test_a_slot_that_is_done_is_not_claimed_again(engine: Engine, clock: StillClock, config: Config) -> None:
    """Killed between its end and its exit, a daemon finds the slot done when it starts again."""
    first = run_to_its_end(config, engine, clock)
    clock.wait(60)

    again = run_to_its_end(config, engine, clock)

    assert again == first
    with read(engine) as connection:
        assert runs.find(connection, SLOT.name) == first
        assert first.state == "done"


def test_a_run_that_ends_well_ends_the_alert_on_missed_slots(
    engine: Engine, clock: StillClock, config: Config
) -> None:
    skip_missed(engine, [(Slot("2026-11-22T12:00", NOW - timedelta(hours=18)), "down")], NOW)

    run_to_its_end(config, engine, clock)

    with read(engine) as connection:
        assert open_alerts(connection) == []


def test_what_ends_by_a_stop_is_no_failure(
    engine: Engine, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Salesforce was busy, and the wait for another try ended: nothing to tell, and no try is used up."""

    def push(_context: Context) -> Done:
        raise Retryable("salesforce: stopped while waiting for another try")

    monkeypatch.setitem(sys.modules, "daemon.steps.push", SimpleNamespace(run=push))
    with pytest.raises(Stopped, match=r"goes on .* \(salesforce: stopped"):
        run_to_its_end(config, engine, Stopping(), steps=("push",))

    with read(engine) as connection:
        left = runs.find(connection, SLOT.name)
        assert left is not None
        assert left.state == "claimed"
        assert open_alerts(connection) == []
