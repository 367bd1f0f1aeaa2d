"""One active daemon; one that slept through its replacement writes nothing."""

import pytest
from sqlalchemy import Engine

from daemon.errors import LeaseLost
from daemon.lease import lease
from daemon.slots import Slot
from daemon.state import runs
from daemon.state.engine import write
from tests.conftest import NOW, StillClock


def test_a_second_daemon_stands_by(engine: Engine, clock: StillClock) -> None:
    with lease(engine, clock) as first, lease(engine, clock) as second:
        assert first is not None
        assert second is None


def test_the_lease_is_free_again_when_its_holder_ends(engine: Engine, clock: StillClock) -> None:
    with lease(engine, clock):
        pass

    with lease(engine, clock) as again:
        assert again is not None


def test_who_slept_through_a_take_over_writes_nothing_more(engine: Engine, clock: StillClock) -> None:
    with lease(engine, clock) as sleeper:
        pass
    with lease(engine, clock) as successor:
        assert sleeper is not None
        assert successor is not None
        with write(successor) as connection:
            runs.claim(connection, Slot("2026-11-23T06:30", NOW), 2, NOW)
        with pytest.raises(LeaseLost, match="another daemon has taken over"), write(sleeper) as connection:
            runs.claim(connection, Slot("2026-11-23T12:00", NOW), 1, NOW)
