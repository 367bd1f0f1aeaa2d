"""How rare an error is, against the errors of a year in which most days were quiet."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.forecast.baselines import weekday_median
from models.forecast.panel import Floats, UsagePanel
from models.forecast.paths import Paths
from models.forecast.profile import median
from models.forecast.settings import PROFILE_DAYS, RECENT_DAYS, WEEK
from models.forecast.unusual.habits import HABIT_DAYS, around_holidays, judged
from models.forecast.unusual.rareness import Rareness, reach
from models.forecast.unusual.sizes import beside_all, logarithmic, of_all, off_level, weekly

EDGE, DAY_EDGE = 0.8, 0.9
"""Shares of errors by which the rest is judged. Changes that last are frequent: beyond 80 % of all weeks."""
LEAST_EXPECTED = 0.5
"""Days that expect less teach nothing: hitting nothing with nothing would make all else look odd."""


@dataclass(frozen=True, eq=False)
class Surprise:
    """How far off forecasts are when nothing has happened.

    scale: logarithmic half-bands that hold EDGE of the errors. fleet, day, week: how rare errors are that the
    median account has on a day, one account has on a day, and one has in the middle of a week.
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
        served = [beside_all(_errors(past, paths, quiet, muted)) for past, paths in held]
        profile = [
            beside_all(_errors(past, weekday_median(past, paths.median.shape[1]), quiet, muted))
            for past, paths in held
        ]

        def times(kind: Callable[[Floats], Floats]) -> float:
            both = [reach([kind(sizes) for sizes in side], EDGE) for side in (served, profile)]
            return both[0] / both[1] if min(both) > 0 else 1.0

        own = [beside_all(sizes) for sizes in year]
        scale = (reach(own, EDGE) or 1.0) * times(np.asarray)
        of_days, of_weeks = times(off_level) / scale, times(weekly) / scale
        return cls(
            scale,
            Rareness.of([off_level(of_all(sizes)[None]) / scale for sizes in year], DAY_EDGE),
            Rareness.of([off_level(sizes) * of_days for sizes in own], DAY_EDGE),
            Rareness.of([median(sizes[:, -WEEK:])[:, None] * of_weeks for sizes in own], EDGE),
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


def _errors(past: UsagePanel, paths: Paths, panel: UsagePanel, muted: NDArray[np.bool_]) -> Floats:
    """Errors of a forecast from the end of `past` on, where they would have been judged."""
    days = slice(past.days, past.days + paths.median.shape[1])
    sizes = logarithmic(paths, panel.values[:, days])
    sizes[~judged(past)] = np.nan
    sizes[muted[:, days] | (paths.median < LEAST_EXPECTED)] = np.nan
    return sizes
