"""A trial on days held back from everything: all models beside each other."""

import time
from dataclasses import dataclass

from models.forecast.baselines import seasonal_naive, weekday_median
from models.forecast.forecast import forecast
from models.forecast.judging.backtest import backtest
from models.forecast.judging.comparison import Comparison
from models.forecast.judging.metrics import mase_denominator
from models.forecast.judging.scores import SERVED, Evaluation, Judged, Timer
from models.forecast.network.predict import lstm
from models.forecast.network.train import Progress, fit
from models.forecast.panel import UsagePanel
from models.forecast.paths import Paths
from models.forecast.serving import LSTM, PROFILE
from models.forecast.settings import ForecastSettings


@dataclass(frozen=True, eq=False)
class Rehearsal:
    """What a first cycle would have said at a panel's end.

    served: with its calibrated 80 % interval. served_by: per account. lstm: the networks alone, with the
    band as they see it; None where the history is too short to fit any. seconds: until served was known;
    lstm_seconds: until lstm was.
    """

    served: Paths
    served_by: tuple[str, ...]
    lstm: Paths | None
    seconds: float
    lstm_seconds: float


def rehearse(
    past: UsagePanel, settings: ForecastSettings, seed: int, progress: Progress | None, timer: Timer
) -> Rehearsal:
    """Do all that a cycle does."""
    started = timer()
    model = fit(past, settings, seed, progress=progress)
    networks = lstm(model.finished, model.yearly, past, settings) if model.finished else None
    trained = timer()
    lessons = backtest(model, past, settings.without_slow(), seed, timer)
    found = forecast(model, past, lessons, settings)
    served_by = tuple(account.served_by for account in found.accounts)
    served = found.served(80, settings.horizon_days)
    return Rehearsal(served, served_by, networks, timer() - started, trained - started)


def evaluate(
    panel: UsagePanel,
    settings: ForecastSettings,
    seed: int,
    horizon: int = 56,
    progress: Progress | None = None,
    timer: Timer = time.perf_counter,
) -> Evaluation:
    """Hold back the newest `horizon` days, do all that a cycle does on the rest, and judge it there."""
    past = panel.before(panel.days - horizon)
    truth = Judged(weekday_median(past, horizon), panel.values[:, past.days :], mase_denominator(past.values))
    table = Comparison(horizon, seed)
    found = rehearse(past, settings, seed, progress, timer)
    table.add(SERVED, _judged(found.served, truth), found.seconds)
    if found.lstm is not None:
        table.add(LSTM, _judged(found.lstm, truth), found.lstm_seconds)
    table.run(PROFILE, weekday_median, past, truth, timer)
    table.run("seasonal_naive", seasonal_naive, past, truth, timer)
    table.run_slow(past, truth, settings, timer)
    return table.table()


def _judged(paths: Paths, truth: Judged) -> Judged:
    """The same days and accounts, forecast otherwise."""
    return Judged(paths.first(truth.actual.shape[1]), truth.actual, truth.denominator)
