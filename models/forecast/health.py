"""Whether usage is expected to rise, hold or fall, in a sentence a rep can say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from models.forecast.anomalies import STOP, SUSTAINED, Anomaly
from models.forecast.panel import Floats
from models.forecast.profile import median
from models.forecast.settings import PROFILE_DAYS, WEEK
from models.forecast.totals import Total
from models.forecast.words import spoken

POSITIVE = "positive"
STABLE = "stable"
NEGATIVE = "negative"
UNKNOWN = "unknown"

COMPARED_DAYS = 28
"""Whole weeks compared: the next 28 days against the last 28."""
LEAST_CHANGE = 0.05
"""Below this the forecast itself is not that exact."""
LEAST_PER_WEEK = 7.0
FALL_AT = 1.0
"""Score from which a fall is told: 1 is a fall whose interval just leaves out that there is none."""


@dataclass(frozen=True)
class Health:
    """The trend of an account's usage.

    change, low, high: expected change of a comparable week, with its 80 % interval; None = unknown.
    """

    rating: str
    sentence: str
    change: float | None = None
    low: float | None = None
    high: float | None = None


def health(
    values: Floats,
    start: date,
    ahead: Floats,
    holiday: NDArray[np.bool_],
    total: Total | None,
    stopped_on: date | None,
    found: Sequence[Anomaly],
    fall_at: float = FALL_AT,
) -> Health:
    """Health of one account.

    values: (days,), history. start: first day ahead. ahead: (horizon,), median forecast.
    holiday: (days + horizon,). total: of the next 30 days, for the width of the interval; None where
        nothing serves. stopped_on: when use ended, if it did. found: its anomalies. fall_at: the
        `fall_score` from which a fall is told.
    """
    lasting = next((one for one in reversed(found) if one.kind in (STOP, SUSTAINED)), None)
    if stopped_on is None and lasting is not None and lasting.kind == STOP:
        stopped_on = lasting.day
    if stopped_on is not None:
        days = (start - stopped_on).days
        return Health(NEGATIVE, f"Usage stopped on {spoken(stopped_on)}, {days} days ago")
    reason = _too_little(values, start)
    if reason or total is None:
        return Health(UNKNOWN, reason)
    before, after = _comparable(values, ahead, holiday)
    if before < LEAST_PER_WEEK:
        return Health(UNKNOWN, f"Too little usage to tell a trend: about {before:.0f} events a week")
    change = after / before - 1
    expected = max(total.value, 1.0)
    low = (1 + change) * (total.low / expected) - 1
    high = (1 + change) * (total.high / expected) - 1
    if lasting is not None:
        return _changed(lasting, change, low, high)
    return _expected(change, low, high, fall_at)


def fall_score(change: float, high: float) -> float:
    """How sure a fall is: as a share of the half-interval above the change, of which 1 reaches to no change.

    0 where the change is none that is told: under LEAST_CHANGE, or a rise.
    """
    return -change / max(high - change, 1e-6) if change <= -LEAST_CHANGE else 0.0


def _comparable(values: Floats, ahead: Floats, holiday: NDArray[np.bool_]) -> tuple[float, float]:
    """Events in an ordinary week, before and ahead: weekday medians without holidays."""
    past = np.where(holiday[len(values) - COMPARED_DAYS : len(values)], np.nan, values[-COMPARED_DAYS:])
    coming = np.where(holiday[len(values) :][:COMPARED_DAYS], np.nan, ahead[:COMPARED_DAYS])
    weeks = [median(part.astype(np.float32).reshape(-1, WEEK).T) for part in (past, coming)]
    both = np.isfinite(weeks[0]) & np.isfinite(weeks[1])
    scale = WEEK / max(int(both.sum()), 1)
    return float(weeks[0][both].sum() * scale), float(weeks[1][both].sum() * scale)


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


def _expected(change: float, low: float, high: float, fall_at: float) -> Health:
    if change >= LEAST_CHANGE and low > 0:
        rating, verb, ends = POSITIVE, "rise", (low, high)
    elif fall_score(change, high) >= fall_at:
        rating, verb, ends = NEGATIVE, "fall", (-high, -low)
    else:
        sentence = f"No clear change of usage is expected over the next 30 days ({low:+.0%} to {high:+.0%})"
        return Health(STABLE, _percent(sentence), change, low, high)
    about = f"Usage is expected to {verb} about {abs(change):.0%} over the next 30 days"
    range_ = f"between {ends[0]:.0%} and {ends[1]:.0%}" if ends[0] > 0 else f"{low:+.0%} to {high:+.0%}"
    return Health(rating, _percent(f"{about} ({range_})"), change, low, high)


def _changed(one: Anomaly, change: float, low: float, high: float) -> Health:
    rating, verb = (POSITIVE, "rose") if one.size > 0 else (NEGATIVE, "fell")
    sentence = f"Usage {verb} about {abs(one.size):.0%} around {spoken(one.day)} and has stayed there"
    return Health(rating, _percent(sentence), change, low, high)


def _percent(sentence: str) -> str:
    return sentence.replace("%", " %").replace("-", "−")
