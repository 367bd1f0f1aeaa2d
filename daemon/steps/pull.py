"""pull: every source is landed as far as it goes, feedback first; then the run's cut is fixed."""

import structlog

from daemon.alerts import book
from daemon.context import Context, Done
from daemon.errors import DaemonError, LeaseLost, StateLost, Stopped
from daemon.events import Event
from daemon.lake.landing import land, sweep, watermark
from daemon.sources import Feed, feeds
from daemon.state import pulls, runs
from daemon.state.engine import read, write
from integrations.errors import IntegrationError

FORESEEN = (DaemonError, IntegrationError)
"""What a source may raise; its message is for ops as it stands. All else is a bug, and logged whole."""


def run(context: Context) -> Done:
    """A source that fails is put on record and left for the next slot; the others go on."""
    sweep(context.engine, context.config.path(context.config.lake.path), context.clock.now())
    with read(context.engine) as connection:
        finished = pulls.finished(connection, context.run.id)
    sources = feeds(context.config, context.clock)
    for number, feed in enumerate(sources):
        if feed.name not in finished:
            context.report(number / len(sources), feed.name)
            _pull(context, feed)
    with write(context.engine) as connection:
        runs.set_cut(connection, context.run.id, context.clock.now())
        results = pulls.of_run(connection, context.run.id)
        book.settle(
            connection,
            "pull",
            [_alert(each) for each in results if each.error],
            context.run.id,
            context.clock.now(),
        )
    return Done(sum(each.rows for each in results))


def _pull(context: Context, feed: Feed) -> None:
    lake = context.config.path(context.config.lake.path)
    rows = rejected = 0
    error: str | None = None
    try:
        source = feed.open()
        for batch in source.pull(watermark(context.engine, feed.name)):
            landed = land(
                context.engine, lake, feed.name, batch, context.clock.now(), feed.lag, context.run.id
            )
            rows += landed.rows
            rejected += landed.rejected
            context.report(0.0, f"{feed.name}: {rows:,} rows")
    except (LeaseLost, StateLost, Stopped):
        raise
    except Exception as problem:
        if context.clock.is_stopping():  # it ended a wait, and the pull with it
            raise Stopped(f"asked to stop; {feed.name} is pulled again at the next start") from problem
        foreseen = isinstance(problem, FORESEEN)
        error = str(problem) if foreseen else f"{type(problem).__name__}: {problem}"
        structlog.get_logger().warning(
            Event.SOURCE_FAILED, source=feed.name, error=error, exc_info=None if foreseen else problem
        )
    with write(context.engine) as connection:
        pull = pulls.Pull(feed.name, rows, rejected, error, context.clock.now())
        pulls.record(connection, context.run.id, pull)
    if error is None:
        structlog.get_logger().info(Event.SOURCE_PULLED, source=feed.name, rows=rows, rejected=rejected)


def _alert(pull: pulls.Pull) -> book.Alert:
    return book.Alert(
        key=pull.source,
        severity="warning",
        title=f"The source {pull.source} could not be pulled",
        what=pull.error or "",
        cause="see the reason; it is in the other system's own words",
        held_back="its new rows; ratings go on with what is there, until the source's max_staleness_h",
        to_do="mend it; the next slot takes in everything since",
    )
