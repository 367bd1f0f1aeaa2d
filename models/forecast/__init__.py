"""Usage forecast: panel, fit, backtest, forecast with health and anomalies.

Knows nothing of `models.maturity`. Start at forecast.py: `panel` → `fit` → `backtest` → `forecast`;
`evaluate` is a trial of all models on held-back days.
"""

from models.forecast.anomalies import Anomaly, Incident
from models.forecast.backtest import Backtest, backtest
from models.forecast.contest import Contest, contest
from models.forecast.evaluation import evaluate
from models.forecast.forecast import AccountForecast, Forecasts, forecast
from models.forecast.health import Health
from models.forecast.lifecycle import Story
from models.forecast.model import ForecastModel
from models.forecast.panel import UsagePanel, panel
from models.forecast.scores import Evaluation, Score
from models.forecast.settings import ForecastSettings
from models.forecast.totals import Total
from models.forecast.train import fit

__all__ = [
    "AccountForecast",
    "Anomaly",
    "Backtest",
    "Contest",
    "Evaluation",
    "ForecastModel",
    "ForecastSettings",
    "Forecasts",
    "Health",
    "Incident",
    "Score",
    "Story",
    "Total",
    "UsagePanel",
    "backtest",
    "contest",
    "evaluate",
    "fit",
    "forecast",
    "panel",
]
