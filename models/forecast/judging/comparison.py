"""Runs the baselines beside what serves, and puts all in one table."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from models.forecast.baselines import holt_winters, prophet
from models.forecast.judging.metrics import row_mean
from models.forecast.judging.scores import Evaluation, Judged, Timer, score
from models.forecast.panel import Floats, UsagePanel
from models.forecast.paths import Paths
from models.forecast.settings import ForecastSettings

STRATA = 6
"""Groups of accounts by size, from which the sample for the slow models is drawn evenly."""
RECENT_DAYS = 28

Forecaster = Callable[[UsagePanel, int], Paths]
SLOW: Mapping[str, Forecaster] = {"holt_winters": holt_winters, "prophet": prophet}


class Comparison:
    """Collects judged forecasts of several models and scores them beside each other."""

    def __init__(self, horizon: int, seed: int) -> None:
        self._horizon = horizon
        self._seed = seed
        self._judged: dict[str, list[Judged]] = {}
        self._seconds: dict[str, float] = {}
        self._skipped: dict[str, str] = {}

    def add(self, name: str, judged: Judged, seconds: float = 0.0) -> None:
        """One more window of a model; the first window of each is from the same origin."""
        self._judged.setdefault(name, []).append(judged)
        self._seconds[name] = self._seconds.get(name, 0.0) + seconds

    def run(self, name: str, forecaster: Forecaster, past: UsagePanel, truth: Judged, timer: Timer) -> None:
        """Forecast all accounts of `past` and judge it by what happened."""
        started = timer()
        paths = forecaster(past, truth.actual.shape[1])
        self.add(name, Judged(paths, truth.actual, truth.denominator), timer() - started)

    def run_slow(self, past: UsagePanel, truth: Judged, settings: ForecastSettings, timer: Timer) -> None:
        """Holt-Winters and Prophet on a fixed sample; the rest of their rows stay empty."""
        rows = slow_sample(past, settings.slow_sample, self._seed)
        for name, forecaster in SLOW.items():
            if len(rows):
                self.run(name, on_rows(rows, forecaster), past, truth, timer)
            else:
                self._skipped[name] = (
                    "no account has usage to run it on"
                    if settings.slow_sample
                    else "left out by the settings"
                )

    def table(self) -> Evaluation:
        """The evaluation of all that was added."""
        scores = {name: score(windows, self._seconds[name]) for name, windows in self._judged.items()}
        rows = self._common_rows()
        sample = {
            name: score([windows[0].take(rows)], self._seconds[name])
            for name, windows in self._judged.items()
            if len(rows)
        }
        n_series = max((one.n_series for one in scores.values()), default=0)
        return Evaluation(self._horizon, n_series, self._seed, scores, sample, self._skipped)

    def _common_rows(self) -> NDArray[np.intp]:
        served = [windows[0].paths.serves for windows in self._judged.values()]
        return np.flatnonzero(np.logical_and.reduce(served)) if served else np.empty(0, dtype=np.intp)


def slow_sample(panel: UsagePanel, size: int, seed: int) -> NDArray[np.intp]:
    """Rows of at most `size` accounts with usage, evenly over strata of size; the same for a seed."""
    level = row_mean(panel.values[:, -RECENT_DAYS:])
    used = np.flatnonzero(level > 0)
    if size == 0 or len(used) <= size:
        return used[:size]
    rng = np.random.default_rng(seed)
    strata = np.array_split(used[np.argsort(level[used], kind="stable")], min(STRATA, size))
    shuffled = [rng.permutation(stratum) for stratum in strata]
    turns = [stratum[turn] for turn in range(len(shuffled[0])) for stratum in shuffled if turn < len(stratum)]
    return np.sort(np.array(turns[:size], dtype=np.intp))


def on_rows(rows: NDArray[np.intp], forecaster: Forecaster) -> Forecaster:
    """The same on some of the accounts; the others are not served."""

    def run(panel: UsagePanel, horizon: int) -> Paths:
        found = forecaster(panel.take(rows), horizon)
        shape = (len(panel.account_ids), horizon)
        return Paths(*(_scattered(part, rows, shape) for part in (found.median, found.low, found.high)))

    return run


def _scattered(part: Floats, rows: NDArray[np.intp], shape: tuple[int, int]) -> Floats:
    full = np.full(shape, np.nan, dtype=np.float32)
    full[rows] = part
    return full
