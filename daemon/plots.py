"""Pictures of what a person would rather see than read: the grid, and what a goal trades."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from daemon.errors import StepFailed
from daemon.parameters import short_names
from daemon.selection import Found
from daemon.state.grid import Cell
from models import goals
from models.tables import LEVELS

FORMATS = (".png", ".svg")
PANELS = {"macro_f1": "macro-F1", "log_loss": "log loss", "ece": "calibration error", "seconds": "seconds"}


def draw_grid(cells: Sequence[Cell], path: Path) -> None:
    """A row per configuration, a dot per cut: quality, calibration and seconds side by side.

    raises: StepFailed where the file is of another kind.
    """
    names = short_names([cell.parameters for cell in cells])
    rows = {name: row for row, name in enumerate(dict.fromkeys(names))}
    cuts = sorted({cell.cut for cell in cells})
    figure = Figure(figsize=(12, 1.6 + 0.3 * len(rows)), layout="constrained")
    axes = figure.subplots(1, len(PANELS), sharey=True)
    for axis, (key, title) in zip(axes, PANELS.items(), strict=True):
        for number, cut in enumerate(cuts):
            shown = [(cell, rows[name]) for cell, name in zip(cells, names, strict=True) if cell.cut == cut]
            values = [cell.seconds if key == "seconds" else cell.metrics[key] for cell, _ in shown]
            color = mpl.colormaps["viridis"](number / max(len(cuts) - 1, 1))
            axis.scatter(values, [row for _, row in shown], color=color, label=f"{cut:%Y-%m-%d}")
        axis.set_title(title)
        axis.grid(axis="y", alpha=0.3)
    axes[0].set_yticks(range(len(rows)), list(rows))
    axes[0].invert_yaxis()
    figure.legend(*axes[0].get_legend_handles_labels(), title="cut", loc="outside right upper")
    _save(figure, path)


def draw_curve(found: Found, path: Path) -> None:
    """Precision and its bound by recall, with the goal and what was chosen.

    raises: StepFailed where the file is of another kind.
    """
    choice = found.selection.choices[found.selection.chosen]
    curve = [point.found for point in choice.curve]
    recall = [_place(each)[0] for each in curve]
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axis = figure.subplots()
    axis.plot(recall, [_place(each)[1] for each in curve], label="precision found")
    axis.plot(recall, [each.precision_bound for each in curve], label="at least, with 90 % confidence")
    if found.goal.precision is not None:
        axis.axhline(found.goal.precision, color="grey", linestyle="--", label="to be kept")
    if choice.cut is not None:
        axis.plot(*_place(choice.cut.found), "o", label="chosen")
        axis.plot(*_place(choice.reported_on), "x", label="chosen, on the newest labels")
    axis.plot(*_place(choice.usual), "s", label="level cut")
    axis.set_xlabel(f"recall of {LEVELS[found.goal.level]}")
    axis.set_ylabel("precision")
    axis.set_ylim(0, 1.02)
    axis.grid(alpha=0.3)
    axis.legend(fontsize="small")
    _save(figure, path)


def _place(found: goals.Found) -> tuple[float, float]:
    """Recall and precision; NaN, which is not drawn, where there is none."""
    recall, precision = found.recall, found.precision
    return float("nan") if recall is None else recall, float("nan") if precision is None else precision


def _save(figure: Figure, path: Path) -> None:
    if path.suffix.lower() not in FORMATS:
        raise StepFailed(f"{path} would be a picture of an unknown kind; name it .png or .svg")
    figure.savefig(path, dpi=120)
