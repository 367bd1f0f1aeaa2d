"""SIGTERM at random instants: out within half a minute, nothing lost, and on from there at the next start."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.clock import Stopwatch
from daemon.slots import Slot
from tests.guarantees.all_checks import violations
from tests.scenarios.attempt import DONE, STOPPED
from tests.scenarios.kills import ATTEMPTS_A_SLOT, CARRY, LIMIT_S, PRELOAD, SLOT_EVERY
from tests.scenarios.play import Play, small_company
from tests.scenarios.zygote import Zygote

STOPS = 6
EXIT_WITHIN_S = 30.0
BEFORE_ITS_START = -signal.SIGTERM


def stopped_until_done(zygote: Zygote, play: Play, slot: Slot) -> int:
    """Start the daemon on one slot and tell it to stop, later each time, until the slot is done; how often.

    Later, since on a busy machine half a second is too short for any step.
    """
    stops = 0
    for number in range(ATTEMPTS_A_SLOT):
        child = zygote.fork(CARRY, play.spec(slot, None), play.folder / "log")
        child.wait(play.chance.uniform(0.1, 0.5) * (1 + number / 5))
        child.signal(signal.SIGTERM)
        watch = Stopwatch()
        status = child.wait(LIMIT_S)

        assert watch.seconds() < EXIT_WITHIN_S
        assert status in (DONE, STOPPED, BEFORE_ITS_START)
        play.daemon_gone()
        assert violations(play.evidence) == []
        stops += status == STOPPED
        if status == DONE:
            return stops
    raise AssertionError(f"slot {slot.name} did not come to its end; see {play.folder / 'log'}")


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_daemon_told_to_stop_is_gone_in_time_and_goes_on_later(
    tmp_path: Path, state_on: Callable[[str], str | None], database: str
) -> None:
    stops = 0
    with Zygote(*PRELOAD) as zygote, small_company(tmp_path / "play", 5, state_on(database)) as play:
        while stops < STOPS:
            slot = play.move_to(play.clock.now() + SLOT_EVERY, news=str(stops))
            stops += stopped_until_done(zygote, play, slot)
