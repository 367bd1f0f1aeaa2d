"""One call for the daemon: forecasts, totals, health and anomalies of all accounts."""

from collections.abc import Iterator, Mapping, Sequence
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
from models.forecast.paths import Paths
from models.forecast.pieces import pieces
from models.forecast.serving import NONE, STOPPED, candidates, serve, stopped_from
from models.forecast.settings import LONG_DAYS, RECENT_DAYS, WEEK, ForecastSettings
from models.forecast.totals import Total
from models.forecast.unusual.anomalies import Anomaly, Incident
from models.forecast.unusual.detection import anomalies, incidents, suspects
from models.forecast.unusual.habits import around_holidays, judged
from models.forecast.unusual.lifecycle import Look, Story, retold
from models.forecast.unusual.view import View

UNCLEAR_FAULTS = 3
"""Of the newest week: after so many nobody knows what usage will come back to, nor who foresees it best."""


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

    def served(self, level: int, horizon: int) -> Paths:
        """Of all accounts, with the interval of a level, 80 or 95; NaN where nothing serves."""
        nothing = np.full(horizon, np.nan, dtype=np.float32)

        def part(name: str) -> Floats:
            each = (getattr(one, name) for one in self.accounts)
            return np.array([values if len(values) else nothing for values in each]).reshape(-1, horizon)

        return Paths(part("median"), part(f"low{level}"), part(f"high{level}"))


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
    """Forecast every account from the panel's end on. Days of the source's faults teach nothing of any.

    lessons: the backtest of this model on this panel. breadths: users, technologies and repositories of
        the same accounts, as far as known. told: what was told of accounts before, see lifecycle.py.
    judged_until: the day before which that was; None at the first look. points: from which scores a fall is
        told and an anomaly raised.
    """
    recent, long = (
        View.joined([_view(model, some, own, settings, days) for some, own in _pieces(panel, lessons)])
        for days in (RECENT_DAYS, LONG_DAYS)
    )
    faults = incidents(recent, lessons.surprise)
    fault_days = frozenset(fault.day for fault in faults)
    unclear = sum((panel.until - day).days <= WEEK for day in fault_days) >= UNCLEAR_FAULTS
    expected = [
        one
        for some, own in _pieces(panel, lessons.hedged() if unclear else lessons)
        for one in _expected(model, some.without(fault_days), own, settings)
    ]
    days = calendar(panel.countries, panel.start, panel.days + settings.horizon_days, yearly=False)
    muted = _muted(panel, faults)
    recent, long = (view.beside_all().mute(muted) for view in (recent, long))
    unexpected = anomalies(panel, recent, long, lessons.surprise, breadths, points.rule)
    possible = suspects(panel, recent, long, lessons.surprise, breadths)
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
                    panel.take(np.array([row])).without(fault_days).values[0],
                    panel.until,
                    one.ends["median"],
                    days.holiday[days.country_of[row]],
                    one.noise,
                    one.stopped_on,
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


def _pieces(panel: UsagePanel, lessons: Backtest) -> Iterator[tuple[UsagePanel, Backtest]]:
    for piece in pieces(len(panel.account_ids)):
        yield panel.take(piece), lessons.take(piece)


@dataclass(frozen=True, eq=False)
class _Expected:
    """What is expected of one account.

    stopped_on: when use ended, if it did. ends: of its intervals, by name. noise: None where nothing serves.
    """

    stopped_on: date | None
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
    stopped = stopped_from(panel.values)
    expected = []
    for row, name in enumerate(served_by):
        known = name != NONE
        ends = {
            end: getattr(intervals, end)[row] if known else np.empty(0, dtype=np.float32)
            for end in ("median", "low80", "high80", "low95", "high95")
        }
        stopped_on = panel.day(stopped[row]) if stopped[row] < panel.days else None
        expected.append(_Expected(stopped_on, name, ends, totals[row], noise[row] if known else None))
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
