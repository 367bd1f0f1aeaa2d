"""Progress of long work: a bar on a terminal, log lines otherwise."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import structlog
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from daemon.events import Event


class Report(Protocol):
    """Called by long work: how much of it is done, 0..1, and at what it is."""

    def __call__(self, share: float, doing: str) -> None: ...


class Steps(Protocol):
    """Shows the steps of a cycle, one at a time."""

    @contextmanager
    def step(self, name: str) -> Iterator[Report]:
        """Show a step while the block runs; the block reports how far it is."""
        ...


class TerminalSteps:
    """A bar per step, on stderr."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)

    @contextmanager
    def step(self, name: str) -> Iterator[Report]:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.fields[step]:<9}"),
            BarColumn(30),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._console) as progress:
            task = progress.add_task("", total=1.0, step=name)

            def report(share: float, doing: str) -> None:
                progress.update(task, completed=min(share, 1.0), description=doing)

            yield report
            progress.update(task, completed=1.0)


class LoggedSteps:
    """A log line whenever another fifth of a step is done."""

    @contextmanager
    def step(self, name: str) -> Iterator[Report]:
        told = 0

        def report(share: float, doing: str) -> None:
            nonlocal told
            if int(share * 5) > told:
                told = int(share * 5)
                structlog.get_logger().info(
                    Event.STEP_PROGRESSED, step=name, share=round(share, 2), doing=doing
                )

        yield report
