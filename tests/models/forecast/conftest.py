"""One small fit shared by the tests that only look at what came of it."""

import pytest

from models.forecast import (
    Backtest,
    ForecastModel,
    Forecasts,
    ForecastSettings,
    UsagePanel,
    backtest,
    fit,
    forecast,
)
from tests.models.forecast.worlds import steady

SMALL = ForecastSettings(seeds=1, steps=30, warm_steps=10, finish_steps=10, batch=64, slow_sample=2)


@pytest.fixture(scope="session")
def settings() -> ForecastSettings:
    """A budget of seconds."""
    return SMALL


@pytest.fixture(scope="session")
def world() -> UsagePanel:
    """40 steady accounts over 200 days."""
    return steady(accounts=40, days=200)


@pytest.fixture(scope="session")
def model(world: UsagePanel, settings: ForecastSettings) -> ForecastModel:
    return fit(world, settings, seed=1)


@pytest.fixture(scope="session")
def lessons(model: ForecastModel, world: UsagePanel, settings: ForecastSettings) -> Backtest:
    return backtest(model, world, settings, seed=1)


@pytest.fixture(scope="session")
def served(
    model: ForecastModel, world: UsagePanel, lessons: Backtest, settings: ForecastSettings
) -> Forecasts:
    return forecast(model, world, lessons, settings)
