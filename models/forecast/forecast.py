"""One call for the daemon: forecasts, totals, health and anomalies of all accounts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from models.forecast.calendar import calendar
from models.forecast.health import Health, health
from models.forecast.judging.backtest import Backtest
from models.forecast.network.model import ForecastModel
from models.forecast.operating_points import USUAL, Points, rarity
from models.forecast.panel import Floats, UsagePanel
from models.forecast.pieces import pieces
from models.forecast.serving import NONE, STOPPED, candidates, serve, stopped_from
from models.forecast.settings import LONG_DAYS, RECENT_DAYS, ForecastSettings
from models.forecast.totals import Total
from models.forecast.unusual.anomalies import Anomaly, Incident
from models.forecast.unusual.detection import anomalies, incidents, suspects
from models.forecast.unusual.habits import around_holidays, judged
from models.forecast.unusual.lifecycle import Look, Story, retold
from models.forecast.unusual.view import View


@dataclass(frozen=True, eq=False)
class AccountForecast:
    """What is expected of one account, and what it did unexpectedly.

    served_by: `lstm`, `weekday_median`, their mean, `stopped` (zero) or `none`.
    start: first day ahead. median … high95: (horizon,), events per day, never negative or NaN;
        empty where served_by is `none`, as is totals.
    totals: expected events of the next 30, 60 and 90 days, as far as the horizon reaches.
    anomalies: of the last weeks, oldest first. suspects: all that may be one at some operating point.
    stories: those told before as they stand now, in their order, then the new ones.
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
    suspects: tuple[Anomaly, ...]
    stories: tuple[Story, ...]

    @property
    def anomaly_score(self) -> float | None:
        """How rare the rarest suspect is; None where nothing is suspected by chance."""
        return max((rarity(one) for one in self.suspects if one.chance > 0), default=None)


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
    breadths: Mapping[str, UsagePanel] = MappingProxyType({}),
    told: Mapping[str, Sequence[Story]] = MappingProxyType({}),
    judged_until: date | None = None,
    points: Points = USUAL,
) -> Forecasts:
    """Forecast every account from the panel's end on.

    lessons: the backtest of this model on this panel. breadths: users, technologies and repositories of
        the same accounts, as far as known. told: what was told of accounts before, see lifecycle.py.
    judged_until: the day before which that was; None at the first look. points: from which scores a fall is
        told and an anomaly raised.
    """
    expected: list[_Expected] = []
    views: dict[int, list[View]] = {RECENT_DAYS: [], LONG_DAYS: []}
    for piece in pieces(len(panel.account_ids)):
        some, own = panel.take(piece), lessons.take(piece)
        expected += _expected(model, some, own, settings)
        for newest, seen in views.items():
            seen.append(_view(model, some, own, settings, newest))
    recent, long = (View.joined(seen) for seen in views.values())
    days = calendar(panel.countries, panel.start, panel.days + settings.horizon_days, yearly=False)
    faults = incidents(recent, lessons.surprise)
    muted = _muted(panel, faults)
    recent, long = (view.beside_all().mute(muted) for view in (recent, long))
    unexpected = anomalies(panel, recent, long, lessons.surprise, breadths, points.rule)
    possible = suspects(panel, recent, long, lessons.surprise, breadths)
    stopped = stopped_from(panel.values)
    fault_days = frozenset(fault.day for fault in faults)
    accounts = []
    for row, (account_id, one) in enumerate(zip(panel.account_ids, expected, strict=True)):
        look = Look(panel.values[row], recent, long, row, fault_days, judged_until)
        stories = retold(told.get(account_id, ()), unexpected[row], look)
        accounts.append(
            AccountForecast(
                account_id=account_id,
                served_by=one.served_by,
                start=panel.until,
                totals=one.totals,
                health=health(
                    panel.values[row],
                    panel.until,
                    one.ends["median"],
                    days.holiday[days.country_of[row]],
                    one.noise,
                    panel.day(stopped[row]) if stopped[row] < panel.days else None,
                    [story.anomaly for story in stories if story.holds],
                    points.falling,
                ),
                anomalies=unexpected[row],
                suspects=possible[row],
                stories=stories,
                **one.ends,
            )
        )
    return Forecasts(tuple(accounts), faults)


@dataclass(frozen=True, eq=False)
class _Expected:
    """What is expected of one account. ends: of its intervals, by name. noise: None where nothing serves."""

    served_by: str
    ends: Mapping[str, Floats]
    totals: Mapping[int, Total]
    noise: Floats | None


def _expected(
    model: ForecastModel, panel: UsagePanel, lessons: Backtest, settings: ForecastSettings
) -> list[_Expected]:
    """Of each account of a panel."""
    found = candidates(model.finished, model.yearly, panel, settings)
    paths, served_by = serve(found, lessons.chosen, panel)
    paths = paths.widened(_widths(lessons, served_by))
    intervals = lessons.bands.around(paths)
    totals, noise = lessons.totals.of(paths), lessons.changes.noise(paths)
    expected = []
    for row, name in enumerate(served_by):
        known = name != NONE
        ends = {
            end: getattr(intervals, end)[row] if known else np.empty(0, dtype=np.float32)
            for end in ("median", "low80", "high80", "low95", "high95")
        }
        expected.append(_Expected(name, ends, totals[row], noise[row] if known else None))
    return expected


def _view(
    model: ForecastModel, panel: UsagePanel, lessons: Backtest, settings: ForecastSettings, days: int
) -> View:
    """The newest days against what would have been served before them, by networks that never saw them.

    Accounts that were too young then, or used in bursts, are not judged.
    """
    past = panel.before(max(panel.days - days, 0))
    actual = panel.values[:, past.days :]
    paths, _ = serve(candidates(model.held, model.yearly, past, settings), lessons.chosen, past)
    seen = paths.first(actual.shape[1])
    sizes = lessons.surprise.sizes(seen, actual)
    sizes[~judged(past)] = np.nan
    return View(panel.until, seen.median, actual, sizes, np.zeros(actual.shape, dtype=bool))


def _widths(lessons: Backtest, served_by: Sequence[str]) -> Floats:
    """Of the bands; those of accounts that stopped show their usual use, not how far off the stop was."""
    stopped = np.array(served_by) == STOPPED
    return np.where(stopped, np.minimum(lessons.widths, 1), lessons.widths).astype(np.float32)


def _muted(panel: UsagePanel, faults: tuple[Incident, ...]) -> NDArray[np.bool_]:
    """(accounts, LONG_DAYS) the newest days, those that prove nothing about an account."""
    seen = panel.newest(LONG_DAYS)
    muted = around_holidays(seen)
    muted[:, [(fault.day - seen.start).days for fault in faults]] = True
    return muted
