"""Actuals that the forecast made before them did not allow: single days, lasting changes, stops."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.forecast.metrics import row_mean
from models.forecast.panel import Floats, UsagePanel
from models.forecast.paths import Paths
from models.forecast.profile import last_days, median, quantile, weekday_profile
from models.forecast.serving import stopped_from
from models.forecast.settings import PROFILE_DAYS, WEEK
from models.forecast.surprise import Surprise, off_level

SPIKE = "spike"
DROP = "drop"
SUSTAINED = "sustained change"
STOP = "stop"
MISUSE = "suspected misuse"
LASTING = (SUSTAINED, STOP)

FALSE_SHARE = 0.1
"""Benjamini-Hochberg: expected share of false alarms among all single days that are raised."""
UNCONFIRMED_FALSE_SHARE = 0.2
"""The same for lasting changes, of which change points then have to confirm each."""
SUSPECT = 0.01
"""Chance up to which something may be an anomaly, if an operating point has it so."""
LEAST_CHANGE = 0.2
SAME_SIGN_DAYS = 6
FLEET_ACCOUNTS = 20
"""Accounts below which a day cannot be blamed on the source."""
RARE_SHARE, HIGHER = 0.02, 1.25
"""A spike rises this many times as far as the account did on all but RARE_SHARE of the days before."""
STOP_SHARE = 0.05
STOP_DAYS = 3
LONGER_THAN_BEFORE = 1.5
SEGMENT_DAYS = 180
MISUSE_TIMES = 3.0

_Rule = Callable[[NDArray[np.float64], float], NDArray[np.bool_]]
"""What is raised of so many chances, at a share of false alarms."""


@dataclass(frozen=True)
class Anomaly:
    """Something that happened to one account's usage.

    day: first day. days: how long, in days. size: actual / expected - 1 over those days.
    chance: of something as large on a day like any other; 0 where it was not judged by chance.
    """

    kind: str
    day: date
    days: int
    size: float
    chance: float


@dataclass(frozen=True)
class Incident:
    """A day on which most accounts left their forecasts the same way: the source's fault, not theirs.

    size: median over accounts of the error, 1 = the edge of the 80 % interval.
    """

    day: date
    size: float


@dataclass(frozen=True, eq=False)
class View:
    """The newest days against a forecast frozen before them.

    paths: from the origin. actual: (accounts, days). sizes: standardised errors; NaN = not measured
        or muted.
    """

    paths: Paths
    actual: Floats
    sizes: Floats


def incidents(view: View, until: date) -> tuple[Incident, ...]:
    """Days on which the median account was outside its interval."""
    measured = np.isfinite(view.sizes).sum(axis=0)
    middle = median(view.sizes.T)
    return tuple(
        Incident(_day(until, view, column), float(middle[column]))
        for column in np.flatnonzero((measured >= FLEET_ACCOUNTS) & (np.abs(np.nan_to_num(middle)) > 1))
    )


def anomalies(
    panel: UsagePanel,
    recent: View,
    long: View,
    surprise: Surprise,
    users: UsagePanel | None,
    most_chance: float | None = None,
) -> tuple[tuple[Anomaly, ...], ...]:
    """Anomalies of each account of the panel, oldest first.

    users: active users of the same accounts and days, where known: many more events without more
        users are suspected misuse. most_chance: what is as rare or rarer is raised; None: what passes at
        the shares of false alarms.
    """
    rule = accepted if most_chance is None else _as_rare_as(most_chance)
    found = _points(panel, recent, surprise, rule)
    lasting = _lasting(panel, recent, long, surprise, rule)
    for row, change in lasting.items():
        found[row] = [one for one in found.get(row, []) if one.day < change.day] + [change]
    return tuple(
        tuple(_named(one, panel, row, users) for one in found.get(row, ()))
        for row in range(len(panel.account_ids))
    )


def suspects(
    panel: UsagePanel, recent: View, long: View, surprise: Surprise, users: UsagePanel | None
) -> tuple[tuple[Anomaly, ...], ...]:
    """All that some rule may raise, of each account: what is as rare as SUSPECT, and what is raised as usual.

    What was lasting stands beside what was not.
    """

    def rule(chances: NDArray[np.float64], false_share: float) -> NDArray[np.bool_]:
        return accepted(chances, false_share) | (chances <= SUSPECT)

    found = _points(panel, recent, surprise, rule)
    for row, change in _lasting(panel, recent, long, surprise, rule).items():
        found.setdefault(row, []).append(change)
    return tuple(
        tuple(_named(one, panel, row, users) for one in found.get(row, ()))
        for row in range(len(panel.account_ids))
    )


def _lasting(
    panel: UsagePanel, recent: View, long: View, surprise: Surprise, rule: _Rule
) -> dict[int, Anomaly]:
    lasting = _stops(panel, long)
    for view in (recent, long):
        for row, change in _sustained(panel, view, surprise, rule).items():
            lasting.setdefault(row, change)
    return lasting


def _as_rare_as(most_chance: float) -> _Rule:
    return lambda chances, _: chances <= most_chance


def accepted(chances: NDArray[np.float64], false_share: float) -> NDArray[np.bool_]:
    """Which tests pass Benjamini-Hochberg at a share of false alarms; NaN is no test."""
    tested = np.sort(chances[np.isfinite(chances)])
    limits = false_share * np.arange(1, len(tested) + 1) / max(len(tested), 1)
    passing = np.flatnonzero(tested <= limits)
    return chances <= tested[passing[-1]] if len(passing) else np.zeros(chances.shape, dtype=bool)


def _points(panel: UsagePanel, view: View, surprise: Surprise, rule: _Rule) -> dict[int, list[Anomaly]]:
    """Single days, and runs of days with the same sign.

    A day that the account has often had before is no spike: some are used in bursts.
    """
    sizes = off_level(view.sizes)
    chances = surprise.day.chance(np.abs(sizes))
    judged = view.actual.shape[1]
    before = _residual(panel.values, judged)[:, : SEGMENT_DAYS - judged]
    highest = HIGHER * quantile(before, 1 - RARE_SHARE)[:, None]
    usual = (sizes > 0) & (view.actual - view.paths.median <= highest)
    hits = rule(chances, FALSE_SHARE) & ~usual
    found: dict[int, list[Anomaly]] = {}
    for row in np.flatnonzero(hits.any(axis=1)):
        columns = np.flatnonzero(hits[row])
        breaks = (np.diff(columns) > 1) | (np.diff(np.sign(view.sizes[row, columns])) != 0)
        for run in np.split(columns, np.flatnonzero(breaks) + 1):
            kind = SPIKE if view.sizes[row, run[0]] > 0 else DROP
            size = _change(view, row, run)
            chance = float(np.nanmin(chances[row, run]))
            found.setdefault(int(row), []).append(
                Anomaly(kind, _day(panel.until, view, run[0]), len(run), size, chance)
            )
    return found


def _stops(panel: UsagePanel, view: View) -> dict[int, Anomaly]:
    """Use that ended: long since, or next to nothing on at least three days that expected something."""
    found = {}
    columns = stopped_from(panel.values)
    for row in np.flatnonzero(columns < panel.days):
        length = int(panel.days - columns[row])
        found[int(row)] = Anomaly(STOP, panel.day(columns[row]), length, -1.0, 0.0)
    expected = np.nan_to_num(view.paths.median)
    counts = np.isfinite(view.actual) & (expected >= 1)
    alive = np.isfinite(view.actual) & (view.actual > STOP_SHARE * expected)
    for row in np.flatnonzero(view.paths.serves & counts.any(axis=1)):
        last = np.flatnonzero(alive[row])
        first = int(last[-1]) + 1 if len(last) else 0
        silent = first + np.flatnonzero(counts[row, first:])
        past = panel.values[row, : panel.days - view.actual.shape[1] + first]
        if len(silent) >= STOP_DAYS and _outlasts(view.actual.shape[1] - first, past):
            day = _day(panel.until, view, silent[0])
            found.setdefault(int(row), Anomaly(STOP, day, (panel.until - day).days, -1.0, 0.0))
    return found


def _outlasts(length: int, past: Floats) -> bool:
    """Whether a silence is clearly longer than any in the last months."""
    used = np.flatnonzero(np.concatenate([[1.0], np.nan_to_num(past[-SEGMENT_DAYS:], nan=1.0), [1.0]]) > 0)
    return length > LONGER_THAN_BEFORE * (int(np.diff(used).max()) - 1)


def _sustained(panel: UsagePanel, view: View, surprise: Surprise, rule: _Rule) -> dict[int, Anomaly]:
    """New levels and slopes that hold to the newest week."""
    week = view.sizes[:, -WEEK:]
    middle = median(week)
    chances = surprise.week.chance(np.abs(middle))
    agree = (np.sign(week) == np.sign(middle)[:, None]).sum(axis=1) >= SAME_SIGN_DAYS
    found = {}
    for row in np.flatnonzero(rule(chances, UNCONFIRMED_FALSE_SHARE) & agree):
        first = _changed_at(panel, int(row), view.actual.shape[1], float(middle[row]))
        if first is not None:
            size = _change(view, row, np.arange(first, view.actual.shape[1]))
            if abs(size) >= LEAST_CHANGE:
                day = _day(panel.until, view, first)
                found[int(row)] = Anomaly(
                    SUSTAINED, day, view.actual.shape[1] - first, size, float(chances[row])
                )
    return found


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


def _named(one: Anomaly, panel: UsagePanel, row: int, users: UsagePanel | None) -> Anomaly:
    """The same anomaly, called misuse where each user would have to do several times as much."""
    if users is None or one.size + 1 < MISUSE_TIMES:
        return one
    first = (one.day - panel.start).days
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where(users.values[row] > 0, panel.values[row] / users.values[row], np.nan)
    before = float(median(each[max(0, first - PROFILE_DAYS) : first].astype(np.float32)))
    during = float(row_mean(each[first : first + one.days].astype(np.float32)))
    if before > 0 and during >= MISUSE_TIMES * before:
        return Anomaly(MISUSE, one.day, one.days, one.size, one.chance)
    return one


def _change(view: View, row: np.intp, columns: NDArray[np.intp]) -> float:
    measured = columns[np.isfinite(view.actual[row, columns])]
    expected = float(view.paths.median[row, measured].sum())
    return float(view.actual[row, measured].sum()) / max(expected, 1.0) - 1


def _day(until: date, view: View, column: np.intp | int) -> date:
    return until - timedelta(days=int(view.actual.shape[1] - column))
