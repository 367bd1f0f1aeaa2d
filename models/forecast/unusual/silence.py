"""Use that ended: told after two days where the account's past makes two silent days next to impossible."""

import numpy as np
from numpy.typing import NDArray

from models.forecast.panel import Floats, UsagePanel
from models.forecast.serving import stopped_from
from models.forecast.unusual.anomalies import STOP, Anomaly
from models.forecast.unusual.false_alarms import Rule
from models.forecast.unusual.habits import busy, habitual
from models.forecast.unusual.sizes import FLEET_ACCOUNTS
from models.forecast.unusual.view import View

FALSE_SHARE = 0.05
STOP_SHARE = 0.05
"""Of what was expected: a day with no more is silent."""
LEAST_EXPECTED = 1.0
TOLD_DAYS, SURE_DAYS = 2, 3
"""Silent days, of those that expected use, after which a stop is told, and after which it is sure."""
LONGER_THAN_BEFORE = 1.5
FLEET_SHARE = 0.5
"""Of many accounts, that share is not silent on one day but for the source."""


def stops(panel: UsagePanel, view: View, rule: Rule) -> dict[int, Anomaly]:
    """Accounts whose use ended, by row of the panel: long since, or in the view."""
    found = _recent(panel, view, rule)
    columns = stopped_from(panel.values)
    for row in np.flatnonzero(columns < panel.days):
        length = int(panel.days - columns[row])
        value = float(np.nan_to_num(panel.values[row, columns[row]]))
        found[int(row)] = Anomaly(STOP, panel.day(columns[row]), length, -1.0, 0.0, value, borne_out=True)
    return found


def _recent(panel: UsagePanel, view: View, rule: Rule) -> dict[int, Anomaly]:
    expected = np.nan_to_num(view.expected)
    asks = np.isfinite(view.actual) & _asks(expected) & ~view.muted
    used = np.isfinite(view.actual) & (view.actual > STOP_SHARE * expected)
    asks &= ~((asks & ~used).sum(axis=0) > FLEET_SHARE * asks.sum(axis=0)) | (len(asks) < FLEET_ACCOUNTS)
    last_use = np.where(used, np.arange(1, view.days + 1), 0).max(axis=1, initial=0)
    silent = asks & (np.arange(view.days) >= last_use[:, None])
    lengths = silent.sum(axis=1)
    suspects = np.flatnonzero(view.serves & (lengths >= TOLD_DAYS))
    chances = np.where(view.serves, 1.0, np.nan)
    for row in suspects:
        past = panel.values[[row], : panel.days - view.days + last_use[row]]
        chances[row] = _chance(past, int(lengths[row]))
    found = {}
    for row in suspects[rule(chances, FALSE_SHARE)[suspects]]:
        first = int(np.argmax(silent[row]))
        found[int(row)] = Anomaly(
            STOP,
            view.day(first),
            view.days - first,
            -1.0,
            float(chances[row]),
            value=float(view.actual[row, first]),
            borne_out=bool(lengths[row] >= SURE_DAYS),
        )
    return found


def _asks(expected: Floats) -> NDArray[np.bool_]:
    return np.asarray(busy(expected) & (expected >= LEAST_EXPECTED))


def _chance(past: Floats, length: int) -> float:
    """Of so many silent days in a row, by the account's past; 1 where it has had nearly as many.

    past: (1, days).
    """
    values, expected = (part[0] for part in habitual(past))
    asked = np.isfinite(values) & _asks(expected[None])[0]
    silent = values[asked] <= STOP_SHARE * expected[asked]
    breaks = np.flatnonzero(np.concatenate([[True], ~silent, [True]]))
    if length <= LONGER_THAN_BEFORE * (int(np.diff(breaks).max()) - 1):
        return 1.0
    return float(((silent.sum() + 1) / (len(silent) + 1)) ** length)
