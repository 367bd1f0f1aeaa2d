"""What a child does: one start of the daemon on one slot, until its end or its kill."""

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from daemon import logs
from daemon.clock import ShiftedClock
from daemon.compose import open_state
from daemon.config import load
from daemon.cycle import run_slot
from daemon.errors import LeaseLost, StateError, StateLost, Stopped
from daemon.lease import lease
from daemon.progress import LoggedSteps, Report
from daemon.slots import Slot
from tests.scenarios import stand_in
from tests.scenarios.failpoints import REQUEST, SEAMS, Failpoints
from tests.scenarios.play import Standstill

CARRYING = ("pull", "score", "plan", "push", "report")
"""The steps that carry data, with the stand-in as `score`."""

DONE, FAILED, STANDING_BY, STOPPED, REPLACED, CUT_OFF = 0, 3, 4, 5, 6, 7
"""How a child may end, beside by a signal; 1 is a bug."""

MODEL_LIBRARIES = ("torch", "catboost", "shap", "statsmodels", "prophet")

HASTE = 0.01
"""Of each wait: back-off is for real networks."""


class HastyClock(ShiftedClock):
    """Runs beside the parent's clock, and waits hardly at all."""

    def __init__(self, shift_s: float) -> None:
        super().__init__(datetime.now(UTC) + timedelta(seconds=shift_s))

    def wait(self, seconds: float) -> bool:
        return super().wait(seconds * HASTE)


class Deadly(LoggedSteps):
    """Dies when the work of a step is done, and nobody has noted yet that it is."""

    def __init__(self, deadly: str | None) -> None:
        self._deadly = deadly

    @contextmanager
    def step(self, name: str) -> Iterator[Report]:
        with super().step(name) as report:
            yield report
        if name == self._deadly:
            os.kill(os.getpid(), signal.SIGKILL)


def whole(spec: Mapping[str, Any]) -> int:
    """All steps, models included. spec: as of `carry`; now: time stands there; kill_after: a step."""
    logs.set_up()
    config = load(Path(spec["config"]))
    clock = Standstill(datetime.fromisoformat(spec["now"]))
    slot = Slot(spec["slot"], datetime.fromisoformat(spec["due_at"]))
    with lease(open_state(config), clock) as engine:
        if engine is None:
            return STANDING_BY
        run = run_slot(config, engine, clock, slot, Deadly(spec["kill_after"]))
    return DONE if run.state == "done" else FAILED


def carry(spec: Mapping[str, Any]) -> int:
    """The steps that carry data.

    spec: config, slot, due_at, shift_s, accounts, news; kill_at: a failpoint or None; stop_at: a failpoint
        around a request, at which the child is suspended; hits: a file that takes the number of failpoints
        of an attempt that came to its end.
    """
    logs.set_up()
    sys.modules["daemon.steps.score"] = stand_in
    stand_in.accounts, stand_in.news = spec["accounts"], spec["news"]
    failpoints = Failpoints(spec["kill_at"])
    failpoints.arm(*SEAMS)
    Failpoints(spec["stop_at"], signal.SIGSTOP).arm(REQUEST)
    config = load(Path(spec["config"]))
    clock = HastyClock(spec["shift_s"])
    signal.signal(signal.SIGTERM, lambda *_: clock.stopping.set())
    slot = Slot(spec["slot"], datetime.fromisoformat(spec["due_at"]))
    try:
        with lease(open_state(config), clock) as engine:
            if engine is None:
                return STANDING_BY
            run = run_slot(config, engine, clock, slot, LoggedSteps(), CARRYING)
    except Stopped:
        return STOPPED
    except LeaseLost:
        return REPLACED
    except (StateLost, StateError):
        return CUT_OFF
    loaded = [name for name in MODEL_LIBRARIES if name in sys.modules]
    if loaded:
        raise AssertionError(f"the steps that carry data loaded {loaded}")
    Path(spec["hits"]).write_text(str(failpoints.hits), encoding="utf-8")
    return DONE if run.state == "done" else FAILED
