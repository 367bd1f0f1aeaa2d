"""Some series of a trial: what happened, what was foretold, and the weekday median beside it."""

import warnings
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from numpy.typing import NDArray

from models.errors import TableError
from models.forecast.judging.scores import SERVED
from models.forecast.serving import PROFILE
from models.forecast.trial.trial import Trial

FORMATS = (".png", ".svg")
SHOWN = 6
"""Series at most, evenly from the best foretold to the worst."""
BEFORE_DAYS = 84
"""Of the past that is drawn: enough to see the weeks."""
LONGEST_NAME = 60
USUAL = 0.9
"""Quantile of the past that is never cut off."""

INK, PAST, OURS, OTHER, HELD = "#1f2328", "#8b949e", "#0b62c4", "#c2570c", "#f3f4f6"


def check_path(path: Path) -> None:
    """raises: TableError where no picture could be written there."""
    if path.suffix.lower() not in FORMATS:
        raise TableError(f"--plot {path} would be of an unknown kind; name it {' or '.join(FORMATS)}")
    if not path.parent.is_dir():
        raise TableError(f"the plot {path} cannot be written: there is no folder {path.parent}")


def draw(trial: Trial, name: str, path: Path) -> None:
    """name: of the table's file. raises: TableError where the file cannot be written."""
    figure = _figure(trial, name)
    half = path.with_name(f".{path.name}.half")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of names in scripts that the font lacks
            figure.savefig(half, format=path.suffix.lower().removeprefix("."), dpi=110)
        half.replace(path)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise TableError(
            f"the plot {path} cannot be written: {error.strerror}; name another --plot"
        ) from error


def _figure(trial: Trial, name: str) -> Figure:
    rows = shown(trial)
    columns = min(len(rows), 2)
    lines = -(-len(rows) // columns)
    figure = Figure(figsize=(13, 1.2 + (3.1 if columns == 2 else 4.2) * lines), layout="constrained")
    axes = figure.subplots(lines, columns, squeeze=False).ravel()
    for axis, row in zip(axes, rows, strict=False):
        _one(axis, trial, row)
    for axis in axes[len(rows) :]:
        axis.set_axis_off()
    title = f"{name}: {trial.horizon} days held out, from {trial.held_out.past.until} on"
    if columns == 2:
        title += f"; {len(rows)} of {len(trial.held_out.scored)} series, from the best foretold to the worst"
    figure.suptitle(title, fontsize="large", parse_math=False)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=5, frameon=False)
    return figure


def shown(trial: Trial) -> NDArray[np.intp]:
    """Rows of the series drawn: of those scored, evenly by how well they were foretold."""
    errors = trial.judged(SERVED).scaled_error()
    order = trial.held_out.scored[np.argsort(errors, kind="stable")]
    picked: NDArray[np.intp] = order[np.unique(np.linspace(0, len(order) - 1, SHOWN).round().astype(int))]
    return picked


def _one(axis: Axes, trial: Trial, row: int) -> None:
    past, actual = trial.held_out.past, trial.held_out.actual[row]
    before = past.values[row, -BEFORE_DAYS:]
    first = np.datetime64(past.until)
    ahead = first + np.arange(trial.horizon)
    served, profile = trial.foretold.paths[SERVED], trial.foretold.paths[PROFILE]
    axis.axvspan(first, ahead[-1], color=HELD, zorder=0)  # type: ignore[arg-type]
    axis.plot(first - len(before) + np.arange(len(before)), before, color=PAST, linewidth=1, label="past")
    axis.fill_between(
        ahead,
        served.low[row],
        served.high[row],
        color=OURS,
        alpha=0.2,
        linewidth=0,
        label="served, 80 % band",
    )
    axis.plot(ahead, served.median[row], color=OURS, linewidth=2.4, label="served")
    axis.plot(ahead, profile.median[row], color=OTHER, linewidth=1.2, linestyle="--", label="weekday median")
    axis.plot(ahead, actual, color=INK, linewidth=1.3, label="what happened")
    axis.set_title(_title(trial, row), loc="left", fontsize="medium", parse_math=False)
    locator = AutoDateLocator(maxticks=8)  # type: ignore[no-untyped-call]
    axis.xaxis.set_major_locator(locator)
    axis.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    axis.yaxis.set_major_formatter(mpl.ticker.StrMethodFormatter("{x:,.10g}"))
    axis.set_ylim(bottom=0, top=_top(trial, row, before))
    axis.margins(x=0.01)
    axis.spines[["top", "right"]].set_visible(False)


def _top(trial: Trial, row: int, before: NDArray[np.float32]) -> float:
    """High enough for all that lies ahead; peaks of the past and wild bands may run off."""
    paths = trial.foretold.paths
    lines = (trial.held_out.actual[row], paths[SERVED].median[row], paths[PROFILE].median[row])
    usual = np.nanquantile(before, USUAL) if np.isfinite(before).any() else 0.0
    band = np.median(paths[SERVED].high[row])
    return 1.1 * max(*(float(np.nanmax(line)) for line in lines), float(usual), float(band), 1e-9)


def _title(trial: Trial, row: int) -> str:
    name = trial.held_out.past.account_ids[row]
    short = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
    place = int(np.flatnonzero(trial.held_out.scored == row)[0])
    ours, other = (float(trial.judged(model).scaled_error()[place]) for model in (SERVED, PROFILE))
    how = trial.foretold.served_by[row]
    if not np.isfinite(ours):
        return f"{short}\nserved by {how}"
    beside = "" if how == PROFILE else f" (weekday median {other:.2f})"
    return f"{short}\nserved by {how}: MASE {ours:.2f}{beside}"
