"""The forecasts a network must beat: last week, weekday median, Holt-Winters, Prophet."""

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import numpy as np
import pandas as pd

from models.forecast.calendar import holiday_dates
from models.forecast.panel import Floats, UsagePanel
from models.forecast.paths import Paths
from models.forecast.profile import last_days, quantile, repeat, weekday_profile
from models.forecast.settings import PROFILE_DAYS, WEEK

BAND = 0.8
NORMAL_80 = 1.2816
"""Half-width of a normal's 80 % band in standard deviations."""
LEAST_DAYS = 3 * WEEK
"""Measured days below which Holt-Winters and Prophet have nothing to fit."""


def weekday_median(panel: UsagePanel, horizon: int) -> Paths:
    """Median per weekday of the last 8 weeks, with the spread of those weeks around it."""
    profile = weekday_profile(panel.values)
    residual = last_days(panel.values, PROFILE_DAYS) - repeat(profile, PROFILE_DAYS)
    ahead = repeat(profile, horizon)
    return _paths(ahead, -quantile(residual, (1 - BAND) / 2), quantile(residual, (1 + BAND) / 2))


def seasonal_naive(panel: UsagePanel, horizon: int) -> Paths:
    """The last measured value of each weekday; the band grows with the weeks ahead as a random walk's."""
    weeks = last_days(panel.values, PROFILE_DAYS).reshape(len(panel.values), PROFILE_DAYS // WEEK, WEEK)
    last = np.full((len(weeks), WEEK), np.nan, dtype=np.float32)
    for week in range(weeks.shape[1]):
        last = np.where(np.isfinite(weeks[:, week]), weeks[:, week], last)
    last = np.where(np.isnan(last), weekday_profile(panel.values), last)
    change = np.abs(np.diff(weeks, axis=1)).reshape(len(weeks), PROFILE_DAYS - WEEK)
    width = np.nan_to_num(quantile(change, BAND))[:, None] * np.sqrt(1 + np.arange(horizon) // WEEK)
    return _paths(repeat(last, horizon), width, width)


def holt_winters(panel: UsagePanel, horizon: int) -> Paths:
    """Additive Holt-Winters with weekly season, per account; 0.1 to 0.4 s each."""
    from statsmodels.tsa.holtwinters import ExponentialSmoothing  # loads slowly, and only evaluations need it

    def one(values: Floats, _row: int) -> Floats:
        fitted = ExponentialSmoothing(
            values, trend="add", seasonal="add", seasonal_periods=WEEK, initialization_method="estimated"
        ).fit()
        alpha, beta, gamma = (
            fitted.params[name] for name in ("smoothing_level", "smoothing_trend", "smoothing_seasonal")
        )
        width = NORMAL_80 * np.std(fitted.resid) * _growth(horizon, alpha, alpha * beta, gamma)
        middle = fitted.forecast(horizon)
        return np.stack([middle, middle - width, middle + width])

    return _one_by_one(panel, horizon, one)


def prophet(panel: UsagePanel, horizon: int) -> Paths:
    """Prophet with its defaults and the country's holidays, per account; 0.1 s each."""
    from prophet import Prophet  # loads slowly, and only evaluations need it

    ahead = [panel.until + timedelta(days=day) for day in range(horizon)]

    def one(values: Floats, row: int) -> Floats:
        start = panel.until - timedelta(days=len(values))
        dates = holiday_dates(panel.countries[row] or "", start, len(values) + horizon)
        named = pd.DataFrame({"ds": pd.to_datetime(dates), "holiday": "holiday"}) if len(dates) else None
        model = Prophet(holidays=named, interval_width=BAND, uncertainty_samples=100)
        with _seeded_numpy():
            model.fit(pd.DataFrame({"ds": pd.date_range(start, periods=len(values)), "y": values}))
            found = model.predict(pd.DataFrame({"ds": pd.to_datetime(ahead)}))
        return found[["yhat", "yhat_lower", "yhat_upper"]].to_numpy().T

    with _quiet():
        return _one_by_one(panel, horizon, one)


def _paths(median: Floats, below: Floats, above: Floats) -> Paths:
    """Paths around a median; widths are (accounts,) or (accounts, horizon), never negative."""
    below, above = (np.maximum(w if w.ndim == 2 else w[:, None], 0) for w in (below, above))
    low = np.maximum(median - below, 0)
    return Paths(median, low.astype(np.float32), (median + above).astype(np.float32))


def _one_by_one(panel: UsagePanel, horizon: int, one: Callable[[Floats, int], Floats]) -> Paths:
    """Run a model that takes one series without gaps, on accounts with enough measured days."""
    found = np.full((3, len(panel.account_ids), horizon), np.nan, dtype=np.float32)
    for row, first in enumerate(panel.first_measured()):
        values = panel.values[row, first:]
        if np.isfinite(values).sum() >= LEAST_DAYS:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # theirs, about convergence and frequencies
                found[:, row] = np.maximum(one(_filled(values), row), 0)
    return Paths(found[0], found[1], found[2])


def _filled(values: Floats) -> Floats:
    """Gaps closed from the same weekday before or after, else by the median of the series."""
    weeks = pd.DataFrame(last_days(values[None], -(-len(values) // WEEK) * WEEK).reshape(-1, WEEK))
    filled = weeks.ffill().bfill().fillna(float(np.nanmedian(values))).to_numpy().ravel()
    return filled[-len(values) :].astype(np.float64)


def _growth(horizon: int, alpha: float, beta: float, gamma: float) -> Floats:
    """Standard deviation of the error k days ahead, relative to one day ahead.

    source: Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., section 8.7, ETS(A,A,A)
    """
    k = np.arange(horizon)
    seasons = k // WEEK
    slope = beta * k * (2 * alpha * alpha + beta * alpha * (k + 1)) / max(alpha, 1e-9)
    level = alpha * alpha * k + slope + beta * beta * k * (k + 1) * (2 * k + 1) / 6
    season = gamma * seasons * (2 * alpha + gamma + beta * WEEK * (seasons + 1))
    return np.sqrt(1 + level + season)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Prophet and its engine from logging each fit."""
    loggers = [logging.getLogger(name) for name in ("prophet", "cmdstanpy")]
    before = [logger.disabled for logger in loggers]
    for logger in loggers:
        logger.disabled = True
    try:
        yield
    finally:
        for logger, disabled in zip(loggers, before, strict=True):
            logger.disabled = disabled


@contextmanager
def _seeded_numpy() -> Iterator[None]:
    """Prophet draws its band from numpy's global generator: seed it inside the block only."""
    state = np.random.get_state()  # noqa: NPY002
    np.random.seed(0)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(state)  # noqa: NPY002
