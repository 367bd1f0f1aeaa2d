"""One call for the daemon: forecasts, totals, health and anomalies of all accounts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from models.forecast.anomalies import Anomaly, Incident, View, anomalies, incidents
from models.forecast.backtest import Backtest
from models.forecast.calendar import calendar
from models.forecast.health import Health, health
from models.forecast.model import ForecastModel
from models.forecast.panel import Floats, UsagePanel
from models.forecast.serving import NONE, candidates, serve, stopped_from
from models.forecast.settings import LONG_DAYS, PROFILE_DAYS, RECENT_DAYS, ForecastSettings
from models.forecast.totals import Total


@dataclass(frozen=True, eq=False)
class AccountForecast:
    """What is expected of one account, and what it did unexpectedly.

    served_by: `lstm`, `weekday_median`, their mean, `stopped` (zero) or `none`.
    start: first day ahead. median … high95: (horizon,), events per day, never negative or NaN;
        empty where served_by is `none`, as is totals.
    totals: expected events of the next 30, 60 and 90 days, as far as the horizon reaches.
    anomalies: of the last weeks, oldest first.
    """

    account_id: str
    served_by: str
    start: date
    median: Floats
    low80: Floats
    high80: Floats
    low95: Floats
    high95: Floats
    totals: Mapping[int, Total]
    health: Health
    anomalies: tuple[Anomaly, ...]


@dataclass(frozen=True)
class Forecasts:
    """All accounts of the panel, in its order, and the days on which the source itself was at fault."""

    accounts: tuple[AccountForecast, ...]
    incidents: tuple[Incident, ...]


def forecast(
    model: ForecastModel,
    panel: UsagePanel,
    lessons: Backtest,
    settings: ForecastSettings,
    users: UsagePanel | None = None,
) -> Forecasts:
    """Forecast every account from the panel's end on.

    lessons: the backtest of this model on this panel. users: active users of the same accounts, where
        known.
    """
    found = candidates(model.finished, model.yearly, panel, settings)
    paths, served_by = serve(found, lessons.chosen, panel)
    paths = paths.widened(lessons.widths)
    intervals = lessons.bands.around(paths)
    holiday = _holidays(panel, settings.horizon_days)
    recent, long = (_view(model, panel, lessons, settings, days) for days in (RECENT_DAYS, LONG_DAYS))
    faults = incidents(recent, panel.until)
    muted = _muted(holiday[:, : panel.days], panel, faults)
    unexpected = anomalies(
        panel, _mute(recent, muted), _mute(long, muted), lessons.surprise, users and users.over(panel)
    )
    stopped = stopped_from(panel.values)
    totals, noise = lessons.totals.of(paths), lessons.changes.noise(paths)
    accounts = []
    for row, account_id in enumerate(panel.account_ids):
        known = served_by[row] != NONE
        ends = {
            name: getattr(intervals, name)[row] if known else np.empty(0, dtype=np.float32)
            for name in ("median", "low80", "high80", "low95", "high95")
        }
        accounts.append(
            AccountForecast(
                account_id=account_id,
                served_by=served_by[row],
                start=panel.until,
                totals=totals[row],
                health=health(
                    panel.values[row],
                    panel.until,
                    ends["median"],
                    holiday[row],
                    noise[row] if known else None,
                    panel.day(stopped[row]) if stopped[row] < panel.days else None,
                    unexpected[row],
                ),
                anomalies=unexpected[row],
                **ends,
            )
        )
    return Forecasts(tuple(accounts), faults)


def _view(
    model: ForecastModel, panel: UsagePanel, lessons: Backtest, settings: ForecastSettings, days: int
) -> View:
    """The newest days against what would have been served before them, by networks that never saw them.

    Accounts too young then are not judged.
    """
    past = panel.before(max(panel.days - days, 0))
    actual = panel.values[:, past.days :]
    paths, _ = serve(candidates(model.held, model.yearly, past, settings), lessons.chosen, past)
    seen = paths.first(actual.shape[1])
    sizes = lessons.surprise.sizes(seen, actual)
    sizes[past.first_measured() + PROFILE_DAYS > past.days] = np.nan
    return View(seen, actual, sizes)


def _holidays(panel: UsagePanel, horizon: int) -> NDArray[np.bool_]:
    """(accounts, days + horizon)"""
    days = calendar(panel.countries, panel.start, panel.days + horizon, yearly=False)
    return days.holiday[days.country_of]


def _muted(holiday: NDArray[np.bool_], panel: UsagePanel, faults: tuple[Incident, ...]) -> NDArray[np.bool_]:
    """(accounts, days) days that prove nothing about an account: holidays, the days beside, faults."""
    muted = holiday.copy()
    muted[:, 1:] |= holiday[:, :-1]
    muted[:, :-1] |= holiday[:, 1:]
    muted[:, [(fault.day - panel.start).days for fault in faults]] = True
    return muted


def _mute(view: View, muted: NDArray[np.bool_]) -> View:
    days = view.sizes.shape[1]
    sizes = np.where(muted[:, muted.shape[1] - days :], np.nan, view.sizes)
    return View(view.paths, view.actual, sizes.astype(np.float32))
