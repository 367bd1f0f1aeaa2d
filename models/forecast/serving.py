"""Which forecast serves an account: chosen on held-back windows, slow to leave the fleet's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from models.forecast.baselines import weekday_median
from models.forecast.judging.metrics import row_mean
from models.forecast.network.lstm import Network
from models.forecast.network.predict import lstm
from models.forecast.panel import Floats, UsagePanel
from models.forecast.paths import Paths
from models.forecast.pieces import by_row
from models.forecast.settings import PROFILE_DAYS, ForecastSettings

LSTM = "lstm"
MEAN = "lstm+weekday_median"
PROFILE = "weekday_median"
STOPPED = "stopped"
NONE = "none"
CANDIDATES = (PROFILE, MEAN, LSTM)

LEAST_WINDOWS = 3
"""Held-back windows without which no account leaves the fleet's forecast."""
LEAST_ACCOUNTS = 20
"""Accounts from which the network may serve alone: the windows of fewer are hardly more than one draw."""
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


@dataclass(frozen=True)
class Preference:
    """What serves the fleet, and whether accounts may leave it for another that is clearly better for them.

    It comes from, and takes, errors per candidate: (windows, accounts), scaled so that accounts compare;
    NaN = not judged.
    """

    fleet: str
    leaving: bool

    @classmethod
    def of(cls, errors: Mapping[str, Floats]) -> "Preference":
        """Accounts may leave where such accounts did better in the window that had no say."""
        stacked = _stacked(errors)
        if not np.isfinite(stacked).any():
            return cls(PROFILE, leaving=False)
        fleet = _fleet(stacked)
        return cls(CANDIDATES[fleet], _leaving_pays(stacked, fleet))

    def choose(self, errors: Mapping[str, Floats]) -> tuple[str, ...]:
        """Which candidate serves each account: the fleet's, unless another is better in every window."""
        fleet = CANDIDATES.index(self.fleet)
        best, leaves = _leaving(_stacked(errors), fleet)
        return tuple(CANDIDATES[number] for number in np.where(leaves & self.leaving, best, fleet))


def _stacked(errors: Mapping[str, Floats]) -> Floats:
    """(candidates, windows, accounts), NaN where any was not judged."""
    stacked: Floats = np.stack([errors[name] for name in CANDIDATES])
    together = np.isfinite(stacked).all(axis=0)
    return np.where(together, stacked, np.nan).astype(np.float32)


def _leaving(errors: Floats, fleet: int) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """(accounts,) own best candidate, and whether it is clearly better in every window.

    errors: (candidates, windows, accounts).
    """
    own = row_mean(np.swapaxes(errors, 1, 2))
    best = np.argmin(np.where(np.isfinite(own), own, np.inf), axis=0)
    accounts = np.arange(errors.shape[2])
    always = (errors[best, :, accounts] < errors[fleet].T).all(axis=1)
    return best, always & (own[best, accounts] < CLEARLY_BETTER * own[fleet])


def _leaving_pays(errors: Floats, fleet: int) -> bool:
    """Whether accounts that would leave by all windows but one do better in that one, beyond noise."""
    windows = errors.shape[1]
    if windows < LEAST_WINDOWS:
        return False
    gains = []
    for left_out in range(windows):
        best, leaves = _leaving(np.delete(errors, left_out, axis=1), fleet)
        rows = np.flatnonzero(leaves & np.isfinite(errors[:, left_out]).all(axis=0))
        gains.append(errors[fleet, left_out, rows] - errors[best[rows], left_out, rows])
    gain = np.concatenate(gains).astype(np.float64)
    return beyond_noise(gain)


def _fleet(errors: Floats) -> int:
    """The candidate for all: the mean, unless held-back windows speak for one of its two parts alone.

    The mean of two unlike forecasts is seldom far off where one of them fails, so it needs no proof. The
    profile takes its place where it was better in every window: it can do no harm. The network must be
    better beyond noise as well, on LEAST_ACCOUNTS. Accounts are the sample, since windows overlap; but what
    moves all accounts at once shows in the windows only.

    errors: (candidates, windows, accounts), in the order of CANDIDATES.
    source: Bates & Granger 1969, on combining forecasts
    """
    profile, mean, network = range(len(CANDIDATES))
    own = row_mean(np.swapaxes(errors, 1, 2))
    own = own[:, np.isfinite(own).all(axis=0)]
    windows = row_mean(errors)

    def always_better(one: int, other: int) -> bool:
        return bool((windows[one] < windows[other]).all())

    if always_better(profile, mean):
        return profile
    many = own.shape[1] >= LEAST_ACCOUNTS
    if many and always_better(network, mean) and beyond_noise(own[mean] - own[network]):
        return network
    return mean


def beyond_noise(differences: NDArray[np.floating]) -> bool:
    """Whether their mean is above zero, as sure as SURE; a single one never is.

    source: Student's one-sided t test
    """
    n = len(differences)
    if n < 2:
        return False
    bound = student.ppf(SURE, n - 1) * differences.std(ddof=1) / n**0.5
    return bool(differences.mean() > bound)


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
    return np.asarray(by_row(_stopped_from, values))


def _stopped_from(values: Floats) -> NDArray[np.intp]:
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
