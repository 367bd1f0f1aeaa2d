"""G9, one daemon at a time: a second stands by; a first that slept through its replacement is harmless."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from daemon.state.tables import metadata
from tests.guarantees.all_checks import violations
from tests.postgresql import end_sessions
from tests.scenarios.attempt import DONE, REPLACED, STANDING_BY
from tests.scenarios.kills import CARRY, LIMIT_S, PRELOAD, SLOT_EVERY
from tests.scenarios.play import Play, small_company
from tests.scenarios.zygote import Child, Zygote


@pytest.fixture(params=["sqlite", "postgresql"])
def play(
    request: pytest.FixtureRequest, tmp_path: Path, state_on: Callable[[str], str | None]
) -> Iterator[Play]:
    with small_company(tmp_path / "play", 3, state_on(request.param), faults=()) as found:
        yield found


@pytest.fixture(scope="module")
def zygotes() -> Iterator[tuple[Zygote, Zygote]]:
    with Zygote(*PRELOAD) as first, Zygote(*PRELOAD) as second:
        yield first, second


def wait_until_asleep(child: Child) -> None:
    """Return once the child is suspended."""
    while child.wait(0.05) is None:
        if Path(f"/proc/{child.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "T":
            return
    raise AssertionError(f"the child ended with {child.status} instead of being suspended")


def take_the_lock_away(play: Play) -> None:
    """As a file system does that forgets locks, and a database that ends sessions."""
    if play.on_postgresql:
        assert end_sessions(play.state, of_the_lease=True) == 1
    else:
        (play.folder / "state.db.lock").unlink()


def everything(play: Play) -> list[list[tuple[object, ...]]]:
    """All rows of the state."""
    return [[tuple(row.values()) for row in play.evidence.rows(table)] for table in metadata.sorted_tables]


@pytest.mark.parametrize("stop_at", [9, 16, 17, 18])
def test_a_daemon_that_wakes_after_its_replacement_writes_nothing(
    play: Play, zygotes: tuple[Zygote, Zygote], stop_at: int
) -> None:
    """It is suspended while it reads, after it asked for the fields, before its push and after it."""
    first, second = zygotes
    slot = play.move_to(play.clock.now() + SLOT_EVERY, news="old")
    sleeper = first.fork(CARRY, play.spec(slot, None, stop_at=stop_at), play.folder / "sleeper.log")
    wait_until_asleep(sleeper)

    try:
        standby = second.fork(CARRY, play.spec(slot, None), play.folder / "log")
        assert standby.wait(LIMIT_S) == STANDING_BY
        take_the_lock_away(play)
        later = play.move_to(play.clock.now() + SLOT_EVERY, news="new")
        successor = second.fork(CARRY, play.spec(later, None), play.folder / "log")
        assert successor.wait(LIMIT_S) == DONE
        state = everything(play)
    finally:
        sleeper.signal(signal.SIGCONT)

    assert sleeper.wait(LIMIT_S) == REPLACED
    assert everything(play) == state
    assert violations(play.evidence) == []
