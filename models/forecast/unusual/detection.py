"""Actuals that the forecast before them did not allow, by account; and the source's own faults."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import numpy as np

from models.forecast.panel import UsagePanel
from models.forecast.profile import median
from models.forecast.settings import WEEK
from models.forecast.unusual.anomalies import SUSTAINED, Anomaly, Incident
from models.forecast.unusual.breadth import BREADTH_DAYS, named
from models.forecast.unusual.false_alarms import Rule, accepted, suspected
from models.forecast.unusual.lasting import sustained
from models.forecast.unusual.odd_days import odd_days
from models.forecast.unusual.silence import stops
from models.forecast.unusual.sizes import beyond, of_all
from models.forecast.unusual.surprise import Surprise
from models.forecast.unusual.view import View

RARE_FAULT = 1e-3
"""Chance of a day that is the source's fault: in some fleets all accounts move together of themselves."""
LONGEST_FAULT_DAYS = 10
"""What is older is no fault any more: it is where usage stands now."""
FAULT_GAP_DAYS = 3
"""A weekend, on which little shows, is no end of a fault."""


def incidents(view: View, surprise: Surprise) -> tuple[Incident, ...]:
    """Days on which the median account left its interval, as it seldom does, and not all the week before.

    A fault that goes on is compared with the week before it began, until it is LONGEST_FAULT_DAYS old.
    """
    found: list[Incident] = []
    sizes = of_all(view.sizes)
    begun, newest = -LONGEST_FAULT_DAYS, -LONGEST_FAULT_DAYS
    for column in range(view.days):
        goes_on = column - newest <= FAULT_GAP_DAYS and column - begun < LONGEST_FAULT_DAYS
        start = begun if goes_on else column
        level = np.nan_to_num(median(sizes[max(start - WEEK, 0) : start]))
        off = beyond(sizes[[column]], level)
        if abs(off[0]) > 1 and surprise.fleet.chance(off[None])[0, 0] < RARE_FAULT:
            found.append(Incident(view.day(column), float(off[0])))
            begun, newest = start, column
    return tuple(found)


def anomalies(
    panel: UsagePanel,
    recent: View,
    long: View,
    surprise: Surprise,
    breadths: Mapping[str, UsagePanel],
    rule: Rule = accepted,
) -> tuple[tuple[Anomaly, ...], ...]:
    """Anomalies of each account of the panel, oldest first.

    breadths: users, technologies, repositories of the same accounts, as far as known. rule: what is
        raised of all that is rare.
    """
    found = odd_days(panel, recent, surprise, rule)
    for row, change in _lasting(panel, recent, long, surprise, rule).items():
        found[row] = sorted([*_apart(found.get(row, []), change), change], key=lambda one: one.day)
    return _each(found, panel, breadths)


def suspects(
    panel: UsagePanel, recent: View, long: View, surprise: Surprise, breadths: Mapping[str, UsagePanel]
) -> tuple[tuple[Anomaly, ...], ...]:
    """All that some rule may raise, of each account; within a lasting change only what is rarer than it."""
    found = odd_days(panel, recent, surprise, suspected)
    for row, change in _lasting(panel, recent, long, surprise, suspected).items():
        odd = found.get(row, [])
        apart = _apart(odd, change)
        found[row] = [*(one for one in odd if one in apart or one.chance < change.chance), change]
    return _each(found, panel, breadths)


def _lasting(
    panel: UsagePanel, recent: View, long: View, surprise: Surprise, rule: Rule
) -> dict[int, Anomaly]:
    lasting = stops(panel, long, rule)
    for view in (recent, long):
        for row, change in sustained(panel, view, surprise, rule).items():
            lasting.setdefault(row, change)
    return lasting


def _each(
    found: Mapping[int, Sequence[Anomaly]], panel: UsagePanel, breadths: Mapping[str, UsagePanel]
) -> tuple[tuple[Anomaly, ...], ...]:
    near = panel.newest(BREADTH_DAYS)
    broad = {name: each.over(near) for name, each in breadths.items()}
    return tuple(
        tuple(named(one, near, row, broad) for one in found.get(row, ()))
        for row in range(len(panel.account_ids))
    )


def _apart(odd: Sequence[Anomaly], lasting: Anomaly) -> list[Anomaly]:
    """The odd days that are not a part of a lasting change: over before it, or once it had settled."""
    settled = lasting.day + timedelta(days=WEEK if lasting.kind == SUSTAINED else lasting.days)
    return [one for one in odd if one.day + timedelta(days=one.days) <= lasting.day or one.day >= settled]
