"""The report's figures, each once for light and once for dark pages."""

import base64
import io
import textwrap
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from numpy.typing import NDArray

from models.maturity.metrics import ECE_BINS, confusion
from models.maturity.model import is_categorical
from models.maturity.trial.explain import Explanation
from models.maturity.trial.trial import Trial

Floats = NDArray[np.float64]

INK = {"light": "#1f2328", "dark": "#e6edf3"}
ACCENT = {"light": "#0b62c4", "dark": "#6cb0ff"}
DARKEST_ON_DARK = 0.55
"""Colours of a lower luminance are unreadable on a dark page and take the ink's."""

TOLD_FEATURES = 12
LONGEST_NAME = 28
DPI = 110


@dataclass(frozen=True)
class Picture:
    """light, dark: PNG as data URIs. alt: what it shows, in words."""

    light: str
    dark: str
    alt: str


def calibration(trial: Trial) -> Picture:
    """Stated confidence against the share that was right, on held-out rows."""
    predicted = trial.models["catboost"].predicted
    confidence = predicted.probabilities.max(axis=1)
    hit = predicted.probabilities.argmax(axis=1) == trial.table.examples.level[predicted.rows]
    bins = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    count = np.bincount(bins, minlength=ECE_BINS)
    used = count > 0
    stated = np.bincount(bins, weights=confidence, minlength=ECE_BINS)[used] / count[used]
    right = np.bincount(bins, weights=hit, minlength=ECE_BINS)[used] / count[used]

    def draw(scheme: str) -> Figure:
        figure = Figure(figsize=(4.6, 4.2), layout="constrained")
        axes = figure.add_subplot()
        axes.plot([0, 1], [0, 1], linestyle="--", color="#8b949e", linewidth=1)
        axes.scatter(stated, right, s=14 + 260 * count[used] / count.max(), color=ACCENT[scheme], alpha=0.75)
        axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="stated probability", ylabel="share that was right")
        return figure

    return _picture(draw, "calibration: stated probability against the share that was right, held-out rows")


def confusions(trial: Trial) -> Picture:
    """True classes against ratings, on held-out rows."""
    predicted = trial.models["catboost"].predicted
    names = [_short(name) for name in trial.table.classes]
    cells = confusion(trial.table.examples.level[predicted.rows], predicted.rating, len(names))
    shares = cells / np.maximum(cells.sum(axis=1, keepdims=True), 1)
    side = min(max(3.4, 1.5 + 0.62 * len(names)), 11)

    def draw(_: str) -> Figure:
        figure = Figure(figsize=(side + 0.6, side), layout="constrained")
        axes = figure.add_subplot()
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        for true, said in np.ndindex(*cells.shape):
            ink = "white" if shares[true, said] > 0.55 else INK["light"]
            told = axes.text(said, true, f"{cells[true, said]:.0f}", ha="center", va="center", color=ink)
            told.set_gid("keep")
        tilt = 45 if max(map(len, names)) * len(names) > 30 else 0
        axes.set_xticks(range(len(names)), names, rotation=tilt, ha="right" if tilt else "center")
        axes.set_yticks(range(len(names)), names)
        axes.set(xlabel="rated as", ylabel="truly")
        return figure

    return _picture(draw, "confusion: true classes against ratings, held-out rows, in rows of the table")


def importances(trial: Trial) -> Picture:
    """shap's beeswarm of the attributions: one dot per row and feature."""
    found = trial.explanation
    chosen = _strongest(trial)
    frame = trial.table.examples.frame.iloc[found.rows]
    coloured = np.column_stack(
        [
            np.full(len(frame), np.nan)
            if is_categorical(frame.iloc[:, i])
            else frame.iloc[:, i].to_numpy(float)
            for i in chosen
        ]
    )

    def draw(_: str) -> Figure:
        with _shap() as (shap, plt):
            values = shap.Explanation(
                values=found.values[:, chosen],
                base_values=found.start,
                data=coloured,
                feature_names=[_short(str(frame.columns[i])) for i in chosen],
            )
            shap.plots.beeswarm(
                values, max_display=len(chosen), show=False, plot_size=(7.6, 1.2 + 0.36 * len(chosen)),
            )  # fmt: skip
            figure: Figure = plt.gcf()
            plt.gca().set_xlabel(f"moves the {found.of} by")
            plt.close(figure)
        return figure

    return _picture(draw, f"importance: how far each feature moves the {found.of} of each row")


def one_row(trial: Trial, place: int) -> Picture:
    """shap's waterfall of one explained row: from the starting point to where it ends."""
    found: Explanation = trial.explanation
    frame = trial.table.examples.frame
    row = frame.iloc[int(found.rows[place])]

    def draw(_: str) -> Figure:
        with _shap() as (shap, plt):
            values = shap.Explanation(
                values=found.values[place],
                base_values=found.start[place],
                data=np.array(
                    [_cell(row[name], name in trial.table.dates) for name in row.index], dtype=object
                ),
                feature_names=[_short(str(name)) for name in frame.columns],
            )
            from models.maturity.plots import up_is_green

            with up_is_green():
                shap.plots.waterfall(values, max_display=9, show=False)
            figure: Figure = plt.gcf()
            figure.set_size_inches(7.6, 4.2)
            plt.close(figure)
        return figure

    return _picture(draw, f"what moves the {found.of} of one row")


def _strongest(trial: Trial) -> list[int]:
    columns = list(trial.table.examples.frame.columns)
    return [columns.index(each.feature) for each in trial.explanation.importances[:TOLD_FEATURES]]


@contextmanager
def _shap() -> Iterator[tuple[Any, Any]]:
    """shap and pyplot, which it draws on; imported late, since they take a second or two."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of matplotlib, about how shap uses it
        mpl.use("Agg")
        import shap
        from matplotlib import pyplot

        yield shap, pyplot


def _picture(draw: Callable[[str], Figure], alt: str) -> Picture:
    light, dark = (_png(draw(scheme), scheme) for scheme in ("light", "dark"))
    return Picture(light, dark, alt)


def _png(figure: Figure, scheme: str) -> str:
    for artist in figure.findobj(Text):
        if artist.get_gid() != "keep" and _luminance(artist.get_color()) < DARKEST_ON_DARK:
            artist.set_color(INK[scheme])
    for axes in figure.axes:
        axes.patch.set_alpha(0)
        axes.tick_params(colors=INK[scheme])
        for spine in axes.spines.values():
            spine.set_edgecolor("#8b949e")
    figure.patch.set_alpha(0)
    FigureCanvasAgg(figure)
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of glyphs that the font lacks in an exotic class name
        figure.savefig(buffer, format="png", dpi=DPI, bbox_inches="tight", metadata={"Software": None})
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def _luminance(colour: object) -> float:
    red, green, blue = to_rgb(colour)  # type: ignore[arg-type]
    return 0.299 * red + 0.587 * green + 0.114 * blue


def _short(name: str) -> str:
    return textwrap.shorten(name, LONGEST_NAME, placeholder="…").replace("$", r"\$") or name[:LONGEST_NAME]


def _cell(value: Any, is_date: bool) -> object:
    """A value as a waterfall shows it."""
    if pd.isna(value):
        return "missing"
    if is_date:
        return f"{pd.Timestamp(value, unit='D'):%Y-%m-%d}"
    return _short(value) if isinstance(value, str) else value
