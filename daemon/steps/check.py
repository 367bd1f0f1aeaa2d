"""check: whether each source gave as much, and as fresh, as it uses to, before anything is built on it."""

from datetime import timedelta

from daemon.alerts import book
from daemon.context import Context, Done
from daemon.state import pulls
from daemon.state.engine import read, write
from models.monitoring.fact_checks import FactAlarm, fact_freshness, fact_volume


def run(context: Context) -> Done:
    """Alarms are told and hold nothing back: what is missing stays missing in the features."""
    with read(context.engine) as connection:
        landed = pulls.of_run(connection, context.run.id)
        usual = pulls.rows_before(connection, context.run.id, context.run.slot)
        newest = pulls.newest_events(connection)
    alarms = []
    for pull in landed:
        table = context.config.sources.get(pull.source)
        if pull.error or table is None:
            continue
        volume = fact_volume(
            pull.source, pull.rows, usual.get(pull.source, []), context.config.monitoring.min_volume_share
        )
        fresh = fact_freshness(
            pull.source, newest.get(pull.source), context.cut, timedelta(hours=table.max_staleness_h)
        )
        alarms += [alarm for alarm in (volume, fresh if pull.source in newest else None) if alarm]
    with write(context.engine) as connection:
        book.settle(
            connection, "volume", [_alert(alarm) for alarm in alarms], context.run.id, context.clock.now()
        )
    return Done(sum(pull.rows for pull in landed))


def _alert(alarm: FactAlarm) -> book.Alert:
    if alarm.kind == "stale":
        what = f"its newest row is {alarm.now:.0f} h old; {alarm.threshold:.0f} h are allowed"
    else:
        what = f"{alarm.now:,.0f} new rows, where {alarm.before:,.0f} are usual at this hour"
    return book.Alert(
        key=f"{alarm.fact} {alarm.kind}",
        severity="warning",
        title=f"The source {alarm.fact} is {'stale' if alarm.kind == 'stale' else 'short of rows'}",
        what=what,
        cause="the other system's load is late, partial or has stopped",
        held_back="nothing yet; past max_staleness_h ratings are marked stale",
        to_do="look at that system's last load; rows that come late are taken in by themselves",
    )
