"""`run`, the daemon, and `cycle`, one run by hand."""

import signal
from typing import Annotated

import structlog
import typer

from daemon import scheduler
from daemon.alerts.channels import receivers
from daemon.alerts.deliver import deliver
from daemon.cli.options import DEFAULT_CONFIG, ConfigPath, shown_steps
from daemon.clock import Clock, SystemClock
from daemon.compose import open_state
from daemon.config import load
from daemon.cycle import run_slot
from daemon.errors import LeaseLost, StateLost, Stopped
from daemon.events import Event
from daemon.exits import Exit
from daemon.lease import lease
from daemon.slots import Schedule, Slot, parse_slot


def register(app: typer.Typer) -> None:
    app.command()(run)
    app.command()(cycle)


def run(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Run the daemon: a cycle at each slot, until SIGTERM."""
    settings = load(config)
    engine = open_state(settings)
    clock = SystemClock()
    schedule = settings.schedule.schedule()

    def tick() -> None:
        try:
            look()
        except StateLost as error:
            structlog.get_logger().warning(Event.STATE_LOST, reason=str(error))

    def look() -> None:
        with lease(engine, clock) as held:
            if held is None:
                return
            found = scheduler.due(held, schedule, clock.now())
            scheduler.skip_missed(held, found.missed, clock.now())
            deliver(held, clock, receivers(settings))  # the run may end what is not told yet
            if found.slot is not None:
                try:
                    run_slot(settings, held, clock, found.slot, shown_steps())
                except (LeaseLost, Stopped) as error:
                    structlog.get_logger().warning(Event.RUN_LEFT, slot=found.slot.name, reason=str(error))
            deliver(held, clock, receivers(settings))

    scheduler.run_forever(tick, clock.stopping)


def cycle(
    config: ConfigPath = DEFAULT_CONFIG,
    slot: Annotated[
        str | None,
        typer.Option(
            help="Local due time (2026-11-23T06:30; of a run by hand 2026-11-23T10:15:07); default: now."
        ),
    ] = None,
) -> None:
    """Run one cycle now: of the given slot, resumed if it was left, or of this moment."""
    settings = load(config)
    clock = SystemClock()
    schedule = settings.schedule.schedule()
    try:
        chosen = parse_slot(slot, schedule) if slot else _this_moment(clock, schedule)
    except ValueError as error:
        raise typer.BadParameter(
            f"{error}; write a slot like 2026-11-23T06:30", param_hint="--slot"
        ) from error
    signal.signal(signal.SIGTERM, lambda *_: clock.stopping.set())
    engine = open_state(settings)
    with lease(engine, clock) as held:
        if held is None:
            raise LeaseLost("the daemon is running and holds the lease; it runs its slots by itself")
        finished = run_slot(settings, held, clock, chosen, shown_steps())
        deliver(held, clock, receivers(settings))
    if finished.state == "failed":
        raise typer.Exit(Exit.FAILED)


def _this_moment(clock: Clock, schedule: Schedule) -> Slot:
    """A slot of its own, between those of the schedule, named by the second."""
    now = clock.now().replace(microsecond=0)
    return Slot(now.astimezone(schedule.timezone).strftime("%Y-%m-%dT%H:%M:%S"), now)
