"""How rare an error is, against the errors of a year in which most days were quiet."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.forecast.baselines import weekday_median
from models.forecast.panel import Floats, UsagePanel
from models.forecast.paths import Paths
from models.forecast.profile import median
from models.forecast.settings import PROFILE_DAYS, RECENT_DAYS
from models.forecast.unusual.habits import HABIT_DAYS, around_holidays, judged
from models.forecast.unusual.newest_week import newest_week, on_busy_days
from models.forecast.unusual.rareness import Rareness, Tail, reach
from models.forecast.unusual.sizes import beside_all, logarithmic, of_all, off_level, weekly

DAYS, WEEKS = Tail(edge=0.9, freedom=6), Tail(edge=0.8, freedom=12)
"""Of single days, and of the middle of a week, which odd days hardly move. More of what is far out in weeks
is real: a change that lasts is in every week from then on."""
HALF_BAND = 0.8
"""Share of errors that a half-band holds."""
LEAST_EXPECTED = 0.5
"""Days that expect less teach nothing: hitting nothing with nothing would make all else look odd."""


@dataclass(frozen=True, eq=False)
class Surprise:
    """How far off forecasts are when nothing has happened.

    scale: logarithmic half-bands that hold 80 % of the errors. fleet, day, week: how rare errors are that the
    median account has on a day (of the weekday profile), one account has on a day, and one has in the middle
    of a week.
    """

    scale: float
    fleet: Rareness
    day: Rareness
    week: Rareness

    @classmethod
    def of(cls, quiet: UsagePanel, held: Sequence[tuple[UsagePanel, Paths]]) -> "Surprise":
        """From a panel without the days that will be judged, and what was served on days held back in it.

        What was held back is one season. The weekday profile, which nobody trains, can be asked for a year:
        its errors say what is usual, and the days held back how many times as large those served are.

        held: the panel before each origin, and the forecast from there.
        """
        muted = around_holidays(quiet)
        year = [_errors(past, weekday_median(past, RECENT_DAYS), quiet, muted) for past in _origins(quiet)]
        served = [_errors(past, paths, quiet, muted) for past, paths in held]
        profile = [
            _errors(past, weekday_median(past, paths.median.shape[1]), quiet, muted) for past, paths in held
        ]

        def times(kind: Callable[[_Errors], Floats]) -> float:
            both = [reach([kind(errors) for errors in side], HALF_BAND) for side in (served, profile)]
            return both[0] / both[1] if min(both) > 0 else 1.0

        scale = (reach([errors.own for errors in year], HALF_BAND) or 1.0) * times(lambda errors: errors.own)
        of_days = times(lambda errors: off_level(errors.own)) / scale
        of_weeks = times(lambda errors: weekly(errors.busy)) / scale
        return cls(
            scale,
            Rareness.of([off_level(errors.all[None]) / scale for errors in year], DAYS),
            Rareness.of([off_level(errors.own) * of_days for errors in year], DAYS),
            Rareness.of([median(newest_week(errors.busy))[:, None] * of_weeks for errors in year], WEEKS),
        )

    def sizes(self, paths: Paths, actual: Floats) -> Floats:
        """(accounts, days) signed errors: at 1 and -1 the 80 % interval ends."""
        sizes: Floats = logarithmic(paths, actual) / self.scale
        return sizes


def _origins(quiet: UsagePanel) -> Iterator[UsagePanel]:
    """The panel as it was at the beginning of every RECENT_DAYS of the last HABIT_DAYS."""
    last = quiet.days - RECENT_DAYS
    for days in range(last, max(last - HABIT_DAYS, PROFILE_DAYS - 1), -RECENT_DAYS):
        yield quiet.before(days)


@dataclass(frozen=True, eq=False)
class _Errors:
    """Errors of a forecast, where they would have been judged.

    all: (days,), of the median account. own: (accounts, days), beside all. busy: the same on busy days.
    """

    all: Floats
    own: Floats
    busy: Floats


def _errors(past: UsagePanel, paths: Paths, panel: UsagePanel, muted: NDArray[np.bool_]) -> _Errors:
    """Of a forecast from the end of `past` on."""
    days = slice(past.days, past.days + paths.median.shape[1])
    sizes = logarithmic(paths, panel.values[:, days])
    sizes[~judged(past)] = np.nan
    sizes[muted[:, days] | (paths.median < LEAST_EXPECTED)] = np.nan
    own = beside_all(sizes)
    return _Errors(of_all(sizes), own, on_busy_days(own, paths.median))
