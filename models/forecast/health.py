"""Whether usage is expected to rise, hold or fall, in a sentence a rep can say.

The rule, in the order in which it is asked:

1. Use has stopped: negative, with the day.
2. Too few days measured, too little history or usage, or an interval so wide that usage may as well halve as
   double: unknown, with the reason.
3. A lasting change was told, began in the last 28 days and is not over: the comparable week since then
   against the one of the 28 days before it. Positive or negative where that is a change of over 5 % whose
   80 % interval leaves out zero. After four weeks the new level is the usual one, and only told.
4. All others: the comparable week of the next 28 days, as forecast, against the one of the last 28. Positive
   or negative where that is a change of over 5 % whose 95 % interval leaves out zero, since of thousands of
   accounts one in five leaves its 80 % interval by chance; else stable, where a change that is likely and not
   sure is said to be so. How sure a fall must be is an operating point: `maturityd select forecast
   --decision falling`.

Intervals come from backtested changes; the one that is told is the 80 % one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import expm1, log

import numpy as np
from numpy.typing import NDArray

from models.forecast.changes import COMPARED_DAYS, LEAST_PER_WEEK, comparable, events_of
from models.forecast.panel import Floats
from models.forecast.settings import PROFILE_DAYS, WEEK
from models.forecast.unusual.anomalies import STOP, Anomaly
from models.forecast.words import spoken

POSITIVE = "positive"
STABLE = "stable"
NEGATIVE = "negative"
UNKNOWN = "unknown"

LEAST_CHANGE = 0.05
"""Below this the forecast itself is not that exact."""
FALL_AT = 1.0
"""Score from which a fall is told: at 1 its surer interval just leaves out that there is none."""
LEAST_END = 0.005
"""Of the near end of an interval, so that it leaves out zero even as it is spoken, in whole percent."""
WIDEST = log(2)
"""Half-width of an interval from half to double, which says nothing."""


@dataclass(frozen=True)
class Health:
    """The trend of an account's usage.

    change, low, high: change of a comparable week, with its 80 % interval: as expected, or since a lasting
        change; None = unknown, or use has stopped.
    fall_score: how sure a fall is, 1 = as sure as is usually told; None where the forecast has no say.
    """

    rating: str
    sentence: str
    change: float | None = None
    low: float | None = None
    high: float | None = None
    fall_score: float | None = None


def health(
    values: Floats,
    start: date,
    ahead: Floats,
    holiday: NDArray[np.bool_],
    noise: Floats | None,
    stopped_on: date | None,
    lasting: Sequence[Anomaly],
    fall_at: float = FALL_AT,
) -> Health:
    """Health of one account.

    values: (days,), history. start: first day ahead. ahead: (horizon,), median forecast.
    holiday: (days + horizon,). noise: (2,), half-widths of the intervals of its log change, at the LEVELS of
        changes.py; None where nothing serves. stopped_on: when use ended, if it did. lasting: stops and
        sustained changes that are not over.
    fall_at: the fall score from which a fall is told.
    """
    newest = max(lasting, key=lambda one: one.day, default=None)
    if stopped_on is None and newest is not None and newest.kind == STOP:
        stopped_on = newest.day
    if stopped_on is not None:
        days = (start - stopped_on).days
        return Health(NEGATIVE, f"Usage stopped on {spoken(stopped_on)}, {days} days ago")
    reason = _too_little(values, start)
    if reason or noise is None:
        return Health(UNKNOWN, reason)
    usual, sure = noise.tolist()
    if usual > WIDEST:
        return Health(UNKNOWN, "Usage varies too much to tell a trend")
    every, today = np.concatenate([values, ahead]), len(values)
    age = (start - newest.day).days if newest is not None else 0
    if newest is not None and age <= COMPARED_DAYS:
        began, whole = today - WEEK * -(-age // WEEK), WEEK * max(1, age // WEEK)
        moved = _moved(every, holiday, slice(began - COMPARED_DAYS, began), slice(today - whole, today))
        if moved is not None and moved * newest.size > 0 and _is_clear(moved, usual):
            return _new_level(moved, usual, newest.day)
    last, coming = slice(today - COMPARED_DAYS, today), slice(today, today + COMPARED_DAYS)
    moved = _moved(every, holiday, last, coming)
    if moved is None:
        return Health(UNKNOWN, "Too little usage on most days to tell a trend")
    score = _fall_score(moved, sure)
    told = score >= fall_at if moved < 0 else _is_clear(moved, sure)
    if told:
        return replace(_trend(moved, usual), fall_score=score)
    return replace(_stable(moved, usual, newest if age > COMPARED_DAYS else None), fall_score=score)


def _moved(every: Floats, holiday: NDArray[np.bool_], before: slice, after: slice) -> float | None:
    """Log change between the comparable weeks of two spans of days; None where the first was hardly used."""
    weeks = [comparable(every[None, span], holiday[None, span]) for span in (before, after)]
    first, second = (float(events[0]) for events in events_of(*weeks))
    return log((second + 1) / (first + 1)) if first >= LEAST_PER_WEEK else None


def _fall_score(moved: float, noise: float) -> float:
    """How sure a fall is, as a multiple of its noise; 0 where it is too small to be told, or a rise."""
    return max(-moved - LEAST_END, 0.0) / max(noise, 1e-6) if expm1(moved) <= -LEAST_CHANGE else 0.0


def _is_clear(moved: float, noise: float) -> bool:
    return abs(expm1(moved)) >= LEAST_CHANGE and abs(moved) - noise > LEAST_END


def _too_little(values: Floats, start: date) -> str:
    """Why nothing can be said; empty where something can."""
    measured = np.flatnonzero(np.isfinite(values))
    if len(measured) == 0:
        return "No usage has been measured yet"
    silent = len(values) - int(measured[-1]) - 1
    recent = int((measured >= len(values) - COMPARED_DAYS).sum())
    if recent < COMPARED_DAYS // 2:
        last = spoken(start - timedelta(days=silent + 1))
        return f"Only {recent} of the last {COMPARED_DAYS} days were measured, the last on {last}"
    span = len(values) - int(measured[0])
    if span < PROFILE_DAYS:
        return f"Too little history to tell a trend: {span} days, {PROFILE_DAYS} are needed"
    return ""


def _trend(moved: float, noise: float) -> Health:
    verb = "rise" if moved > 0 else "fall"
    about = f"Usage is expected to {verb} about {abs(expm1(moved)):.0%} over the next 30 days"
    return _claimed(f"{about} {_between(moved, noise)}", moved, noise)


def _new_level(moved: float, noise: float, since: date) -> Health:
    """What is known: how much of it stays is in the forecast, and may be less."""
    verb, side = ("rose", "above") if moved > 0 else ("fell", "below")
    now = f"is about {abs(expm1(moved)):.0%} {side} the weeks before"
    return _claimed(f"Usage {verb} around {spoken(since)} and {now} {_between(moved, noise)}", moved, noise)


def _stable(moved: float, noise: float, level: Anomaly | None) -> Health:
    """level: a lasting change that is no news any more."""
    ends = _ends(moved, noise)
    if level is None:
        coming = _coming(moved, noise, known_way=0)
        return Health(STABLE, _percent(coming[0].upper() + coming[1:]), *ends)
    verb, side = ("rose", "up") if level.size > 0 else ("fell", "down")
    known = f"Usage {verb} around {spoken(level.day)} and has stayed {side}"
    return Health(STABLE, _percent(f"{known}; {_coming(moved, noise, known_way=level.size)}"), *ends)


def _coming(moved: float, noise: float, known_way: float) -> str:
    """Of a change that is not sure. known_way: sign of a change that has been told in the same sentence."""
    _, low, high = _ends(moved, noise)
    if not _is_clear(moved, noise):
        further = "further " if known_way else ""
        return (
            f"no {further}clear change of usage is expected over the next 30 days ({low:+.0%} to {high:+.0%})"
        )
    further = "further " if known_way * moved > 0 else ""
    verb = "rise" if moved > 0 else "fall"
    return f"a {further}{verb} over the next 30 days is likely, not sure {_between(moved, noise)}"


def _claimed(sentence: str, moved: float, noise: float) -> Health:
    return Health(POSITIVE if moved > 0 else NEGATIVE, _percent(sentence), *_ends(moved, noise))


def _ends(moved: float, noise: float) -> tuple[float, float, float]:
    """The change, and the ends of its interval, as shares."""
    return expm1(moved), expm1(moved - noise), expm1(moved + noise)


def _between(moved: float, noise: float) -> str:
    low, high = _ends(moved, noise)[1:]
    if low < 0 < high:
        return f"({low:+.0%} to {high:+.0%})"
    near, far = sorted((abs(low), abs(high)))
    return f"(between {near:.0%} and {far:.0%})"


def _percent(sentence: str) -> str:
    return sentence.replace("%", " %").replace("-", "−")
