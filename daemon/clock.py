"""Time and waiting: the only place that asks the machine for them."""

import threading
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where now comes from, and how to wait."""

    def now(self) -> datetime:
        """The current instant, aware, UTC."""
        ...

    def wait(self, seconds: float) -> bool:
        """Return after so many seconds; sooner, and true, when the process is asked to stop."""
        ...

    def is_stopping(self) -> bool:
        """Whether the process was asked to stop."""
        ...

    def __hash__(self) -> int: ...


class SystemClock:
    """The machine's clock. `stopping` is set at SIGTERM, which ends every wait."""

    def __init__(self) -> None:
        self.stopping = threading.Event()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def wait(self, seconds: float) -> bool:
        return self.stopping.wait(seconds)

    def is_stopping(self) -> bool:
        return self.stopping.is_set()


class ShiftedClock:
    """The machine's clock moved to another instant, from which it runs on (demo and tests)."""

    def __init__(self, start: datetime) -> None:
        self.stopping = threading.Event()
        self.move_to(start)

    def move_to(self, instant: datetime) -> None:
        """Let it be `instant` now."""
        self._shift = instant - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._shift

    def wait(self, seconds: float) -> bool:
        return self.stopping.wait(seconds)

    def is_stopping(self) -> bool:
        return self.stopping.is_set()


class Stopwatch:
    """Seconds since it was made; unaffected by changes of the machine's clock."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    def seconds(self) -> float:
        return round(time.perf_counter() - self._start, 3)
