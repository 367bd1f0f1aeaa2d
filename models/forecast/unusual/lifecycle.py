"""An anomaly from one look to the next: open, confirmed, recovered. The rules are all here.

open       raised for the first time. Odd days only where no earlier look judged them: what was no news then
           is none now, but a week is left for data that come late.
confirmed  a sustained change: change points bear it out. A stop: three silent days. An odd day: at a later
           look its data are as they were, and a later day is known.
recovered  usage is back: an odd day, by a later day inside its forecast; a sustained change, by a week whose
           median is near the forecast made before it; a stop, by any use. Or the anomaly is withdrawn: its
           data were corrected, or its day was the source's fault. Or it is over because a sustained change
           is older than the forecasts that it is judged by: the new level is the expected one by now.

The same happening, seen again, is the same story: dates and sizes may move a little without being told anew,
and an odd day that turns out to last becomes the sustained change or the stop.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from models.forecast.panel import Floats
from models.forecast.profile import median
from models.forecast.settings import LONG_DAYS, RECENT_DAYS, WEEK
from models.forecast.unusual.anomalies import LASTING, STOP, SUSTAINED, Anomaly
from models.forecast.unusual.silence import STOP_SHARE
from models.forecast.unusual.view import View

OPEN = "open"
CONFIRMED = "confirmed"
RECOVERED = "recovered"

LATE_DAYS = 7
"""Days that an odd day may come late."""
NEAR_DAYS = 3
"""Odd days so far apart are one happening; dates that move by no more are not told anew."""
LASTING_NEAR_DAYS = 28
"""The same for the start of a sustained change, which change points date anew every day."""
SAME_SIZE = 0.2
"""Logarithm of the factor by which a size may move without being told anew."""
WITHIN_LEVEL = 2.0
"""An odd day is no news where it is less than so many times as far as a new level that forecasts of single
days do not know yet."""
NEAR_FORECAST = 0.5
"""Median error of a week, in half-bands, at which a sustained change is over."""


@dataclass(frozen=True)
class Story:
    """An anomaly as it stands after a look.

    back: first day of usual usage again. withdrawn: it is no longer held to have happened.
    """

    anomaly: Anomaly
    status: str
    back: date | None = None
    withdrawn: bool = False

    @property
    def holds(self) -> bool:
        """Whether it is a lasting change that is not over; a stop, only once it is sure."""
        one = self.anomaly
        return self.status != RECOVERED and (one.kind == SUSTAINED or (one.kind == STOP and one.borne_out))


@dataclass(frozen=True, eq=False)
class Look:
    """What a look knows of one account.

    values: (days,), the panel's. recent, long: the views, muted. row: of the account. faults: days on which
        the source was at fault. judged_until: the day before which an earlier look judged; None = none did.
    """

    values: Floats
    recent: View
    long: View
    row: int
    faults: frozenset[date]
    judged_until: date | None

    @property
    def until(self) -> date:
        """The day after the last."""
        return self.recent.until

    def value(self, day: date) -> float:
        """Events of a day; NaN where unknown."""
        column = len(self.values) - (self.until - day).days
        return float(self.values[column]) if 0 <= column < len(self.values) else float("nan")


def retold(told: Sequence[Story], found: Sequence[Anomaly], look: Look) -> tuple[Story, ...]:
    """The stories told before, as they stand now, in their order; then the new ones.

    told: unfinished ones, and those recovered lately.
    """
    stories = list(told)
    seen: set[int] = set()
    new: list[Story] = []
    for one in sorted(found, key=lambda one: (one.kind not in LASTING, one.day)):
        number = _told(stories, one)
        if number is not None:
            if one.kind in LASTING or stories[number].anomaly.kind not in LASTING:
                stories[number] = _again(stories[number], one, look)
                seen.add(number)
        elif _is_news(one, look):
            new.append(Story(one, CONFIRMED if one.borne_out else OPEN))
    stories = [
        story if story.status == RECOVERED else _ended(story, look, found_again=number in seen)
        for number, story in enumerate(stories)
    ]
    return (*stories, *sorted(new, key=lambda story: story.anomaly.day))


def _told(stories: Sequence[Story], one: Anomaly) -> int | None:
    """Which story tells of it, those of its own kind first: one may have become what another is already."""
    same = [number for number, story in enumerate(stories) if _same(story, one)]
    return min(same, key=lambda number: stories[number].anomaly.kind != one.kind, default=None)


def _is_news(one: Anomaly, look: Look) -> bool:
    if one.kind in LASTING or look.judged_until is None:
        return True
    return one.day >= look.judged_until - timedelta(days=LATE_DAYS)


def _same(story: Story, one: Anomaly) -> bool:
    """Whether an anomaly is what a story tells of."""
    was = story.anomaly
    if (was.size > 0) != (one.size > 0):
        return False
    apart = abs((one.day - was.day).days)
    if was.kind == one.kind == STOP:
        return story.status != RECOVERED or apart <= NEAR_DAYS
    if was.kind == one.kind == SUSTAINED:
        return apart <= LASTING_NEAR_DAYS
    if was.kind in LASTING and one.kind in LASTING:
        return apart <= WEEK
    fresh = was.kind == SUSTAINED and story.status != RECOVERED and apart < RECENT_DAYS
    if fresh and _resized(was, one) < np.log(WITHIN_LEVEL):
        return True
    if was.kind in LASTING:
        settled = was.day + timedelta(days=WEEK)
        last = max(settled, _end(was) + timedelta(days=NEAR_DAYS)) if was.kind == STOP else settled
        return was.day - timedelta(days=NEAR_DAYS) <= one.day < last
    gap = max((one.day - _end(was)).days, (was.day - _end(one)).days)
    return gap < NEAR_DAYS


def _again(story: Story, one: Anomaly, look: Look) -> Story:
    """The story with what is known of it now; one that had recovered goes on where it came back.

    What was withdrawn stays so, unless its data were corrected once more.
    """
    was = story.anomaly
    if story.withdrawn:
        return Story(one, OPEN) if _corrected(was, look) else story
    if story.back is not None and _end(one) <= story.back:
        return story
    now = _steadied(was, one) if was.kind in LASTING or one.kind in LASTING else _joined(was, one)
    borne_out = now.borne_out if now.kind in LASTING else _stood(was, now, look)
    status = CONFIRMED if borne_out or story.status != OPEN else OPEN
    return Story(now, status)


def _steadied(was: Anomaly, one: Anomaly) -> Anomaly:
    """The new estimate, or the old one where they differ by no more than noise."""
    moved = abs((one.day - was.day).days)
    if was.kind != one.kind or moved > NEAR_DAYS or _resized(was, one) > SAME_SIZE:
        return one
    return replace(was, days=(_end(one) - was.day).days, chance=one.chance, borne_out=one.borne_out)


def _resized(was: Anomaly, one: Anomaly) -> float:
    """Logarithm of the factor between two sizes."""
    return float(abs(np.log(max(1 + one.size, 0.01) / max(1 + was.size, 0.01))))


def _joined(was: Anomaly, one: Anomaly) -> Anomaly:
    """Odd days near each other as one; its kind and size are those of the larger."""
    larger = one if abs(one.size) > abs(was.size) * (1 + SAME_SIZE) else was
    first = one if one.day <= was.day else was
    days = (max(_end(was), _end(one)) - first.day).days
    return replace(larger, day=first.day, days=days, value=first.value)


def _stood(was: Anomaly, now: Anomaly, look: Look) -> bool:
    """Whether an odd day is as it was, and a later day is known."""
    later = look.values[len(look.values) - (look.until - _end(now)).days :]
    return was.day == now.day and not _corrected(was, look) and bool(np.isfinite(later).any())


def _ended(story: Story, look: Look, *, found_again: bool) -> Story:
    """The story, recovered if it is over."""
    one = story.anomaly
    if not found_again and (_corrected(one, look) or (one.kind not in LASTING and one.day in look.faults)):
        return replace(story, status=RECOVERED, withdrawn=True)
    back = {STOP: _used_again, SUSTAINED: _level_again}.get(one.kind, _inside_again)(one, look)
    if back is not None and (one.kind not in LASTING or not found_again):
        confirmed = one.kind in LASTING or story.status == CONFIRMED or _stood(one, one, look)
        return replace(story, status=RECOVERED, back=back) if confirmed else story
    oldest = {STOP: None, SUSTAINED: LONG_DAYS}.get(one.kind, RECENT_DAYS)
    if oldest is not None and not found_again and one.day < look.until - timedelta(days=oldest):
        return replace(story, status=RECOVERED)
    return story


def _corrected(one: Anomaly, look: Look) -> bool:
    """Whether the events of its first day are others by now."""
    value = look.value(one.day)
    return bool(np.isfinite(value)) and abs(value - one.value) >= 0.5


def _inside_again(one: Anomaly, look: Look) -> date | None:
    view = look.recent
    after = view.days - (look.until - _end(one)).days
    inside = np.flatnonzero(np.abs(view.sizes[look.row, max(after, 0) :]) <= 1)
    return view.day(max(after, 0) + inside[0]) if len(inside) else None


def _level_again(one: Anomaly, look: Look) -> date | None:
    view = look.recent if one.day >= look.until - timedelta(days=RECENT_DAYS) else look.long
    if one.day < look.until - timedelta(days=LONG_DAYS):
        return None
    week = view.sizes[look.row, -WEEK:] * (1 if one.size > 0 else -1)
    near = np.isfinite(week).any() and float(median(week)) <= NEAR_FORECAST
    return look.until - timedelta(days=WEEK) if near else None


def _used_again(one: Anomaly, look: Look) -> date | None:
    days = min((look.until - one.day).days, len(look.values))
    values = np.nan_to_num(look.values[len(look.values) - days :])
    expected = np.zeros(days)
    seen = min(days, look.long.days)
    expected[days - seen :] = np.nan_to_num(look.long.expected[look.row, look.long.days - seen :])
    used = np.flatnonzero(values > STOP_SHARE * expected)
    return look.until - timedelta(days=int(days - used[0])) if len(used) else None


def _end(one: Anomaly) -> date:
    return one.day + timedelta(days=one.days)
