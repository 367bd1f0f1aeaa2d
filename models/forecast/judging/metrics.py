"""Errors of forecasts, as the published tables have them."""

import numpy as np

from models.forecast.panel import Floats
from models.forecast.settings import WEEK


def mase_denominator(training: Floats) -> Floats:
    """Mean absolute difference between a day and the same weekday before.

    training: (accounts, days). returns: (accounts,), NaN where no such pair was measured or all
        are equal: the error of such a series has no scale.
    source: Hyndman & Koehler 2006, with m = 7
    """
    steps = np.abs(training[:, WEEK:] - training[:, :-WEEK])
    measured = np.isfinite(steps)
    mean = np.where(measured, steps, 0).sum(axis=1) / np.maximum(measured.sum(axis=1), 1)
    return np.where(mean > 0, mean, np.nan).astype(np.float32)


def mean_error(forecast: Floats, actual: Floats) -> Floats:
    """(accounts,) mean absolute error over measured days; NaN where none."""
    return row_mean(np.abs(actual - forecast))


def smape(forecast: Floats, actual: Floats) -> Floats:
    """(accounts,) symmetric error in percent, 0 to 200; two zeros agree."""
    size = np.abs(actual) + np.abs(forecast)
    share = np.where(size > 0, 2 * np.abs(actual - forecast) / np.where(size > 0, size, 1), size)
    return 100 * row_mean(share)


def quantile_loss(forecast: Floats, actual: Floats, level: float) -> Floats:
    """(accounts, days) what a forecast of the quantile at this level lost; NaN where not measured.

    source: Koenker & Bassett 1978
    """
    short = actual - forecast
    loss: Floats = np.maximum(level * short, (level - 1) * short)
    return loss


def coverage(low: Floats, high: Floats, actual: Floats) -> Floats:
    """(accounts,) share of measured days inside the interval."""
    inside = ((actual >= low) & (actual <= high)).astype(np.float32)
    return row_mean(np.where(np.isfinite(actual) & np.isfinite(low), inside, np.nan).astype(np.float32))


def row_mean(values: Floats) -> Floats:
    """Mean over the last axis without NaN; NaN where all are."""
    measured = np.isfinite(values)
    count = measured.sum(axis=-1)
    mean = np.where(measured, values, 0).sum(axis=-1) / np.maximum(count, 1)
    return np.where(count > 0, mean, np.nan).astype(np.float32)
