"""Which forecast serves an account: chosen on held-back windows, slow to leave the fleet's best."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from models.forecast.baselines import weekday_median
from models.forecast.lstm import Network
from models.forecast.metrics import row_mean
from models.forecast.panel import Floats, UsagePanel
from models.forecast.paths import Paths
from models.forecast.predict import lstm
from models.forecast.settings import ForecastSettings

LSTM = "lstm"
MEAN = "lstm+weekday_median"
PROFILE = "weekday_median"
STOPPED = "stopped"
NONE = "none"
CANDIDATES = (PROFILE, MEAN, LSTM)

LEAST_WINDOWS = 3
"""Held-back windows in which an account must do better to leave the fleet's forecast."""
CLEARLY_BETTER = 0.85
"""Its error there, as a share of the fleet forecast's."""
STOPPED_DAYS = 14
"""Measured zeros in a row that end an account which had few zeros before."""


def candidates(
    networks: Sequence[Network], yearly: bool, panel: UsagePanel, settings: ForecastSettings
) -> dict[str, Paths]:
    """What may serve, for the days after the panel."""
    profile = weekday_median(panel, settings.horizon_days)
    network = lstm(networks, yearly, panel, settings)
    mean = Paths(
        *((getattr(profile, part) + getattr(network, part)) / 2 for part in ("median", "low", "high"))
    )
    return {PROFILE: profile, MEAN: mean, LSTM: network}


def choose(errors: Mapping[str, Floats]) -> tuple[str, ...]:
    """Which candidate serves each account.

    errors: per candidate (windows, accounts), scaled so that accounts compare; NaN = not judged.
    returns: the fleet's best, but for accounts with another clearly better in every window.
    """
    names = [name for name in CANDIDATES if name in errors]
    stacked: Floats = np.stack([errors[name] for name in names])
    together = np.isfinite(stacked).all(axis=0)
    if not together.any():
        return (PROFILE,) * int(stacked.shape[2])
    stacked = np.where(together, stacked, np.nan).astype(np.float32)
    fleet = int(np.argmin(row_mean(stacked.reshape(len(names), -1))))
    own = row_mean(np.swapaxes(stacked, 1, 2))
    best = np.argmin(np.where(np.isfinite(own), own, np.inf), axis=0)
    accounts = np.arange(stacked.shape[2])
    always = (stacked[best, :, accounts] < stacked[fleet].T).sum(axis=1) >= LEAST_WINDOWS
    leaves = always & together.all(axis=0) & (own[best, accounts] < CLEARLY_BETTER * own[fleet])
    return tuple(names[number] for number in np.where(leaves, best, fleet))


def serve(
    found: Mapping[str, Paths], chosen: Sequence[str], panel: UsagePanel
) -> tuple[Paths, tuple[str, ...]]:
    """One path per account, and who made it.

    Accounts that the chosen candidate does not serve get their profile; those that stopped get zero
    with the profile's upper end, for they may come back; those never measured get NaN and NONE.
    """
    parts = {part: getattr(found[PROFILE], part).copy() for part in ("median", "low", "high")}
    served_by = np.where(found[PROFILE].serves, PROFILE, NONE).astype(object)
    for name in (MEAN, LSTM):
        rows = np.flatnonzero((np.array(chosen) == name) & found[name].serves)
        served_by[rows] = name
        for part, values in parts.items():
            values[rows] = getattr(found[name], part)[rows]
    rows = np.flatnonzero(stopped(panel.values))
    served_by[rows] = STOPPED
    parts["median"][rows] = 0
    parts["low"][rows] = 0
    return Paths(**parts), tuple(served_by)


def stopped(values: Floats) -> NDArray[np.bool_]:
    """(accounts,) whether use ended: two weeks of measured zeros where zeros were rare before."""
    last = values[:, -STOPPED_DAYS:]
    before = values[:, -STOPPED_DAYS - 56 : -STOPPED_DAYS]
    was_used = row_mean((before > 0).astype(np.float32)) > 0.5
    return np.array(was_used & (last == 0).all(axis=1))
