"""Marks of what was unusual: a sign of its own for each kind, and its words where there is room."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from daemon.kept_forecast import KeptAnomaly, KeptForecast
from daemon.picture import Theme

SIGNS = {"spike": "^", "drop": "v", "sustained change": "s", "stop": "X", "suspected misuse": "D"}
OTHER = "o"
LASTING = ("sustained change", "stop")
"""Kinds that are shown from their first day to the last that was measured."""
AS_MANY = 2.0
"""From this size on a multiple says more than a percentage."""
LANES = 2
LANE_STEP = 0.105
"""Of the axes' height."""
GAP = 8
"""Pixels between two labels."""


@dataclass(frozen=True)
class _Place:
    """Of a label. left, right: in pixels of the axes. lane: counted from the top."""

    left: float
    right: float
    lane: int

    def overlaps(self, other: "_Place") -> bool:
        return self.lane == other.lane and self.left < other.right + GAP and other.left < self.right + GAP


def draw_marks(axis: Axes, kept: KeptForecast, theme: Theme, top: float) -> None:
    """Every anomaly on the days drawn; the newest are named first, and none over another.

    top: height up to which days are drawn; a higher one is marked there.
    """
    taken: list[_Place] = []
    for each in sorted(kept.anomalies, key=lambda one: one.day, reverse=True):
        first = (each.day - kept.first).days
        if first + each.days > 0 and first < len(kept.actual):
            column, height = _peak(kept, each, max(first, 0), top)
            if each.kind in LASTING:
                span = (max(first, 0) - 0.5, len(kept.actual) - 0.5)
                axis.axvspan(*span, color=theme.odd, alpha=0.12, linewidth=0)
            axis.plot(
                [column], [height], marker=SIGNS.get(each.kind, OTHER), color=theme.odd, markersize=7,
                markeredgecolor=theme.paper, markeredgewidth=0.8, clip_on=False, zorder=6,
            )  # fmt: skip
            place = _name(axis, label_of(each), column, height, len(kept.actual), theme, taken)
            taken += [place] if place else []


def label_of(one: KeptAnomaly) -> str:
    """`Spike ×3.2, 4 Nov`; how large a new level is stands in the head."""
    kind = {"sustained change": "new level", "suspected misuse": "misuse?", "stop": "stopped"}.get(
        one.kind, one.kind
    )
    size = "" if one.kind in LASTING else f" {_size(one.size)}"
    return f"{kind.capitalize()}{size}, {one.day.day} {one.day:%b}"


def _size(size: float) -> str:
    if size + 1 >= AS_MANY:
        return f"×{size + 1:.0f}" if size + 1 >= 10 else f"×{size + 1:.1f}"
    return f"{size * 100:+.0f} %".replace("-", "−")


def _peak(kept: KeptForecast, one: KeptAnomaly, first: int, top: float) -> tuple[int, float]:
    """Column and height of the mark: on the day that stands out most, or where a lasting change begins."""
    lasting = one.kind in LASTING
    days = kept.actual[first : first + (1 if lasting else max(one.days, 1))]
    if not np.isfinite(days).any():
        return first, 0.0
    column = int(np.nanargmax(days) if one.size > 0 else np.nanargmin(days))
    return first + column, min(float(days[column]), top)


def _name(
    axis: Axes, words: str, column: int, height: float, measured: int, theme: Theme, taken: Sequence[_Place]
) -> _Place | None:
    """Write the words above a mark, left of the forecast, and lead a line to them; None without room."""
    text = axis.text(0, 1, words, transform=axis.transAxes, ha="left", va="top", color=theme.odd, zorder=7)
    place = _room(axis, text.get_window_extent().width, column, measured, taken)
    if place is None:
        text.remove()
        return None
    up = 0.98 - place.lane * LANE_STEP
    text.set_position((place.left / axis.get_window_extent().width, up))
    ends = [height, (up - LANE_STEP) * axis.get_ylim()[1]]
    axis.plot([column, column], ends, color=theme.odd, linewidth=0.7, alpha=0.7, zorder=1.6)
    return place


def _room(axis: Axes, width: float, column: int, measured: int, taken: Sequence[_Place]) -> _Place | None:
    """The highest lane in which so wide a label has room near its column."""
    first, last = axis.get_xlim()
    pixels = axis.get_window_extent().width / (last - first)
    left = max(min((column - first) * pixels - width / 2, measured * pixels - width - GAP / 2), 0.0)
    places = (_Place(left, left + width, lane) for lane in range(LANES))
    return next((place for place in places if not any(place.overlaps(other) for other in taken)), None)
