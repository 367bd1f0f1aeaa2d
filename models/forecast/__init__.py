"""Usage forecast: panel, fit, backtest, forecast with health and anomalies.

Knows nothing of `models.maturity`. Start at forecast.py: `panel` → `fit` → `backtest` → `forecast`;
`evaluate` is a trial of all models on held-back days. network/ is the LSTM, unusual/ the anomalies, judging/
what either is worth, trial/ the forecast of a table of one's own.
"""

from models.forecast.forecast import AccountForecast, Forecasts, forecast
from models.forecast.health import Health
from models.forecast.judging.backtest import Backtest, backtest
from models.forecast.judging.contest import Contest, contest
from models.forecast.judging.evaluation import evaluate
from models.forecast.judging.scores import Evaluation, Score
from models.forecast.network.model import ForecastModel
from models.forecast.network.train import fit
from models.forecast.panel import UsagePanel, panel
from models.forecast.settings import ForecastSettings
from models.forecast.totals import Total
from models.forecast.unusual.anomalies import Anomaly, Incident
from models.forecast.unusual.lifecycle import Story

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
