"""A campaign of kills on the steps that carry data: slot after slot, with the checkers after every kill."""

import signal
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from daemon.clock import Stopwatch
from daemon.slots import Slot
from tests.guarantees import g02_duplicates
from tests.guarantees.all_checks import violations
from tests.postgresql import end_sessions
from tests.scenarios.attempt import CUT_OFF, DONE, FAILED
from tests.scenarios.play import Play, small_company
from tests.scenarios.zygote import Child, Zygote

CARRY = "tests.scenarios.attempt:carry"
PRELOAD = (
    "tests.scenarios.attempt",
    "daemon.steps.pull",
    "daemon.steps.plan",
    "daemon.steps.push",
    "daemon.steps.report",
)
KILLED = -signal.SIGKILL

SLOT_EVERY = timedelta(minutes=31)
"""Some slots lie within one session of the org, so that a late request can land after a newer one."""

CUT_SHARE = 0.25
ATTEMPTS_A_SLOT = 50
QUIET_EVERY = 8
"""Slots from one pair of quiet runs to the next."""

LIMIT_S = 300.0
"""Of an attempt that takes a second: only what hangs meets it, however busy the machine."""


@dataclass
class Campaign:
    """One company's slots under fire."""

    play: Play
    zygote: Zygote
    kills: int = 0
    cuts: int = 0
    attempts: int = 0
    slots: int = 0
    violations: list[str] = field(default_factory=list)
    _whole_s: float = 1.0
    _whole_hits: int = 250

    def go_on(self, kills: int) -> None:
        """Play slots until so many kills have hit, or a promise is broken."""
        at = self.play.clock.now().replace(second=0, microsecond=0)
        while self.kills < kills and not self.violations:
            at += SLOT_EVERY
            self.slots += 1
            self._under_fire(at)
            if self.slots % QUIET_EVERY == 0:
                at = self.in_peace(at)
        self.violations += [f"G2: {each}" for each in g02_duplicates.lake(self.play.evidence)]

    def _under_fire(self, at: datetime) -> None:
        """Start the daemon on one slot, kill it, look, and start it again, until the slot is done."""
        play = self.play
        slot = play.move_to(at, news=str(self.slots))
        for _ in range(play.chance.randrange(3)):
            play.say_something()
        for number in range(ATTEMPTS_A_SLOT):
            status = self._attempt(slot, 1 + number / 5)
            self._look(slot)
            if status == DONE or self.violations:
                return
        raise AssertionError(f"slot {slot.name} did not come to its end; see {play.folder / 'log'}")

    def _attempt(self, slot: Slot, reach: float) -> int:
        """Half of the kills hit at a failpoint, half at any instant; some miss, since the attempt has ended.

        On PostgreSQL the daemon is in part not killed, but cut off from its state, at any instant.
        reach: how late that may come, in lengths of a whole attempt.
        """
        play = self.play
        cut_off = play.on_postgresql and play.chance.random() < CUT_SHARE
        at_failpoint = not cut_off and play.chance.random() < 0.5
        kill_at = play.chance.randint(1, round(self._whole_hits * reach)) if at_failpoint else None
        watch = Stopwatch()
        child = self.zygote.fork(CARRY, play.spec(slot, kill_at), play.folder / "log")
        if play.chance.random() < 0.3:
            play.say_something()
        after_s = LIMIT_S if at_failpoint else play.chance.uniform(0, self._whole_s * reach)
        status = self._cut_off(child, after_s) if cut_off else child.kill(after_s)
        play.daemon_gone()
        if status == DONE:  # the end of a slot that was killed often is short; a whole attempt is not
            self._whole_s = max(watch.seconds(), 0.8 * self._whole_s)
            self._whole_hits = max(play.hits(), round(0.8 * self._whole_hits))
        self.attempts += 1
        self.kills += status == KILLED
        self.cuts += status == CUT_OFF
        if status not in (DONE, FAILED, KILLED, CUT_OFF):
            raise AssertionError(f"an attempt ended with {status}; see {play.folder / 'log'}")
        return status

    def _cut_off(self, child: Child, after_s: float) -> int | None:
        """End the child's sessions on the state, the one that holds its lease among them; its status."""
        if child.wait(after_s) is None:
            end_sessions(self.play.state)
        return child.wait(LIMIT_S)

    def in_peace(self, at: datetime) -> datetime:
        """Two runs without faults and news: the first settles what is left, the second sends nothing."""
        for quiet in (False, True):
            at += SLOT_EVERY
            slot = self.play.move_to(at)
            if quiet:
                self.play.evidence.quiet.add(slot.name)
            child = self.zygote.fork(CARRY, self.play.spec(slot, None, quiet=True), self.play.folder / "log")
            assert child.wait(LIMIT_S) == DONE
            self.play.daemon_gone()
            self._look(slot)
        return at

    def _look(self, slot: Slot) -> None:
        found = violations(self.play.evidence)
        self.violations += [f"after kill {self.kills}, slot {slot.name}: {each}" for each in found]


def campaign(folder: Path, seed: int, kills: int, state: str | None = None) -> Campaign:
    """A campaign of so many kills in a new folder. state: URL of an empty one; None: SQLite."""
    with Zygote(*PRELOAD) as zygote, small_company(folder, seed, state) as play:
        fought = Campaign(play, zygote)
        fought.go_on(kills)
    return fought
