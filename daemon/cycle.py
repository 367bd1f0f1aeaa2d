"""The cycle: the ordered list of steps, run once for each slot, resumed where it stopped."""

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module

import structlog
from sqlalchemy import Engine

from daemon.alerts import book
from daemon.clock import Clock, Stopwatch
from daemon.config import Config
from daemon.context import Context, Done
from daemon.errors import DaemonError, LeaseLost, StateLost, Stopped
from daemon.events import Event
from daemon.progress import Report, Steps
from daemon.slots import Slot, is_scheduled
from daemon.state import runs
from daemon.state.engine import read, write
from integrations.errors import IntegrationError
from models.errors import ModelError

STEPS = (
    "pull",
    "check",
    "snapshot",
    "label",
    "train",
    "gate",
    "score",
    "explain",
    "forecast",
    "monitor",
    "plan",
    "push",
    "report",
)
"""In order. Each is `daemon/steps/<name>.py`, imported at its turn: a status needs no model library."""

FORESEEN = (DaemonError, IntegrationError, ModelError)
"""What a step may raise; its message is for ops as it stands. All else is a bug, and logged whole."""

STOPPED = "asked to stop; the run goes on where it was at the next start"


def run_slot(
    config: Config, engine: Engine, clock: Clock, slot: Slot, shown: Steps, steps: tuple[str, ...] = STEPS
) -> runs.Run:
    """Run the cycle of a slot to its end, or on from where it stopped.

    returns: the run, `done` or `failed` with the reason.
    raises: LeaseLost when another daemon has taken over; Stopped when the process was asked to stop;
        StateLost when the database is gone: the run is left as after a kill, and goes on later.
    """
    epoch = engine.get_execution_options()["epoch"]
    with write(engine) as connection:
        run = runs.claim(connection, slot, epoch, clock.now())
    if run.state == "done":
        return run
    log = structlog.get_logger().bind(slot=run.slot)
    log.info(Event.RUN_CLAIMED, gen=run.id, epoch=epoch)
    watch = Stopwatch()
    with read(engine) as connection:
        done = {row["step"] for row in runs.steps_of(connection, run.id) if row["state"] == "done"}
    for name in steps:
        if name in done:
            continue
        try:
            _run_step(config, engine, clock, slot, name, shown)
        except (LeaseLost, StateLost, Stopped):
            raise
        except Exception as error:
            if clock.is_stopping():  # it ended a wait, and the step with it
                raise Stopped(f"{STOPPED} ({error})") from error
            again = is_scheduled(slot, config.schedule.schedule())
            return _fail(engine, clock, run, name, error, again)
    with write(engine) as connection:
        runs.finish(connection, run.id, "done", None, clock.now())
        for scope in ("run", "slots"):
            book.settle(connection, scope, [], run.id, clock.now())
        finished = runs.find(connection, slot.name)
    log.info(Event.RUN_FINISHED, duration_s=watch.seconds())
    return finished or run


def _run_step(config: Config, engine: Engine, clock: Clock, slot: Slot, name: str, shown: Steps) -> None:
    watch = Stopwatch()
    with write(engine) as connection:
        run = runs.find(connection, slot.name)
        if run is None:
            raise LeaseLost(f"the run of slot {slot.name} is gone from the state")
        runs.start_step(connection, run.id, name, clock.now())
    step: Callable[[Context], Done] = import_module(f"daemon.steps.{name}").run
    with shown.step(name) as report:
        done = step(Context(config, engine, clock, run, _stoppable(report, clock)))
    with write(engine) as connection:
        outcome = {
            "state": "done",
            "rows": done.rows,
            "input_digest": done.input_digest,
            "output_digest": done.output_digest,
        }
        runs.end_step(connection, run.id, name, clock.now(), outcome)
    structlog.get_logger().info(
        Event.STEP_FINISHED, slot=slot.name, step=name, rows=done.rows, duration_s=watch.seconds()
    )


def _stoppable(report: Report, clock: Clock) -> Report:
    """A report that ends its step when the process is asked to stop: every step may be left anywhere."""

    def checked(share: float, doing: str) -> None:
        if clock.is_stopping():
            raise Stopped(STOPPED)
        report(share, doing)

    return checked


def _fail(engine: Engine, clock: Clock, run: runs.Run, step: str, error: Exception, again: bool) -> runs.Run:
    """again: whether the daemon tries the slot again by itself."""
    foreseen = isinstance(error, FORESEEN)
    said = str(error) if foreseen else f"{type(error).__name__}: {error}"
    with write(engine) as connection:
        runs.end_step(connection, run.id, step, clock.now(), {"state": "failed", "error": said})
        runs.finish(connection, run.id, "failed", f"{step}: {said}", clock.now())
        book.settle(connection, "run", [_failure(run, step, said, again)], run.id, clock.now())
    structlog.get_logger().error(
        Event.RUN_FAILED, slot=run.slot, step=step, error=said, exc_info=None if foreseen else error
    )
    return replace(run, state="failed", reason=f"{step}: {said}")


def _failure(run: runs.Run, step: str, said: str, again: bool) -> book.Alert:
    by_itself = "the daemon tries again, or " if again else "no daemon tries a run by hand again; "
    return book.Alert(
        key=step,
        severity="critical",
        title=f"The cycle of {run.slot} failed at {step}",
        what=said,
        cause="see the reason; steps before it are done and will not be repeated",
        held_back="every step after it; Salesforce keeps the last values",
        to_do=f"mend the cause; {by_itself}run: maturityd cycle --slot {run.slot}",
    )
