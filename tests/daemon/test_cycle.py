"""The cycle's own order of things: claimed, done once, and then left alone."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from daemon.alerts.book import open_alerts
from daemon.config import Config, load
from daemon.cycle import run_slot
from daemon.lease import lease
from daemon.progress import LoggedSteps
from daemon.scheduler import skip_missed
from daemon.slots import Slot
from daemon.state import runs
from daemon.state.engine import read
from tests.conftest import NOW, StillClock

SLOT = Slot("2026-11-23T06:30", NOW)
SHIPPED = Path(__file__).parents[2] / "config.toml"


@pytest.fixture
def config() -> Config:
    return load(SHIPPED)


def run_to_its_end(config: Config, engine: Engine, clock: StillClock) -> runs.Run:
    with lease(engine, clock) as held:
        assert held is not None
        return run_slot(config, held, clock, SLOT, LoggedSteps(), steps=())


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
