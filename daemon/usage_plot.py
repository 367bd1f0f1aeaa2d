"""A picture of one account: usage, what is expected of it with its bands, and what was unusual."""

import textwrap
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from daemon.kept_forecast import Days, KeptForecast
from daemon.picture import Theme, blank, drawing, plain, save
from daemon.usage_marks import draw_marks

SIZES = {"record": (900, 360), "ops": (1400, 480)}
"""Pixels: of a picture on a record page in the CRM, and on a page for operations."""

WEEK = 7
LEAST_OF_WEEK = 4
USUAL = 0.97
"""Share of the days that the picture must hold; what is higher may run off at the top, with its number."""
ROOM = 1.6
"""Times the usual up to which the highest day is held too."""
LEAST_SHOWN = 28
"""Days of the past that even the youngest account's picture has."""
HEADROOM = 1.3
"""For the labels of what was unusual."""
LINE_LENGTH = 92
"""Letters of the head on a record page."""

HEALTH = {"positive": "▲", "stable": "●", "negative": "▼", "unknown": "○"}
SERVED_BY = {
    "lstm": "forecast by the network",
    "weekday_median": "forecast by the weekday median",
    "lstm+weekday_median": "forecast by the mean of network and weekday median",
    "stopped": "no use is forecast where it stopped",
}


def draw_usage(kept: KeptForecast, path: Path, theme: Theme, size: str) -> None:
    """Draw an account into a file.

    size: one of SIZES. raises: StepFailed where the file is of another kind or cannot be written.
    """
    with drawing():
        save(figure_of(kept, theme, size), path, f"{kept.account_id}: {kept.sentence}")


