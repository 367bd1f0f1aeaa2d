"""One active daemon; one that slept through its replacement writes nothing."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, delete

from daemon.errors import LeaseLost
from daemon.lease import lease
from daemon.slots import Slot
from daemon.state import runs
from daemon.state.engine import connect, read, write
from daemon.state.tables import leases
from tests.conftest import NOW, StillClock
from tests.postgresql import Server, end_sessions


def take(engine: Engine, clock: StillClock) -> bool:
    """Whether the lease was to be had."""
    with lease(engine, clock) as held:
        return held is not None


def claim(held: Engine, slot: str) -> None:
    with write(held) as connection:
        runs.claim(connection, Slot(slot, NOW), 1, NOW)


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
        claim(successor, "2026-11-23T06:30")
        with pytest.raises(LeaseLost, match="another daemon has taken over"):
            claim(sleeper, "2026-11-23T12:00")


def test_an_older_state_that_was_restored_belongs_to_nobody(engine: Engine, clock: StillClock) -> None:
    """Its epochs start again where the backup was made, below those of a daemon that is still there."""
    with lease(engine, clock) as held:
        assert held is not None
        with write(engine) as connection:
            connection.execute(delete(leases))

        with pytest.raises(LeaseLost), write(held):
            pass


@pytest.fixture
def served(postgresql: Server) -> Iterator[Engine]:
    """A state on PostgreSQL."""
    engine = connect(postgresql.new_state())
    yield engine
    engine.dispose()


def url(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def test_who_lost_its_lock_writes_until_another_takes_over_and_not_after(
    served: Engine, clock: StillClock
) -> None:
    """The session that holds the advisory lock is ended by force; the other connections live on."""
    successor = connect(url(served))
    with lease(served, clock) as first:
        assert first is not None
        assert end_sessions(url(served), of_the_lease=True) == 1
        claim(first, "2026-11-23T06:30")

        with lease(successor, clock) as second:
            assert second is not None
            with pytest.raises(LeaseLost, match="another daemon has taken over"):
                claim(first, "2026-11-23T12:00")
            claim(second, "2026-11-23T12:00")

    with read(successor) as connection:
        assert [run.slot for run in runs.newest(connection, 3)] == ["2026-11-23T12:00", "2026-11-23T06:30"]
    successor.dispose()


def test_a_take_over_waits_for_the_write_in_hand(served: Engine, clock: StillClock) -> None:
    """Between the look at the epoch and the commit, nobody else becomes the holder."""
    successor = connect(url(served))
    with lease(served, clock) as first, ThreadPoolExecutor(1) as pool:
        assert first is not None
        end_sessions(url(served), of_the_lease=True)
        with write(first) as connection:
            taking = pool.submit(lambda: take(successor, clock))
            with pytest.raises(TimeoutError):
                taking.result(0.3)
            runs.claim(connection, Slot("2026-11-23T06:30", NOW), 1, NOW)

        assert taking.result(30)
    successor.dispose()
