"""Plots as SVG, drawn on the server: the usage forecast and the trend of the score.

Colours are classes, so that the style sheet decides for light and dark.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from math import ceil, floor, log10

from markupsafe import Markup

Number = float | None

SHOWN_DAYS = 150
SMOOTHING_DAYS = 7
ANOMALY_WORDS = {
    "spike": "Spike", "drop": "Drop", "sustained_change": "New level", "stop": "Usage stopped",
    "suspected_misuse": "Suspected misuse",
}  # fmt: skip


@dataclass(frozen=True)
class Anomaly:
    """A day on which usage was not as expected."""

    day: date
    words: str


@dataclass(frozen=True)
class Forecast:
    """Daily usage as it was and as it is expected. first: day of the first actual; the rest follows on it."""

    first: date
    actual: tuple[Number, ...]
    median: tuple[Number, ...]
    low: tuple[Number, ...]
    high: tuple[Number, ...]
    anomalies: tuple[Anomaly, ...]

    @property
    def starts(self) -> date:
        """The first forecast day."""
        return self.first + timedelta(days=len(self.actual))


def read_forecast(text: object) -> Forecast | None:
    """The forecast in the field's JSON; None where there is none, or none that can be read."""
    try:
        data = json.loads(str(text))
        series = {
            name: tuple(_number(each) for each in data[name]) for name in ("actual", "median", "low", "high")
        }
        noted = tuple(_anomaly(each) for each in data.get("anomalies", ()))
        found = Forecast(date.fromisoformat(data["start"]), anomalies=noted, **series)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    whole = found.actual and len(found.median) == len(found.low) == len(found.high) > 0
    return found if whole else None


def _number(value: object) -> Number:
    return None if value is None else float(str(value))


def _anomaly(entry: dict[str, object]) -> Anomaly:
    kind = str(entry["kind"])
    words = ANOMALY_WORDS.get(kind.replace(" ", "_"), kind.replace("_", " ").capitalize())
    return Anomaly(date.fromisoformat(str(entry["day"])), words)


def smoothed(values: Sequence[Number]) -> list[Number]:
    """Mean of the last seven days that were observed; null until four of them were."""
    means: list[Number] = []
    for end in range(1, len(values) + 1):
        window = [each for each in values[max(0, end - SMOOTHING_DAYS) : end] if each is not None]
        means.append(sum(window) / len(window) if len(window) >= 4 else None)
    return means


class _Canvas:
    """Days and amounts to a picture's coordinates."""

    width, height = 760, 250
    left, right, top, bottom = 46, 10, 14, 26

    def __init__(self, days: int, highest: float) -> None:
        self._days = max(1, days - 1)
        self.step = _round_step(highest / 4 or 1)
        self.limit = max(self.step, ceil(highest / self.step) * self.step)

    def x(self, day: float) -> float:
        return round(self.left + (self.width - self.left - self.right) * day / self._days, 1)

    def y(self, amount: float) -> float:
        return round(
            self.height - self.bottom - (self.height - self.top - self.bottom) * amount / self.limit, 1
        )

    def line(self, values: Sequence[Number], start: int, css: str) -> str:
        """One path; a day that was not observed leaves a gap."""
        parts: list[str] = []
        pen_up = True
        for day, value in enumerate(values, start):
            if value is not None:
                parts.append(f"{'M' if pen_up else 'L'}{self.x(day)} {self.y(value)}")
            pen_up = value is None
        return f'<path class="{css}" d="{" ".join(parts)}"/>' if parts else ""

    def grid(self) -> str:
        lines: list[str] = []
        for number in range(int(self.limit / self.step + 0.5) + 1):
            y = self.y(number * self.step)
            lines.append(
                f'<line class="grid" x1="{self.left}" x2="{self.width - self.right}" y1="{y}" y2="{y}"/>'
            )
            lines.append(
                f'<text class="axis" x="{self.left - 8}" y="{y + 4}" text-anchor="end">'
                f"{compact(number * self.step)}</text>"
            )
        return "".join(lines)


def _round_step(rough: float) -> float:
    scale = 10 ** floor(log10(rough)) if rough > 0 else 1
    return next(factor * scale for factor in (1, 2, 2.5, 5, 10) if factor * scale >= rough)


def compact(amount: float) -> str:
    """1,234 as `1.2k`."""
    for limit, suffix in ((1e6, "M"), (1e3, "k")):
        if amount >= limit:
            return f"{amount / limit:.3g}{suffix}"
    return f"{amount:.3g}"


