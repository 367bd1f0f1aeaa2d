"""A trial on days held back from everything: all models beside each other."""

import time

from models.forecast.backtest import backtest
from models.forecast.baselines import seasonal_naive, weekday_median
from models.forecast.comparison import Comparison
from models.forecast.metrics import mase_denominator
from models.forecast.panel import UsagePanel
from models.forecast.scores import SERVED, Evaluation, Judged, Timer
from models.forecast.serving import LSTM, PROFILE, candidates, serve
from models.forecast.settings import ForecastSettings
from models.forecast.train import Progress, fit


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
    started = timer()
    model = fit(past, settings, seed, progress=progress)
    found = candidates(model.finished, model.yearly, past, settings)
    trained = timer() - started
    lessons = backtest(model, past, settings.without_slow(), seed, timer)
    paths, _ = serve(found, lessons.chosen, past)
    served = lessons.bands.around(paths.widened(lessons.widths)).as_paths()
    table.add(SERVED, Judged(served.first(horizon), truth.actual, truth.denominator), timer() - started)
    table.add(LSTM, Judged(found[LSTM].first(horizon), truth.actual, truth.denominator), trained)
    table.run(PROFILE, weekday_median, past, truth, timer)
    table.run("seasonal_naive", seasonal_naive, past, truth, timer)
    table.run_slow(past, truth, settings, timer)
    return table.table()