def figure_of(kept: KeptForecast, theme: Theme, size: str) -> Figure:
    """The figure, not yet a file."""
    kept = _begun(kept)
    width, height = SIZES[size]
    figure = blank(width, height, theme)
    together = kept.sentence.replace(" %", "\N{NO-BREAK SPACE}%")
    lines = textwrap.wrap(together, LINE_LENGTH * width // SIZES["record"][0]) or [""]
    below = (12 + 17 * len(lines)) / height
    _head(figure, kept, theme, lines, height)
    axis = figure.add_axes((54 / width, 48 / height, 1 - 74 / width, 1 - below - 72 / height))
    plain(axis, theme)
    top = _top(kept)
    _days(axis, kept, theme, top)
    axis.set_ylim(0, top * HEADROOM)
    axis.set_xlim(-0.5, len(kept.actual) + len(kept.median) - 0.5)
    axis.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
    _months(axis, kept)
    _now(axis, kept, theme)
    draw_marks(axis, kept, theme, top)
    _legend(figure, kept, theme, height)
    return figure


def _begun(kept: KeptForecast) -> KeptForecast:
    """Without the days before the first that was measured, as far as a month remains."""
    measured = np.flatnonzero(np.isfinite(kept.actual))
    unmeasured = int(measured[0]) if len(measured) else len(kept.actual)
    return replace(kept, actual=kept.actual[max(min(unmeasured, len(kept.actual) - LEAST_SHOWN), 0) :])


def short(amount: float) -> str:
    """1,234,567 as `1.2M`."""
    for unit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if amount >= unit:
            return f"{amount / unit:.3g}{letter}"
    return f"{amount:.3g}"


def _head(figure: Figure, kept: KeptForecast, theme: Theme, lines: Sequence[str], height: int) -> None:
    colour = {"positive": theme.good, "negative": theme.bad}.get(kept.health, theme.even)
    left = 14 / figure.get_figwidth() / figure.dpi
    top = 1 - 10 / height
    figure.text(left, top, HEALTH[kept.health], color=colour, fontsize=12, va="top")
    indent = 20 / figure.get_figwidth() / figure.dpi
    figure.text(
        left + indent, top, "\n".join(lines), color=theme.ink, fontsize=11, weight="bold", va="top",
        parse_math=False,
    )  # fmt: skip
    figure.text(
        left + indent, top - (4 + 17 * len(lines)) / height, _told(kept), color=theme.soft, va="top",
        parse_math=False,
    )  # fmt: skip


def _told(kept: KeptForecast) -> str:
    """What is expected in numbers, and who says so."""
    parts = []
    if 30 in kept.totals:
        total = kept.totals[30]
        within = (
            "" if total.low is None or total.high is None else f" ({total.low:,.0f} to {total.high:,.0f})"
        )
        parts.append(f"next 30 days: about {total.value:,.0f} events{within}")
    parts.append(SERVED_BY.get(kept.served_by, f"forecast by {kept.served_by}"))
    return " · ".join(parts)


def _days(axis: Axes, kept: KeptForecast, theme: Theme, top: float) -> None:
    past, ahead = np.arange(len(kept.actual)), len(kept.actual) + np.arange(len(kept.median))
    inner, outer = theme.band
    axis.fill_between(ahead, kept.low95, kept.high95, color=outer, linewidth=0, zorder=1.1)
    axis.fill_between(ahead, kept.low80, kept.high80, color=inner, linewidth=0, zorder=1.2)
    axis.plot(past, np.minimum(kept.actual, top), color=theme.past, linewidth=0.8, alpha=0.75, zorder=2)
    axis.plot(ahead, kept.median, color=theme.ahead, linewidth=0.8, alpha=0.75, zorder=2)
    means = np.minimum(weekly(np.concatenate([kept.actual, kept.median])), top)
    axis.plot(past, means[: len(past)], color=theme.past, linewidth=2.2, zorder=3)
    joined = slice(max(len(past) - 1, 0), None)
    dashes = (0, (4, 1.2))
    days = np.arange(len(means))[joined]
    axis.plot(days, means[joined], color=theme.ahead, linewidth=2.2, linestyle=dashes, zorder=3)


def weekly(values: Days) -> Days:
    """(days,) mean of the week around each day; NaN at both ends, and where under four days were measured."""
    found = np.full(len(values), np.nan)
    if len(values) >= WEEK:
        weeks = np.lib.stride_tricks.sliding_window_view(values, WEEK)
        count = np.isfinite(weeks).sum(axis=1)
        mean = np.where(np.isfinite(weeks), weeks, 0).sum(axis=1) / np.maximum(count, 1)
        found[WEEK // 2 : -(WEEK // 2)] = np.where(count >= LEAST_OF_WEEK, mean, np.nan)
    return found


def _top(kept: KeptForecast) -> float:
    """Height that the lines need: wild days and wild bands may run off, so that the rest can be read."""
    measured = kept.actual[np.isfinite(kept.actual)]
    usual = max(
        float(np.quantile(measured, USUAL)) if len(measured) else 0.0, float(kept.median.max(initial=0))
    )
    usual = max(usual, 1.0)
    highest = max(
        float(measured.max(initial=0)), float(np.quantile(kept.high95, USUAL)) if len(kept.high95) else 0
    )
    return min(highest, ROOM * usual) if highest > usual else usual


def _months(axis: Axes, kept: KeptForecast) -> None:
    days = [kept.day(column) for column in range(len(kept.actual) + len(kept.median))]
    firsts = [(column, day) for column, day in enumerate(days) if day.day == 1]
    named = [
        f"1 {day:%b} {day.year}" if number == 0 or day.month == 1 else f"1 {day:%b}"
        for number, (_, day) in enumerate(firsts)
    ]
    axis.set_xticks([column for column, _ in firsts], named)


def _now(axis: Axes, kept: KeptForecast, theme: Theme) -> None:
    """Where the measured days end, and the holidays on both sides."""
    end = len(kept.actual) - 0.5
    axis.axvline(end, color=theme.soft, linewidth=1, linestyle=(0, (1, 1.5)), zorder=1.5)
    axis.annotate(
        last_day(kept.start), (end, 0), xytext=(0, -14), textcoords="offset points", ha="center",
        va="top", color=theme.ink, weight="bold", annotation_clip=False, xycoords=("data", "axes fraction"),
        bbox={"facecolor": theme.paper, "edgecolor": "none", "pad": 1},
    )  # fmt: skip
    columns = [(day - kept.first).days for day in kept.holidays if day >= kept.first]
    axis.plot(
        columns, np.zeros(len(columns)), marker="d", linestyle="", color=theme.soft, markersize=4,
        clip_on=False, zorder=4,
    )  # fmt: skip


def last_day(start: date) -> str:
    """The last measured day."""
    day = start - timedelta(days=1)
    return f"{day.day} {day:%b}"


def _legend(figure: Figure, kept: KeptForecast, theme: Theme, height: int) -> None:
    inner, outer = theme.band
    keys = [
        (Line2D([], [], color=theme.past, linewidth=2.2), "usage, mean of a week"),
        (Line2D([], [], color=theme.past, linewidth=0.8, alpha=0.75), "of a day"),
        (Line2D([], [], color=theme.ahead, linewidth=2.2, linestyle=(0, (4, 1.2))), "expected"),
        (Patch(color=inner, linewidth=0), "8 of 10 days"),
        (Patch(color=outer, linewidth=0), "19 of 20 days"),
    ]
    if kept.holidays:
        keys.append((Line2D([], [], color=theme.soft, marker="d", markersize=4, linestyle=""), "holiday"))
    handles, names = zip(*keys, strict=True)
    figure.legend(
        handles, names, loc="lower center", bbox_to_anchor=(0.5, 2 / height), ncols=len(keys), frameon=False,
        labelcolor=theme.soft, handlelength=1.8, columnspacing=1.6, borderaxespad=0, borderpad=0.2,
    )  # fmt: skip
