"""What held-back windows teach: who serves each account, and how wide its intervals must be."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.forecast.baselines import seasonal_naive
from models.forecast.changes import Changes
from models.forecast.conformal import Bands, calibrate_widened
from models.forecast.judging.comparison import Comparison
from models.forecast.judging.metrics import mase_denominator
from models.forecast.judging.scores import SERVED, Evaluation, Judged, Timer
from models.forecast.network.model import ForecastModel
from models.forecast.panel import Floats, UsagePanel
from models.forecast.paths import Paths
from models.forecast.serving import CANDIDATES, LSTM, PROFILE, candidates, choose, serve
from models.forecast.settings import LONG_DAYS, ForecastSettings
from models.forecast.totals import TotalBands, calibrate_totals
from models.forecast.unusual.surprise import Surprise

WINDOWS = 3
"""Origins in the held-back days, evenly apart; the oldest sees the longest horizon."""
LEAST_AHEAD = 14


@dataclass(frozen=True, eq=False)
class Backtest:
    """Lessons of the held-back days.

    chosen: per account, who serves it. widths: (accounts,) how much wider its band must be than the
        fleet's. bands, totals, changes: intervals of the served forecasts, so widened, of their totals and
        of changes against the past.
        surprise: how rare errors of each size are. evaluation: all models beside each other.
    """

    chosen: tuple[str, ...]
    widths: Floats
    bands: Bands
    totals: TotalBands
    changes: Changes
    surprise: Surprise
    evaluation: Evaluation


@dataclass(frozen=True, eq=False)
class _Window:
    """One origin in the held-back days: what each candidate said there, and what happened."""

    past: UsagePanel
    actual: Floats
    found: Mapping[str, Paths]
    denominator: Floats

    def judged(self, paths: Paths) -> Judged:
        return Judged(paths, self.actual, self.denominator)

    def served(self, chosen: Sequence[str]) -> Paths:
        return serve(self.found, chosen, self.past)[0]

    def errors(self) -> dict[str, Floats]:
        return {name: self.judged(self.found[name]).scaled_error() for name in CANDIDATES}


def backtest(
    model: ForecastModel,
    panel: UsagePanel,
    settings: ForecastSettings,
    seed: int,
    timer: Timer = time.perf_counter,
) -> Backtest:
    """Judge the held-back networks and every baseline on days that no training saw.

    seed: draws the accounts on which the slow baselines run.
    """
    started = timer()
    windows = _windows(model, panel, settings)
    seconds = timer() - started
    chosen = _choose(windows, panel)
    served = [(window.served(chosen), window.actual) for window in windows]
    widths, bands = calibrate_widened(served, len(panel.account_ids))
    widened = [(paths.widened(widths), actual) for paths, actual in served]
    return Backtest(
        chosen=chosen,
        widths=widths,
        bands=bands,
        totals=calibrate_totals(widened),
        changes=Changes.of([(window.past, *pair) for window, pair in zip(windows, widened, strict=True)]),
        surprise=_surprise(panel, windows, served),
        evaluation=_compare(windows, settings, seed, seconds, timer),
    )


def _windows(model: ForecastModel, panel: UsagePanel, settings: ForecastSettings) -> list[_Window]:
    held = (panel.until - model.held_from).days
    windows = []
    for ahead in origins(held):
        past = panel.before(panel.days - ahead)
        actual = panel.values[:, past.days :][:, : settings.horizon_days]
        found = candidates(model.held, model.yearly, past, settings)
        seen = {name: paths.first(actual.shape[1]) for name, paths in found.items()}
        windows.append(_Window(past, actual, seen, mase_denominator(past.values)))
    return windows


def origins(held: int) -> list[int]:
    """How many days before the panel's end each window begins, the longest first."""
    aheads = [held - held * number // WINDOWS for number in range(WINDOWS)]
    return [ahead for ahead in aheads if ahead >= LEAST_AHEAD]


def _surprise(
    panel: UsagePanel, windows: Sequence[_Window], served: Sequence[tuple[Paths, Floats]]
) -> Surprise:
    """Without the newest days, on which anomalies are looked for."""
    quiet = panel.before(max(panel.days - LONG_DAYS, 0))
    days = [quiet.days - window.past.days for window in windows]
    each = zip(windows, served, days, strict=True)
    return Surprise.of(
        quiet, [(one.past, paths.first(ahead)) for one, (paths, _), ahead in each if ahead > 0]
    )


def _choose(windows: Sequence[_Window], panel: UsagePanel) -> tuple[str, ...]:
    if not windows:
        return (PROFILE,) * len(panel.account_ids)
    errors = [window.errors() for window in windows]
    return choose({name: np.stack([found[name] for found in errors]) for name in CANDIDATES})


def _compare(
    windows: Sequence[_Window], settings: ForecastSettings, seed: int, seconds: float, timer: Timer
) -> Evaluation:
    """Table over the windows; each is served and calibrated by what the others taught."""
    table = Comparison(settings.horizon_days, seed)
    for number, window in enumerate(windows):
        others = [other for index, other in enumerate(windows) if index != number] or windows
        chosen = _choose(others, window.past)
        taught = [(other.served(chosen), other.actual) for other in others]
        widths, bands = calibrate_widened(taught, len(chosen))
        served = bands.around(window.served(chosen).widened(widths)).as_paths()
        table.add(SERVED, window.judged(served), seconds / len(windows))
        table.add(LSTM, window.judged(window.found[LSTM]), seconds / len(windows))
        table.add(PROFILE, window.judged(window.found[PROFILE]))
        table.run("seasonal_naive", seasonal_naive, window.past, window.judged(window.found[PROFILE]), timer)
    if windows:
        table.run_slow(windows[0].past, windows[0].judged(windows[0].found[PROFILE]), settings, timer)
    return table.table()
