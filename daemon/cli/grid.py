"""`grid maturity`: parameters by cuts, each cell trained once and kept; `grid forecast` beside it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

from daemon.cli import grid_forecast
from daemon.cli.options import (
    DEFAULT_CONFIG,
    ConfigPath,
    Json,
    ListOnly,
    Plot,
    print_json,
    print_lines,
    print_table,
    shown_steps,
)
from daemon.clock import SystemClock
from daemon.compose import open_state
from daemon.config import Config, load
from daemon.state.engine import read
from models.tables import LEVELS

if TYPE_CHECKING:
    from daemon.grid import GridRun
    from daemon.state.grid import Cell

group = typer.Typer(no_args_is_help=True, help="Trainings over parameters and cuts, to select from.")


def register(app: typer.Typer) -> None:
    group.command("forecast")(grid_forecast.forecast)
    app.add_typer(group, name="grid")


@group.command()
def maturity(
    list_: ListOnly = False,
    plot: Plot = None,
    config: ConfigPath = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Train each combination of [maturity.grid] on each cut, and keep what it predicted of held-out labels.

    A cell is kept as soon as it is done: a grid that was stopped goes on where it was, and a repeat with
    nothing new trains nothing. `maturityd select maturity` chooses from the cells.
    """
    settings = load(config)
    engine = open_state(settings)
    from daemon.state.grid import cells  # loads numpy, which no other command should wait for

    ran = None if list_ else _run(settings, engine)
    with read(engine) as connection:
        found = cells(connection)
    shown = found if ran is None else [cell for cell in found if cell.key in ran.keys]
    if plot is not None:
        from daemon.plots import draw_grid

        draw_grid(shown, plot)
    if json:
        skipped = dict(_skipped(ran)) if ran else {}
        print_json(
            task="maturity",
            computed=ran.computed if ran else 0,
            skipped=skipped,
            cells=[{**vars(cell), "name": name} for cell, name in zip(shown, _names(shown), strict=True)],
        )
        return
    _print(shown)
    if ran is not None:
        print_lines([f"{ran.computed} cell(s) trained, {len(ran.keys) - ran.computed} were there"])
        print_lines([f"{which} left out: {why}" for which, why in _skipped(ran)])


def _skipped(ran: "GridRun") -> list[tuple[str, str]]:
    """What had too few labels, and the reason."""
    return [(f"{cut:%Y-%m-%d} with {days} days of history", why) for (cut, days), why in ran.skipped.items()]


def _run(settings: Config, engine: Any) -> "GridRun":
    from daemon.grid import run_grid  # loads the model library
    from daemon.snapshots import snapshots_over

    clock = SystemClock()
    with shown_steps().step("grid") as report, snapshots_over(settings, engine, clock) as snapshots:
        return run_grid(settings, engine, snapshots, clock, report)


def _print(cells: Sequence["Cell"]) -> None:
    """Precision and recall of the highest level only; the others are in the JSON."""
    top = LEVELS[-1]
    heads = ("cut", "parameters", "acc.", "F1", "log loss", "ECE", "kappa", f"P {top}", f"R {top}", "s")
    rows = [_row(cell, name) for cell, name in zip(cells, _names(cells), strict=True)]
    print_table("grid (macro-F1, P precision, R recall, on held-out labels)", heads, rows)


def _row(cell: "Cell", name: str) -> tuple[object, ...]:
    metrics = cell.metrics
    scores = [metrics[each] for each in ("accuracy", "macro_f1", "log_loss", "ece", "qwk")]
    shares = [*scores, metrics["precision"][-1], metrics["recall"][-1]]
    told = (None if share is None else f"{share:.3f}" for share in shares)
    return (f"{cell.cut:%Y-%m-%d}", name, *told, f"{cell.seconds:.1f}")


def _names(cells: Sequence["Cell"]) -> list[str]:
    from daemon.parameters import short_names

    return short_names([cell.parameters for cell in cells])