def forecast_plot(forecast: Forecast) -> Markup:
    """Actual use, the forecast with its band, and the anomalies, on one line of time."""
    cut = max(0, len(forecast.actual) - SHOWN_DAYS)
    actual, first = forecast.actual[cut:], forecast.first + timedelta(days=cut)
    ahead = len(forecast.median)
    means = smoothed([*forecast.actual, *forecast.median])[cut:]
    shown = [each for each in (*actual, *forecast.median) if each is not None]
    canvas = _Canvas(len(actual) + ahead, max(shown, default=1.0))
    now = len(actual) - 1
    inner = [
        canvas.grid(),
        _months(canvas, first, len(actual) + ahead),
        _band(canvas, forecast, now, cut),
        canvas.line(actual, 0, "daily"),
        canvas.line(means[: len(actual)], 0, "actual"),
        canvas.line(means[now:], now, "median"),
        _divider(canvas, len(actual) - 0.5),
        *(_mark(canvas, each, first, actual) for each in forecast.anomalies),
    ]
    label = f"Daily usage since {first:%d %B %Y} and the forecast for {ahead} days"
    return _picture(canvas.width, canvas.height, label, "".join(inner))


def _picture(width: int, height: int, label: str, inner: str) -> Markup:
    head = f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}">'
    return Markup(head + inner + "</svg>")  # noqa: S704 numbers and escaped words only


def _band(canvas: _Canvas, forecast: Forecast, start: int, cut: int) -> str:
    """The range of the average: it opens where the forecast begins, and rather too wide than too narrow."""
    low, high = (smoothed([*forecast.actual, *edge])[cut + start :] for edge in (forecast.low, forecast.high))
    pairs = [
        (day, bottom, top)
        for day, (bottom, top) in enumerate(zip(low, high, strict=True), start)
        if bottom is not None and top is not None
    ]
    upper = [f"{canvas.x(day)} {canvas.y(top)}" for day, _, top in pairs]
    lower = [f"{canvas.x(day)} {canvas.y(max(0.0, bottom))}" for day, bottom, _ in reversed(pairs)]
    return f'<polygon class="band" points="{" ".join([*upper, *lower])}"/>'


def _divider(canvas: _Canvas, day: float) -> str:
    x = canvas.x(day)
    bottom = canvas.height - canvas.bottom
    return (
        f'<line class="divider" x1="{x}" x2="{x}" y1="{canvas.top}" y2="{bottom}"/>'
        f'<text class="axis strong" x="{x + 6}" y="{canvas.top + 6}">Forecast</text>'
    )


def _months(canvas: _Canvas, first: date, days: int) -> str:
    each_day = (first + timedelta(days=number) for number in range(days))
    starts = [(number, day) for number, day in enumerate(each_day) if day.day == 1]
    y = canvas.height - 8
    return "".join(
        f'<text class="axis" x="{canvas.x(number)}" y="{y}" text-anchor="middle">{day:%b}</text>'
        for number, day in starts
    )


def _mark(canvas: _Canvas, anomaly: Anomaly, first: date, actual: Sequence[Number]) -> str:
    number = (anomaly.day - first).days
    value = actual[number] if 0 <= number < len(actual) else None
    if value is None:
        return ""
    title = escape(f"{anomaly.words}, {anomaly.day:%d %b %Y}: {value:,.0f}")
    place = f'cx="{canvas.x(number)}" cy="{canvas.y(value)}"'
    return f'<circle class="anomaly" {place} r="5"><title>{title}</title></circle>'


def trend_plot(points: Sequence[tuple[date, float]]) -> Markup:
    """Scores from 0 to 100 over time, the last one with its value."""
    width, height, left, right, top, bottom = 760, 130, 46, 40, 10, 22
    first, last = points[0][0], points[-1][0]
    days = max(1, (last - first).days)
    xs = [round(left + (width - left - right) * (day - first).days / days, 1) for day, _ in points]
    ys = [round(height - bottom - (height - top - bottom) * score / 100, 1) for _, score in points]
    steps = [f"M{xs[0]} {ys[0]}", *(f"L{x} {y}" for x, y in zip(xs[1:], ys[1:], strict=True))]
    dots = "".join(
        f'<circle class="dot" cx="{x}" cy="{y}" r="3"><title>{day:%d %b %Y}: {score:.0f}</title></circle>'
        for x, y, (day, score) in zip(xs, ys, points, strict=True)
    )
    lines = "".join(
        f'<line class="grid" x1="{left}" x2="{width - right}" y1="{y}" y2="{y}"/>'
        f'<text class="axis" x="{left - 6}" y="{y + 4}" text-anchor="end">{score}</text>'
        for score, y in ((0, height - bottom), (50, (height - bottom + top) / 2), (100, top))
    )
    ends = (
        f'<text class="axis" x="{left}" y="{height - 4}">{first:%b %Y}</text>'
        f'<text class="axis" x="{width - right}" y="{height - 4}" text-anchor="end">{last:%b %Y}</text>'
        f'<text class="value" x="{xs[-1] + 8}" y="{ys[-1] + 4}">{points[-1][1]:.0f}</text>'
    )
    label = f"Maturity score from {first:%B %Y} to {last:%B %Y}, now {points[-1][1]:.0f}"
    return _picture(width, height, label, f'{lines}<path class="actual" d="{" ".join(steps)}"/>{dots}{ends}')
