"""Pictures of what a person would rather see than read: the grid, and what a goal trades."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from daemon import forecast_selection
from daemon.errors import StepFailed
from daemon.parameters import short_names
from daemon.selection import Found
from daemon.state import forecast_grid
from daemon.state.grid import Cell
from daemon.state.operating_points import Parameters
from models import found as counts
from models import goals
from models.tables import LEVELS

FORMATS = (".png", ".svg")
PANELS = {"macro_f1": "macro-F1", "log_loss": "log loss", "ece": "calibration error", "seconds": "seconds"}
FORECAST_PANELS = {
    "mase": "MASE",
    "wql": "wQL",
    "coverage80": "inside the 80 % interval",
    "seconds": "seconds",
}


def draw_grid(cells: Sequence[Cell], path: Path) -> None:
    """A row per configuration, a dot per cut: quality, calibration and seconds side by side.

    raises: StepFailed where the file is of another kind.
    """
    figures = [{**cell.metrics, "seconds": cell.seconds} for cell in cells]
    _draw_cells([(cell.parameters, cell.cut) for cell in cells], figures, PANELS, path)


def draw_forecast_grid(cells: Sequence[forecast_grid.Cell], path: Path) -> None:
    """The same for what forecasts served.

    raises: StepFailed where the file is of another kind.
    """
    figures = [{**cell.scores["served"]["all"], "seconds": cell.seconds} for cell in cells]
    _draw_cells([(cell.parameters, cell.cut) for cell in cells], figures, FORECAST_PANELS, path)


def draw_curve(found: Found, path: Path) -> None:
    """Precision and its bound by recall, with the goal and what was chosen.

    raises: StepFailed where the file is of another kind.
    """
    choice = found.selection.choices[found.selection.chosen]
    _draw_choice(choice, found.goal.precision, LEVELS[found.goal.level], "level cut", path)


def draw_decision(found: forecast_selection.Found, path: Path) -> None:
    """The same for a decision that follows from a forecast.

    raises: StepFailed where the file is of another kind.
    """
    _draw_choice(found.choice, found.goal.precision, found.decision, "usual rule", path)


def _draw_cells(
    cells: Sequence[tuple[Parameters, datetime]],
    figures: Sequence[Mapping[str, Any]],
    panels: Mapping[str, str],
    path: Path,
) -> None:
    names = short_names([parameters for parameters, _ in cells])
    rows = {name: row for row, name in enumerate(dict.fromkeys(names))}
    cuts = sorted({cut for _, cut in cells})
    figure = Figure(figsize=(12, 1.6 + 0.3 * len(rows)), layout="constrained")
    axes = figure.subplots(1, len(panels), sharey=True)
    for axis, (key, title) in zip(axes, panels.items(), strict=True):
        for number, cut in enumerate(cuts):
            shown = [at for at, (_, of) in enumerate(cells) if of == cut and figures[at][key] is not None]
            values = [figures[at][key] for at in shown]
            color = mpl.colormaps["viridis"](number / max(len(cuts) - 1, 1))
            axis.scatter(values, [rows[names[at]] for at in shown], color=color, label=f"{cut:%Y-%m-%d}")
        axis.set_title(title)
        axis.grid(axis="y", alpha=0.3)
    axes[0].set_yticks(range(len(rows)), list(rows))
    axes[0].invert_yaxis()
    figure.legend(*axes[0].get_legend_handles_labels(), title="cut", loc="outside right upper")
    _save(figure, path)


def _draw_choice(choice: goals.Choice, precision: float | None, what: str, usual: str, path: Path) -> None:
    curve = [point.found for point in choice.curve]
    recall = [_place(each)[0] for each in curve]
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axis = figure.subplots()
    axis.plot(recall, [_place(each)[1] for each in curve], label="precision found")
    axis.plot(recall, [each.precision_bound for each in curve], label="at least, with 90 % confidence")
    if precision is not None:
        axis.axhline(precision, color="grey", linestyle="--", label="to be kept")
    if choice.cut is not None:
        axis.plot(*_place(choice.cut.found), "o", label="chosen")
        axis.plot(*_place(choice.reported_on), "x", label="chosen, on the newest labels")
    axis.plot(*_place(choice.usual), "s", label=usual)
    axis.set_xlabel(f"recall of {what}")
    axis.set_ylabel("precision")
    axis.set_ylim(0, 1.02)
    axis.grid(alpha=0.3)
    axis.legend(fontsize="small")
    _save(figure, path)


def _place(found: counts.Found) -> tuple[float, float]:
    """Recall and precision; NaN, which is not drawn, where there is none."""
    recall, precision = found.recall, found.precision
    return float("nan") if recall is None else recall, float("nan") if precision is None else precision


def _save(figure: Figure, path: Path) -> None:
    if path.suffix.lower() not in FORMATS:
        raise StepFailed(f"{path} would be a picture of an unknown kind; name it .png or .svg")
    figure.savefig(path, dpi=120)
