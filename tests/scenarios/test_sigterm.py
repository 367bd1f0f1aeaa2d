"""SIGTERM at random instants: out within half a minute, nothing lost, and on from there at the next start."""

import signal
from pathlib import Path

from daemon.clock import Stopwatch
from tests.guarantees.all_checks import violations
from tests.scenarios.attempt import DONE, FAILED, STOPPED
from tests.scenarios.kills import CARRY, LIMIT_S, PRELOAD, SLOT_EVERY
from tests.scenarios.play import small_company
from tests.scenarios.zygote import Zygote

STOPS = 6
EXIT_WITHIN_S = 30.0
BEFORE_ITS_START = -signal.SIGTERM


def test_a_daemon_told_to_stop_is_gone_in_time_and_goes_on_later(tmp_path: Path) -> None:
    stops = 0
    with Zygote(*PRELOAD) as zygote, small_company(tmp_path / "play", seed=5) as play:
        while stops < STOPS:
            slot = play.move_to(play.clock.now() + SLOT_EVERY, news=str(stops))
            status = STOPPED
            while status != DONE:
                child = zygote.fork(CARRY, play.spec(slot, None), play.folder / "log")
                child.wait(play.chance.uniform(0.1, 0.5))
                child.signal(signal.SIGTERM)
                watch = Stopwatch()
                status = child.wait(LIMIT_S)

                assert watch.seconds() < EXIT_WITHIN_S
                assert status in (DONE, STOPPED, FAILED, BEFORE_ITS_START)
                assert violations(play.evidence) == []
                stops += status == STOPPED
