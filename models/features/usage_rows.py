"""The prepared rows of usage: by day, and by technology."""

from datetime import UTC, datetime

import ibis
import ibis.expr.types as ir

from models.features.expressions import counted, day_of, within
from models.tables import Facts

LOOKBACK_DAYS = 56 * 7
"""A year and four weeks: whole weeks, so that weekdays of both years fall together."""


def usage_rows(facts: Facts, cut: datetime) -> ir.Table:
    """Usage of complete days before the cut, as landed. `age_days` 1 is the day before the cut's."""
    rows = facts.usage_daily.mutate(age_days=day_of(cut).delta(facts.usage_daily.day, unit="day"))
    return rows.filter(rows.age_days >= 1)


def usage_by_day(facts: Facts, cut: datetime) -> ir.Table:
    """One row per account and day since the account's first usage, at most LOOKBACK_DAYS back.

    Columns: account_id, age_days, events and repositories (of all technologies), users (of the technology
        with the most, since one person may use several), weekend (Saturday, Sunday).
    A day without a row of this account is a measured zero, once the source delivered that day for any
    account; a day it delivered for nobody has no row. A value that the source never gives for an
    account, or gives as null that day, is null.
    """
    rows = usage_rows(facts, cut)
    measures = ("events", "users", "repositories")
    span = rows.group_by("account_id").aggregate(
        first_days=rows.age_days.max(), **{f"{name}_known": rows[name].count() for name in measures}
    )
    recent = rows.filter(rows.age_days <= LOOKBACK_DAYS)
    delivered = recent.select("age_days").distinct()
    measured = recent.group_by(["account_id", "age_days"]).aggregate(
        rows=recent.count(),
        events=recent.events.sum(),
        users=recent.users.max(),
        repositories=recent.repositories.sum(),
    )
    grid = span.join(delivered, delivered.age_days <= span.first_days)
    days = grid.left_join(measured, ["account_id", "age_days"])
    weekday = (cut.astimezone(UTC).weekday() + LOOKBACK_DAYS - days.age_days) % 7
    return days.select(
        "account_id",
        "age_days",
        weekend=weekday >= 5,
        **{
            name: ibis.ifelse(
                days.rows.isnull() & (days[f"{name}_known"] > 0), 0.0, days[name].cast("float64")
            )
            for name in measures
        },
    )


def usage_by_technology(facts: Facts, cut: datetime) -> ir.Table:
    """One row per account and technology of its whole past.

    Columns: account_id, technology, events_28d, events_90d, events_before_90d (of the 90 days before
        those), used_days_90d and used_days_before_90d (days of use in either window), last_used_days and
        first_used_days (days since the last and the first day of use; null where it was never used), days_90d
        and days_before_90d (how many days of either window the source delivered for any account).
    """
    rows = usage_rows(facts, cut)
    used = rows.group_by(["account_id", "technology"]).aggregate(
        events_28d=rows.events.sum(where=within(rows, 28)).fill_null(0.0),
        events_90d=rows.events.sum(where=within(rows, 90)).fill_null(0.0),
        events_before_90d=rows.events.sum(where=within(rows, 90, until=90)).fill_null(0.0),
        used_days_90d=_days_of_use(rows, 0),
        used_days_before_90d=_days_of_use(rows, 90),
        last_used_days=rows.age_days.min(where=rows.events > 0),
        first_used_days=rows.age_days.max(where=rows.events > 0),
    )
    delivered = rows.select("age_days").distinct()
    return used.cross_join(
        delivered.aggregate(
            days_90d=counted(within(delivered, 90)), days_before_90d=counted(within(delivered, 90, until=90))
        )
    )


def _days_of_use(rows: ir.Table, until: int) -> ir.IntegerScalar:
    """Days with an event in the 90 days that end so many days before the cut."""
    return rows.age_days.nunique(where=within(rows, 90, until=until) & (rows.events > 0))


def pauses(facts: Facts, cut: datetime) -> ir.Table:
    """One row per account and stretch of days without use among the measured ones of the last 90 days.

    Columns: account_id, days (in a row without use; 0 where use followed on use), measured (days, of the
        stretch and of the day of use before it).
    """
    days = usage_by_day(facts, cut)
    days = days.filter(within(days, 90) & days.events.notnull())
    idle = days.events <= 0
    order = ibis.window(group_by="account_id", order_by="age_days", preceding=None, following=0)
    stretches = days.mutate(idle=idle.cast("int64"), stretch=(~idle).cast("int64").sum().over(order))
    return stretches.group_by(["account_id", "stretch"]).aggregate(
        days=stretches.idle.sum(), measured=stretches.count()
    )
