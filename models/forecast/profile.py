"""The weekday profile: the robust level every other forecast is measured against."""

import numpy as np

from models.forecast.panel import Floats
from models.forecast.settings import PROFILE_DAYS, WEEK


def weekday_profile(history: Floats) -> Floats:
    """Median per weekday over the last weeks.

    history: (rows, days), NaN = missing; the newest day last.
    returns: (rows, 7); column k is the k-th day after the history ends. A weekday never measured
        takes the median of the others; a row never measured stays NaN.
    """
    recent = last_days(history, PROFILE_DAYS)
    weeks = recent.reshape(len(recent), PROFILE_DAYS // WEEK, WEEK)
    profile = median(np.swapaxes(weeks, 1, 2))
    return np.where(np.isnan(profile), median(recent)[:, None], profile)


def repeat(profile: Floats, days: int) -> Floats:
    """The profile carried forward: (rows, 7) to (rows, days)."""
    return np.tile(profile, -(-days // WEEK))[:, :days]


def last_days(history: Floats, days: int) -> Floats:
    """The newest `days` columns, padded with NaN on the left where there are fewer."""
    recent = history[:, max(0, history.shape[1] - days) :]
    padding = np.full((len(recent), days - recent.shape[1]), np.nan, dtype=np.float32)
    return np.concatenate([padding, recent], axis=1)


def median(values: Floats) -> Floats:
    """Median over the last axis without NaN; NaN where all are. (np.nanmedian warns and is 30× slower.)"""
    return quantile(values, 0.5)


def quantile(values: Floats, level: float) -> Floats:
    """Quantile over the last axis without NaN, linear between neighbours; NaN where all are."""
    if values.shape[-1] == 0:
        return np.full(values.shape[:-1], np.nan, dtype=np.float32)
    ordered = np.sort(values, axis=-1)
    last = np.maximum(np.isfinite(values).sum(axis=-1) - 1, 0)
    position = last * level
    below = np.floor(position).astype(np.intp)
    above = np.minimum(below + 1, last)
    low = np.take_along_axis(ordered, below[..., None], axis=-1)[..., 0]
    high = np.take_along_axis(ordered, above[..., None], axis=-1)[..., 0]
    found: Floats = (low + (high - low) * (position - below)).astype(np.float32)
    return found
