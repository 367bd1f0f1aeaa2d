"""Whether new networks may take the place of those that serve: judged on days that neither saw."""

from dataclasses import dataclass

import numpy as np

from models.forecast.judging.backtest import origins
from models.forecast.judging.metrics import mase_denominator, mean_error, row_mean
from models.forecast.network.model import ForecastModel
from models.forecast.network.predict import lstm
from models.forecast.panel import Floats, UsagePanel
from models.forecast.pieces import sampled
from models.forecast.serving import beyond_noise
from models.forecast.settings import ForecastSettings


@dataclass(frozen=True)
class Contest:
    """champion, challenger: mean scaled error of the networks alone; None where nothing could be judged.

    publish: False only where the challenger is worse beyond noise and in every window.
    """

    publish: bool
    reason: str
    champion: float | None = None
    challenger: float | None = None


def contest(
    champion: ForecastModel | None,
    challenger: ForecastModel,
    panel: UsagePanel,
    settings: ForecastSettings,
    seed: int,
) -> Contest:
    """Judge both by the networks that saw nothing from the challenger's `held_from` on.

    seed: draws the accounts that judge, where there are more than it takes.
    """
    if champion is None or not champion.held:
        return Contest(True, "There was no model before it.")
    if not challenger.held:
        return Contest(True, "History is too short for networks; weekday medians serve.")
    if champion.held_from > challenger.held_from:
        return Contest(True, "The model before it saw the days that would judge both.")
    panel = panel.take(sampled(panel, seed))
    before, after = (_errors(model, challenger, panel, settings) for model in (champion, challenger))
    excess = after - before
    each = row_mean(excess.T)
    each = each[np.isfinite(each)]
    if len(each) == 0:
        return Contest(True, "No account could be judged.")
    both = np.isfinite(excess)
    was, new = (float(errors[both].mean()) for errors in (before, after))
    figures = f"(MASE {new:.3f} against {was:.3f} on {len(each)} accounts)"
    if beyond_noise(each) and bool((row_mean(excess) > 0).all()):
        return Contest(False, f"Worse than the model in use on days that neither saw {figures}.", was, new)
    return Contest(True, f"Not worse than the model before it on days that neither saw {figures}.", was, new)


def _errors(
    model: ForecastModel, challenger: ForecastModel, panel: UsagePanel, settings: ForecastSettings
) -> Floats:
    """(windows, accounts)"""
    found = []
    for origin in origins((panel.until - challenger.held_from).days):
        past = panel.before(panel.days - origin)
        actual = panel.values[:, past.days :][:, : settings.horizon_days]
        paths = lstm(model.held, model.yearly, past, settings).first(actual.shape[1])
        found.append(mean_error(paths.median, actual) / mase_denominator(past.values))
    return np.stack(found) if found else np.full((1, len(panel.account_ids)), np.nan, dtype=np.float32)
