"""Kills (or stops) a process at its N-th commit, request or renamed file, before it or after it.

Armed in a child only, on the libraries that the product calls: the product itself knows of none of this.
"""

import functools
import os
import signal
from collections.abc import Callable
from typing import Any

from requests.adapters import HTTPAdapter
from sqlalchemy.engine.default import DefaultDialect

REQUEST: tuple[Any, str] = (HTTPAdapter, "send")
SEAMS = ((DefaultDialect, "do_commit"), REQUEST, (os, "replace"))


class Failpoints:
    """Counts what may be the last thing a process does. hits: so far."""

    def __init__(self, at: int | None, number: signal.Signals = signal.SIGKILL) -> None:
        self._at = at
        self._number = number
        self.hits = 0

    def arm(self, *seams: tuple[Any, str]) -> None:
        """From here on every seam counts twice: before it acts, and after."""
        for owner, name in seams:
            setattr(owner, name, self._around(getattr(owner, name)))

    def _around(self, act: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(act)
        def watched(*args: Any, **kwargs: Any) -> Any:
            self._hit()
            result = act(*args, **kwargs)
            self._hit()
            return result

        return watched

    def _hit(self) -> None:
        self.hits += 1
        if self.hits == self._at:
            os.kill(os.getpid(), self._number)
