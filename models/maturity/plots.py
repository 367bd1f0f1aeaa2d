"""Plots of attributions in points of the score, drawn by shap: one account's, and everybody's."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from models.errors import ModelError
from models.features.feature import Catalogue
from models.maturity.words import number, shorten

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # shap's own, of matplotlib at import
    import shap
    from shap.plots import _style

Floats = npt.NDArray[np.float64]

SHOWN = 16
"""Features shown one by one; of one account the others are one bar, of all they are left out."""

LABEL_LENGTH = 70
INCHES = (13.0, 8.5)
DOTS_PER_INCH = 130

GREEN, RED = "#008000", "#c00000"
LIGHT_GREEN, LIGHT_RED = "#99cc99", "#e69999"


def explanation(points: Floats, start: Floats, frame: pd.DataFrame, catalogue: Catalogue) -> Any:
    """Attributions as `shap.Explanation`, for any of shap's plots.

    points: (n, f), the account's score less its start: (n,). frame: (n, f), the values they belong to.
    """
    numbers = [frame[name].to_numpy(float) if _is_number(frame[name]) else np.nan for name in frame.columns]
    return shap.Explanation(
        values=points,
        base_values=start,
        data=np.column_stack([np.broadcast_to(column, len(frame)) for column in numbers]),
        display_data=np.column_stack([[_said(value) for value in frame[name]] for name in frame.columns]),
        feature_names=[_label(str(name), catalogue) for name in frame.columns],
    )


def up_is_green() -> Any:
    """While it lasts, shap draws in the colours of the reps' texts; its own red means up."""
    return _style.style_context(
        primary_color_positive=GREEN,
        primary_color_negative=RED,
        secondary_color_positive=LIGHT_GREEN,
        secondary_color_negative=LIGHT_RED,
    )


def draw_account(explained: Any, row: int, title: str, path: Path) -> None:
    """A waterfall from the start to the score of one account.

    raises: ModelError where the file's ending is of no format that can be drawn.
    """
    with _drawn(path) as figure, up_is_green():
        one = explained[row]
        one.data = one.display_data
        shap.plots.waterfall(one, max_display=SHOWN, show=False)
        figure.set_size_inches(*INCHES)
        axes = figure.axes[0]
        axes.set_title(title, loc="left", pad=28)
        axes.set_xlabel("points of the score")
        for other in figure.axes[1:]:  # shap's formulas mean a mean; ours is where every account starts
            formula, value = (label.get_text() for label in other.get_xticklabels())
            name = "start" if "E[" in formula else "score"
            other.set_xticks(other.get_xticks(), ["", value.replace("$ = ", f"{name} ").rstrip("$")])


def draw_importance(explained: Any, title: str, path: Path) -> None:
    """What moves the scores of all accounts: on the left how much on average, on the right each account.

    raises: ModelError as above.
    """
    strongest = np.argsort(-np.abs(explained.values).mean(axis=0), kind="stable")[:SHOWN]
    explained = explained[:, strongest.tolist()]
    with _drawn(path) as figure:
        left, right = figure.subplots(1, 2, width_ratios=(1, 1.4))
        shap.plots.bar(explained, max_display=SHOWN, ax=left, show=False)
        left.set_xlabel("points of the score, up or down, on average")
        shap.plots.beeswarm(explained, max_display=SHOWN, ax=right, show=False, plot_size=None)
        right.set_yticks(right.get_yticks(), [""] * len(right.get_yticks()))
        right.set_xlabel("points of the score, one dot per account")
        figure.set_size_inches(INCHES[0] * 1.3, INCHES[1])
        figure.suptitle(title, x=0.02, ha="left")


@contextmanager
def _drawn(path: Path) -> Iterator[Figure]:
    """A figure that is written to the path."""
    figure = plt.figure(figsize=INCHES)
    try:
        known = figure.canvas.get_supported_filetypes()
        if path.suffix.lower().lstrip(".") not in known:
            raise ModelError(f"{path} cannot be drawn: end it in one of {', '.join(sorted(known))}")
        yield figure
        figure.savefig(path, dpi=DOTS_PER_INCH, bbox_inches="tight")
    finally:
        plt.close(figure)


def _is_number(column: "pd.Series[Any]") -> bool:
    return pd.api.types.is_numeric_dtype(column.dtype)


def _said(value: object) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return "unknown"
    return number(value) if isinstance(value, float) else shorten(str(value), 20)


def _label(name: str, catalogue: Catalogue) -> str:
    """What a rep calls the feature; its own name where the catalogue has lost it."""
    label = catalogue[name].label if name in catalogue.names else name
    return shorten(label, LABEL_LENGTH)
