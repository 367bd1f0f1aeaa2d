"""What a child does: one start of the daemon on one slot, until its end or its kill."""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from daemon import logs
from daemon.clock import ShiftedClock
from daemon.compose import open_state
from daemon.config import load
from daemon.cycle import run_slot
from daemon.lease import lease
from daemon.progress import LoggedSteps
from daemon.slots import Slot
from tests.scenarios import stand_in
from tests.scenarios.failpoints import Failpoints

CARRYING = ("pull", "score", "plan", "push", "report")
"""The steps that carry data, with the stand-in as `score`."""

MODEL_LIBRARIES = ("torch", "catboost", "shap", "statsmodels", "prophet", "holidays", "scipy")

HASTE = 0.01
"""Of each wait: back-off is for real networks."""


class HastyClock(ShiftedClock):
    """Runs beside the parent's clock, and waits hardly at all."""

    def __init__(self, shift_s: float) -> None:
        super().__init__(datetime.now(UTC) + timedelta(seconds=shift_s))

    def wait(self, seconds: float) -> bool:
        return super().wait(seconds * HASTE)


def carry(spec: Mapping[str, Any]) -> int:
    """The steps that carry data. 0 when the slot is done, 3 when its run failed, 4 where it is locked.

    spec: config, slot, due_at, shift_s, accounts, news; kill_at, a failpoint or None; hits, a file
        that takes the number of failpoints of an attempt that came to its end.
    """
    logs.set_up()
    sys.modules["daemon.steps.score"] = stand_in
    stand_in.accounts, stand_in.news = spec["accounts"], spec["news"]
    failpoints = Failpoints(spec["kill_at"])
    failpoints.arm()
    config = load(Path(spec["config"]))
    clock = HastyClock(spec["shift_s"])
    slot = Slot(spec["slot"], datetime.fromisoformat(spec["due_at"]))
    with lease(open_state(config), clock) as engine:
        if engine is None:
            return 4
        run = run_slot(config, engine, clock, slot, LoggedSteps(), CARRYING)
    loaded = [name for name in MODEL_LIBRARIES if name in sys.modules]
    if loaded:
        raise AssertionError(f"the steps that carry data loaded {loaded}")
    Path(spec["hits"]).write_text(str(failpoints.hits), encoding="utf-8")
    return 0 if run.state == "done" else 3
