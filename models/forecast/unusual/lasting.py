"""New levels and slopes that hold to the newest week, borne out by change points."""

from itertools import pairwise

import numpy as np

from models.forecast.panel import Floats, UsagePanel
from models.forecast.profile import last_days, median, weekday_profile
from models.forecast.settings import WEEK
from models.forecast.unusual.anomalies import SUSTAINED, Anomaly
from models.forecast.unusual.false_alarms import Rule
from models.forecast.unusual.newest_week import newest, newest_week, on_busy_days
from models.forecast.unusual.surprise import Surprise
from models.forecast.unusual.view import View

FALSE_SHARE = 0.1
"""Expected share of false ones among the suspects, of which change points then have to confirm each."""
LEAST_CHANGE = 0.25
LEAST_DAYS, OTHER_SIGN_DAYS = 5, 1
"""Of the newest week: so many days are known at least, and so many at most speak against it."""
NEWEST_DAYS, NEWEST_SHARE = 3, 0.5
"""The newest days are off by so much of the week's error at least: else it is over, or was a few odd days."""
SEGMENT_DAYS = 180


def sustained(panel: UsagePanel, view: View, surprise: Surprise, rule: Rule) -> dict[int, Anomaly]:
    """Lasting changes by row of the panel."""
    week = newest_week(on_busy_days(view.sizes, view.expected))
    middle = median(week)
    chances = surprise.week.chance(middle[:, None])[:, 0]
    agree = np.isfinite(week).sum(axis=1) >= LEAST_DAYS
    agree &= (week * np.sign(middle)[:, None] <= 0).sum(axis=1) <= OTHER_SIGN_DAYS
    last = np.where(newest(week, NEWEST_DAYS), week, np.nan).astype(np.float32)
    agree &= median(last) * np.sign(middle) >= NEWEST_SHARE * np.abs(middle)
    found = {}
    for row in np.flatnonzero(rule(chances, FALSE_SHARE) & agree):
        first = _changed_at(panel, int(row), view.days, float(middle[row]))
        if first is not None:
            size = view.change(row, np.arange(first, view.days))
            if min(abs(size), _usual_change(view, row)) >= LEAST_CHANGE:
                found[int(row)] = Anomaly(
                    SUSTAINED,
                    view.day(first),
                    view.days - first,
                    size,
                    float(chances[row]),
                    value=float(np.nan_to_num(view.actual[row, first])),
                    borne_out=True,
                )
    return found


def _usual_change(view: View, row: np.intp) -> float:
    """Of the middle one of the newest days, as a share of the forecast: a few wild days are no new level."""
    expected = np.maximum(view.expected[row, -WEEK:], 1)
    off = view.actual[row, -WEEK:] / expected - 1
    return abs(float(median(off.astype(np.float32))))


def _changed_at(panel: UsagePanel, row: int, judged: int, sign: float) -> int | None:
    """First judged day of the change, where change points confirm one; a slope's steps count as one.

    source: ruptures' KernelCPD with a linear kernel, penalty 3 log n in units of the noise variance
    """
    from ruptures import KernelCPD  # loads slowly, and few panels hold a suspect

    residual = _residual(panel.values[[row]], judged)[0]
    residual = residual[np.argmax(np.isfinite(residual)) :]
    residual = np.where(np.isfinite(residual), residual, float(median(residual)))
    noise = float(median(np.abs(np.diff(residual)))) / 0.954
    scaled = np.clip(residual / max(noise, 1e-6), -8, 8)[:, None]
    search = KernelCPD(kernel="linear", min_size=WEEK).fit(scaled)
    bounds = [0, *search.predict(pen=3 * np.log(len(scaled)))]
    steps = np.sign(np.diff([scaled[start:end].mean() for start, end in pairwise(bounds)]))
    found = None
    for bound, step in zip(reversed(bounds[1:-1]), reversed(steps), strict=True):
        first = int(bound) - (len(scaled) - judged)  # ruptures counts in int32, which JSON refuses
        if first < 0 or step != np.sign(sign):
            break
        found = first
    return found


def _residual(values: Floats, judged: int) -> Floats:
    """(rows, SEGMENT_DAYS) newest days less their weekday's profile, as it was before the judged days."""
    profile = weekday_profile(values[:, : values.shape[1] - judged])
    ahead = np.arange(SEGMENT_DAYS) - (SEGMENT_DAYS - judged)
    residual: Floats = last_days(values, SEGMENT_DAYS) - profile[:, ahead % WEEK]
    return residual
