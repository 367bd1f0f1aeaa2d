"""What a step of the cycle is given, and what it gives back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from daemon.clock import Clock
from daemon.config import Config
from daemon.errors import StepFailed
from daemon.progress import Report
from daemon.state.runs import Run


@dataclass(frozen=True)
class Context:
    """engine: fenced; every write of a step goes through it."""

    config: Config
    engine: Engine
    clock: Clock
    run: Run
    report: Report

    @property
    def cut(self) -> datetime:
        """What the run's snapshot speaks for.

        raises: StepFailed before the pull is complete.
        """
        if self.run.cut is None:
            raise StepFailed(f"slot {self.run.slot} has no cut yet: its pull did not complete")
        return self.run.cut


@dataclass(frozen=True)
class Done:
    """What a step did. rows: how many it was about. Digests: of what it read and of what it left, if any."""

    rows: int
    input_digest: str | None = None
    output_digest: str | None = None
