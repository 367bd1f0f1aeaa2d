"""`release`: lets through the ratings that the mass-change brake held back."""

import typer

from daemon import brake
from daemon.cli.options import DEFAULT_CONFIG, ConfigPath, print_lines
from daemon.clock import SystemClock
from daemon.compose import open_state
from daemon.config import load
from daemon.errors import DaemonError
from daemon.state import runs
from daemon.state.engine import write


def register(app: typer.Typer) -> None:
    app.command()(release)


def release(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Let through the ratings that the newest run held back: the inputs are right as they are."""
    settings = load(config)
    now = SystemClock().now()
    with write(open_state(settings)) as connection:
        newest = next((run for run in runs.newest(connection, RUNS) if run.state == "done"), None)
        if newest is None or not brake.release(connection, newest.id, now):
            raise DaemonError("nothing is held back: the newest run that is done pushed its ratings")
    print_lines(
        [f"what {newest.slot} held back is let through by the next run, and by those of a day from now"]
    )


RUNS = 20
"""So many runs are looked through for one that is done: the newest may have failed or been skipped."""
