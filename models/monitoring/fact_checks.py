"""Whether a source gave as many rows, and as fresh, as it uses to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

LEAST_SHARE = 0.1
FEWEST_RUNS = 3


@dataclass(frozen=True)
class FactAlarm:
    """A fact table that is not as it was.

    kind: `empty`, `few_rows` or `stale`. before, now: rows, or hours since the newest event.
    threshold: the bound passed.
    """

    fact: str
    kind: str
    before: float
    now: float
    threshold: float


def fact_volume(
    fact: str, rows: int, history: Sequence[int], least_share: float = LEAST_SHARE
) -> FactAlarm | None:
    """An alarm when a run brought nothing, or under `least_share` of the trailing median, where it used to.

    history: rows of earlier comparable runs (the same slot, the same weekday where use depends on it).
        Under FEWEST_RUNS, or with a median of 0, nothing is expected and nothing rings.
    """
    if len(history) < FEWEST_RUNS:
        return None
    usual = float(np.median(history))
    if usual == 0 or rows >= least_share * usual:
        return None
    return FactAlarm(fact, "few_rows" if rows else "empty", usual, rows, least_share * usual)


def fact_freshness(
    fact: str, newest_event_at: datetime | None, cut: datetime, allowed: timedelta
) -> FactAlarm | None:
    """An alarm when the newest event before the cut is older than allowed, or there is none."""
    allowed_h = allowed / timedelta(hours=1)
    age_h = (cut - newest_event_at) / timedelta(hours=1) if newest_event_at else float("inf")
    return FactAlarm(fact, "stale", allowed_h, age_h, allowed_h) if age_h > allowed_h else None
