"""The whole cycle, models included, killed at every step and at random: the org ends up the same."""

import random
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from daemon.clock import Stopwatch
from daemon.cycle import STEPS
from daemon.slots import Slot
from tests.guarantees.all_checks import violations
from tests.scenarios.attempt import DONE
from tests.scenarios.play import Play
from tests.scenarios.whole import (
    MORNING,
    NOON,
    PRELOAD,
    WHOLE,
    at,
    order,
    promote_by_hand,
    shown,
    talk,
    tiny_company,
)
from tests.scenarios.zygote import Zygote

RANDOM_KILLS = 20
LIMIT_S = 300.0
KILLED = -signal.SIGKILL


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote(*PRELOAD) as found:
        yield found


def undisturbed(zygote: Zygote, play: Play, slot: Slot) -> float:
    """Run a slot to its end; in how many seconds."""
    watch = Stopwatch()
    child = zygote.fork(WHOLE, order(play, slot), play.folder / "log")
    assert child.wait(LIMIT_S) == DONE, (play.folder / "log").read_text(encoding="utf-8")[-3000:]
    return watch.seconds()


def killed_after_each_step(zygote: Zygote, play: Play, slot: Slot) -> None:
    """Kill it when a step's work is done and not yet noted, step after step."""
    for step in STEPS:
        child = zygote.fork(WHOLE, order(play, slot, kill_after=step), play.folder / "log")
        assert child.wait(LIMIT_S) == KILLED, step
        assert violations(play.evidence) == [], f"killed after {step}"
    undisturbed(zygote, play, slot)


def killed_at_random(
    zygote: Zygote, play: Play, slot: Slot, kills: int, seconds: float, chance: random.Random
) -> int:
    """Kill it again and again until it has come to its end, at most so often; how often."""
    for number in range(kills):
        child = zygote.fork(WHOLE, order(play, slot), play.folder / "log")
        status = child.kill(chance.uniform(0, seconds * (0.5 + number / 10)))
        assert violations(play.evidence) == [], f"slot {slot.name}, kill {number}"
        if status == DONE:
            return number
        assert status == KILLED
    undisturbed(zygote, play, slot)
    return kills


def test_killed_at_each_step_and_at_random_the_org_holds_what_it_would_without(
    zygote: Zygote, tmp_path: Path
) -> None:
    chance = random.Random(1)  # noqa: S311 seeded chance
    with tiny_company(tmp_path / "calm") as calm, tiny_company(tmp_path / "hit") as hit:
        undisturbed(zygote, calm, calm.move_to(at(MORNING), news="morning"))
        killed_after_each_step(zygote, hit, hit.move_to(at(MORNING), news="morning"))
        assert shown(hit) == shown(calm)

        for play in (calm, hit):
            promote_by_hand(play)
            talk(play, pieces=6)
        left, due = RANDOM_KILLS, at(NOON)
        while left:
            seconds = undisturbed(zygote, calm, calm.move_to(due, news="later"))
            left -= killed_at_random(zygote, hit, hit.move_to(due, news="later"), left, seconds, chance)
            assert shown(hit) == shown(calm)
            due += timedelta(hours=1)

        ratings = {row.get("Maturity_Rating__c") for row in shown(calm).values()}
        assert {"Low", "Medium"} & ratings, "nothing was rated, so nothing was compared"
