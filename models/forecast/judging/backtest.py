"""What held-back windows teach: who serves each account, and how wide its intervals must be."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from models.forecast.baselines import seasonal_naive
from models.forecast.changes import Changes
from models.forecast.conformal import Bands, account_widths, calibrate_widened, own_errors
from models.forecast.judging.comparison import Comparison
from models.forecast.judging.metrics import mase_denominator
from models.forecast.judging.scores import SERVED, Evaluation, Judged, Timer
from models.forecast.network.model import ForecastModel
from models.forecast.panel import Floats, UsagePanel
from models.forecast.paths import Paths
from models.forecast.pieces import sample_first
from models.forecast.serving import CANDIDATES, LSTM, MEAN, PROFILE, Preference, candidates, serve
from models.forecast.settings import LONG_DAYS, ForecastSettings
from models.forecast.totals import TotalBands, calibrate_totals
from models.forecast.unusual.surprise import Surprise

WINDOWS = 3
"""Origins in the held-back days, evenly apart; the oldest sees the longest horizon."""
LEAST_AHEAD = 14


@dataclass(frozen=True, eq=False)
class Backtest:
    """Lessons of the held-back days.

    chosen: per account, who serves it. widths: (accounts,) how much wider its band must be than the fleet's.
    bands, totals, changes: intervals of the served forecasts, so widened, of their totals and of changes
    against the past. surprise: how rare errors of each size are. evaluation: all models beside each other.
    These five are learned from a sample of the accounts, see pieces.py.
    """

    chosen: tuple[str, ...]
    widths: Floats
    bands: Bands
    totals: TotalBands
    changes: Changes
    surprise: Surprise
    evaluation: Evaluation

    def take(self, rows: NDArray[np.intp]) -> "Backtest":
        """Those of some of the accounts."""
        chosen = tuple(self.chosen[row] for row in rows)
        return replace(self, chosen=chosen, widths=self.widths[rows])

    def hedged(self) -> "Backtest":
        """The same, but the mean serves wherever the network did: what held-back days proved is in doubt."""
        return replace(self, chosen=tuple(MEAN if name == LSTM else name for name in self.chosen))


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

    @cached_property
    def errors(self) -> Mapping[str, Floats]:
        return {name: self.judged(self.found[name]).scaled_error() for name in CANDIDATES}


@dataclass(frozen=True, eq=False)
class _Windows:
    """All origins of some accounts."""

    panel: UsagePanel
    each: Sequence[_Window]

    @property
    def accounts(self) -> int:
        return len(self.panel.account_ids)

    @classmethod
    def of(cls, model: ForecastModel, panel: UsagePanel, settings: ForecastSettings) -> "_Windows":
        windows = []
        for ahead in origins((panel.until - model.held_from).days):
            past = panel.before(panel.days - ahead)
            actual = panel.values[:, past.days :][:, : settings.horizon_days]
            found = candidates(model.held, model.yearly, past, settings)
            seen = {name: paths.first(actual.shape[1]) for name, paths in found.items()}
            windows.append(_Window(past, actual, seen, mase_denominator(past.values)))
        return cls(panel, windows)

    def without(self, number: int) -> "_Windows":
        """All but one, where there are others."""
        return replace(self, each=[*self.each[:number], *self.each[number + 1 :]] or self.each)

    @property
    def errors(self) -> dict[str, Floats]:
        """Per candidate, (windows, accounts)."""
        shape = (len(self.each), self.accounts)
        return {
            name: np.array([window.errors[name] for window in self.each], dtype=np.float32).reshape(shape)
            for name in CANDIDATES
        }

    def served(self, chosen: Sequence[str]) -> list[tuple[Paths, Floats]]:
        """What served in each window, and what happened."""
        return [(window.served(chosen), window.actual) for window in self.each]


@dataclass(frozen=True, eq=False)
class _Own:
    """What an account has for itself, as a Backtest has it."""

    chosen: NDArray[np.str_]
    widths: Floats


@dataclass(frozen=True, eq=False)
class _Fleet:
    """What a sample of the accounts teaches of all. usual: by how much the median account is off."""

    preference: Preference
    usual: float
    bands: Bands
    totals: TotalBands
    changes: Changes
    surprise: Surprise

    @classmethod
    def of(cls, windows: _Windows) -> "_Fleet":
        preference = Preference.of(windows.errors)
        served = windows.served(preference.choose(windows.errors))
        own = own_errors(served, windows.accounts)
        widths = account_widths(own, own.usual)
        widened = [(paths.widened(widths), actual) for paths, actual in served]
        pasts = [window.past for window in windows.each]
        return cls(
            preference=preference,
            usual=own.usual,
            bands=calibrate_widened(served, windows.accounts),
            totals=calibrate_totals(widened),
            changes=Changes.of([(past, *pair) for past, pair in zip(pasts, widened, strict=True)]),
            surprise=_surprise(windows.panel, windows.each, [paths for paths, _ in served]),
        )

    def own(self, windows: _Windows) -> _Own:
        """Of any accounts, by the same windows of them."""
        chosen = self.preference.choose(windows.errors)
        served = windows.served(chosen)
        return _Own(
            np.array(chosen),
            account_widths(own_errors(served, windows.accounts), self.usual),
        )


def backtest(
    model: ForecastModel,
    panel: UsagePanel,
    settings: ForecastSettings,
    seed: int,
    timer: Timer = time.perf_counter,
) -> Backtest:
    """Judge the held-back networks and every baseline on days that no training saw.

    seed: draws the accounts that teach of all, and of these the ones on which the slow baselines run.
    """
    started = timer()
    rows, *others = sample_first(panel, seed)
    sample = _Windows.of(model, panel.take(rows), settings)
    seconds = timer() - started
    fleet = _Fleet.of(sample)
    rest = (_Windows.of(model, panel.take(piece), settings) for piece in others)
    own = [fleet.own(windows) for windows in chain([sample], rest)]
    order = np.argsort(np.concatenate([rows, *others]))
    return Backtest(
        chosen=tuple(np.concatenate([each.chosen for each in own])[order].tolist()),
        widths=np.concatenate([each.widths for each in own])[order],
        bands=fleet.bands,
        totals=fleet.totals,
        changes=fleet.changes,
        surprise=fleet.surprise,
        evaluation=_compare(sample, settings, seed, seconds, timer),
    )


def origins(held: int) -> list[int]:
    """How many days before the panel's end each window begins, the longest first."""
    aheads = [held - held * number // WINDOWS for number in range(WINDOWS)]
    return [ahead for ahead in aheads if ahead >= LEAST_AHEAD]


def _surprise(panel: UsagePanel, windows: Sequence[_Window], served: Sequence[Paths]) -> Surprise:
    """Without the newest days, on which anomalies are looked for."""
    quiet = panel.before(max(panel.days - LONG_DAYS, 0))
    seen = [(one.past, paths, quiet.days - one.past.days) for one, paths in zip(windows, served, strict=True)]
    return Surprise.of(quiet, [(past, paths.first(days)) for past, paths, days in seen if days > 0])


def _compare(
    windows: _Windows, settings: ForecastSettings, seed: int, seconds: float, timer: Timer
) -> Evaluation:
    """Table over the windows; each is served and calibrated by what the others taught."""
    table = Comparison(settings.horizon_days, seed)
    for number, window in enumerate(windows.each):
        others = windows.without(number)
        chosen = Preference.of(others.errors).choose(others.errors)
        taught = others.served(chosen)
        own = own_errors(taught, windows.accounts)
        bands = calibrate_widened(taught, windows.accounts)
        paths = window.served(chosen).widened(account_widths(own, own.usual))
        table.add(SERVED, window.judged(bands.around(paths).as_paths()), seconds / len(windows.each))
        table.add(LSTM, window.judged(window.found[LSTM]), seconds / len(windows.each))
        table.add(PROFILE, window.judged(window.found[PROFILE]))
        table.run("seasonal_naive", seasonal_naive, window.past, window.judged(window.found[PROFILE]), timer)
    if windows.each:
        first = windows.each[0]
        table.run_slow(first.past, first.judged(first.found[PROFILE]), settings, timer)
    return table.table()
