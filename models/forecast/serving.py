"""Which forecast serves an account: chosen on held-back windows, slow to leave the fleet's best."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from models.forecast.baselines import weekday_median
from models.forecast.lstm import Network
from models.forecast.metrics import row_mean
from models.forecast.panel import Floats, UsagePanel
from models.forecast.paths import Paths
from models.forecast.predict import lstm
from models.forecast.settings import PROFILE_DAYS, ForecastSettings

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
SURE = 0.95
"""How sure the fleet's forecast must be to beat a simpler one."""
STOPPED_DAYS = 14
"""Measured zeros without any use that end an account which had few zeros before."""


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
    returns: the fleet's best, or what is simpler and as good within noise; but for accounts with
        another clearly better in every window.
    """
    names = [name for name in CANDIDATES if name in errors]
    stacked: Floats = np.stack([errors[name] for name in names])
    together = np.isfinite(stacked).all(axis=0)
    if not together.any():
        return (PROFILE,) * int(stacked.shape[2])
    stacked = np.where(together, stacked, np.nan).astype(np.float32)
    fleet = _simplest_of_best(stacked)
    own = row_mean(np.swapaxes(stacked, 1, 2))
    best = np.argmin(np.where(np.isfinite(own), own, np.inf), axis=0)
    accounts = np.arange(stacked.shape[2])
    always = (stacked[best, :, accounts] < stacked[fleet].T).sum(axis=1) >= LEAST_WINDOWS
    leaves = always & together.all(axis=0) & (own[best, accounts] < CLEARLY_BETTER * own[fleet])
    return tuple(names[number] for number in np.where(leaves, best, fleet))


def _simplest_of_best(errors: Floats) -> int:
    """First candidate that the best one does not beat beyond noise and in every window.

    errors: (candidates, windows, accounts), simplest first. Accounts are the sample, since windows overlap;
        but what moves all accounts at once shows in the windows only. Noise: the one-sided 95 % bound of
        Student's t on paired differences, which asks more of ten series than of a thousand.
    """
    own = row_mean(np.swapaxes(errors, 1, 2))
    judged = own[:, np.isfinite(own).all(axis=0)].astype(np.float64)
    best = np.argmin(judged.mean(axis=1))
    excess = judged - judged[best]
    accounts = judged.shape[1]
    if accounts > 1:
        noise = student.ppf(SURE, accounts - 1) * excess.std(axis=1, ddof=1) / accounts**0.5
    else:
        noise = np.full(len(judged), np.inf)
    windows = row_mean(errors)
    always = (windows > windows[best]).all(axis=1)
    return int(np.argmax((excess.mean(axis=1) <= noise) | ~always))


def serve(
    found: Mapping[str, Paths], chosen: Sequence[str], panel: UsagePanel
) -> tuple[Paths, tuple[str, ...]]:
    """One path per account, and who made it.

    Accounts that the chosen candidate does not serve get their profile; those that stopped get zero
    with the profile's upper end, for they may come back; those not measured lately get NaN and NONE.
    """
    parts = {part: getattr(found[PROFILE], part).copy() for part in ("median", "low", "high")}
    served_by = np.where(found[PROFILE].serves, PROFILE, NONE).astype(object)
    for name in (MEAN, LSTM):
        rows = np.flatnonzero((np.array(chosen) == name) & found[name].serves)
        served_by[rows] = name
        for part, values in parts.items():
            values[rows] = getattr(found[name], part)[rows]
    rows = np.flatnonzero(stopped_from(panel.values) < panel.days)
    served_by[rows] = STOPPED
    parts["median"][rows] = 0
    parts["low"][rows] = 0
    return Paths(**parts), tuple(served_by)


def stopped_from(values: Floats) -> NDArray[np.intp]:
    """(accounts,) first column after use ended; the number of columns where it did not.

    Ended: at least STOPPED_DAYS measured zeros and nothing else since, where zeros were rare before.
    """
    if values.shape[1] == 0:
        return np.zeros(len(values), dtype=np.intp)
    columns = np.arange(values.shape[1])
    used = np.nan_to_num(values) > 0
    newest_first = used[:, ::-1]
    first = np.where(used.any(axis=1), len(columns) - newest_first.argmax(axis=1), 0)[:, None]
    zeros = ((values == 0) & (columns >= first)).sum(axis=1)
    before = (columns < first) & (columns >= first - PROFILE_DAYS) & np.isfinite(values)
    often = (used & before).sum(axis=1) > 0.5 * before.sum(axis=1)
    return np.asarray(np.where(often & (zeros >= STOPPED_DAYS), first[:, 0], values.shape[1]))
