"""The prepared rows of what customers do beside the product: visits, learning, tickets, surveys."""

from datetime import datetime

import ibis.expr.types as ir

from models.features.expressions import before, counted, within
from models.tables import Facts


def activity(facts: Facts, cut: datetime) -> ir.Table:
    """One row per activity before the cut: account_id, kind, value, age_days.

    An account with any activity is known to the source: what it has none of is then a measured zero.
    """
    return before(facts.activity, cut).select("account_id", "kind", "value", "age_days")


def times(rows: ir.Table, kind: str, days: int, until: int = 0) -> ir.IntegerScalar:
    """How many activities of a kind the window holds."""
    return counted(within(rows, days, until) & (rows.kind == kind))


def amount(rows: ir.Table, kind: str, days: int, until: int = 0) -> ir.FloatingScalar:
    """Sum of the values of a kind in the window, 0 when it holds none."""
    return rows.value.sum(where=within(rows, days, until) & (rows.kind == kind)).fill_null(0.0)
