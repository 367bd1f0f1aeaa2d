"""Arithmetic that features share, kept to what every engine computes alike.

Rows have `age_days`: 1 is the last complete day for daily rows; for events it is the time before the
cut, above 0. So `within(rows, 28)` is the window [cut - 28 days, cut) for both.
"""

from datetime import UTC, datetime

import ibis
import ibis.expr.types as ir

PERIOD = {7: "the last week", 28: "the last 4 weeks", 90: "the last 90 days", 365: "the last year"}
"""Windows as reps say them, by days."""

DAY_S = 86_400

LEAST_DAYS = 10
"""Days of use that a share of usage over 90 days rests on at least: two Sundays make nobody a customer who
does all of its work on weekends (J)."""


def before(table: ir.Table, cut: datetime) -> ir.Table:
    """The events before the cut, with their age in days."""
    rows = table.mutate(event_at=table.event_at.cast("timestamp('UTC')"))
    rows = rows.filter(rows.event_at < instant(cut))
    return rows.mutate(age_days=(int(cut.timestamp()) - rows.event_at.epoch_seconds()) / DAY_S)


def instant(cut: datetime) -> ir.TimestampScalar:
    """The cut as a value in an expression."""
    return ibis.literal(cut.astimezone(UTC), type="timestamp('UTC')")


def day_of(cut: datetime) -> ir.DateScalar:
    """The UTC day of the cut, itself not complete, as a value in an expression."""
    return ibis.literal(cut.astimezone(UTC).date())


def newest(rows: ir.Table) -> ir.Table:
    """Each account's rows of its latest instant (more than one where a source dates two alike)."""
    latest = rows.event_at.max().over(ibis.window(group_by="account_id"))
    return rows.mutate(latest=latest).filter(lambda t: t.event_at == t.latest)


def within(rows: ir.Table, days: int, until: int = 0) -> ir.BooleanColumn:
    """Rows of the `days` days that end `until` days before the cut."""
    return (rows.age_days > until) & (rows.age_days <= until + days)


def ratio(part: ir.NumericValue, whole: ir.NumericValue) -> ir.NumericValue:
    """The quotient; missing where the divisor is zero (engines differ on that)."""
    return part.cast("float64") / whole.cast("float64").nullif(0.0)


def percent(part: ir.NumericValue, whole: ir.NumericValue) -> ir.NumericValue:
    """`part` in percent of `whole`; missing where that is zero."""
    return 100.0 * ratio(part, whole)


def resting_on(cases: ir.IntegerValue, least: int, value: ir.NumericValue) -> ir.NumericValue:
    """The value; missing unless it rests on so many cases: one of two is no share of half."""
    return ibis.ifelse(cases >= least, value.cast("float64"), ibis.null("float64"))


def change_percent(now: ir.NumericValue, then: ir.NumericValue) -> ir.NumericValue:
    """The change from `then` to `now` in percent of `then`; missing where that is zero."""
    return percent(now - then, then)


def counted(condition: ir.BooleanColumn) -> ir.IntegerScalar:
    """How many rows fulfil the condition; 0 when none does."""
    return condition.cast("int64").sum().fill_null(0)


def known_since(rows: ir.Table, days: int, value: ir.NumericValue) -> ir.NumericValue:
    """The value; missing unless the account's first row is so long ago: a source that starts is no growth."""
    return ibis.ifelse(rows.age_days.max() >= days, value.cast("float64"), ibis.null("float64"))


def mean_within(rows: ir.Table, column: ir.NumericColumn, days: int, until: int = 0) -> ir.NumericScalar:
    """Mean over the window's measured rows; missing unless half of the window's days were measured.

    For one row per account and day.
    """
    inside = within(rows, days, until)
    measured = counted(inside & column.notnull())
    return ibis.ifelse(measured * 2 >= days, column.mean(where=inside), ibis.null("float64"))
