"""`grid forecast`: settings by cuts, each forecast as it would have been and judged by what followed."""

from collections.abc import Mapping, Sequence
from statistics import mean
from typing import TYPE_CHECKING, Any

from daemon.cli.goals import DECISIONS
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

if TYPE_CHECKING:
    from daemon.forecast_grid import ForecastGridRun
    from daemon.state.forecast_grid import Cell

SERVED = "served"
ALL = "all"
TRAINED = (SERVED, "lstm")
YARDSTICK = "weekday_median"
"""What a forecast must beat."""


def forecast(
    list_: ListOnly = False,
    plot: Plot = None,
    config: ConfigPath = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Forecast from each cut with each combination of [forecast.grid], and judge it by what followed.

    A cell is kept as soon as it is done: a grid that was stopped goes on where it was, and a repeat with
    nothing new trains nothing. `maturityd select forecast` chooses from the cells.
    """
    settings = load(config)
    engine = open_state(settings)
    from daemon.state.forecast_grid import cells  # loads numpy, which no other command should wait for

    ran = None if list_ else _run(settings, engine)
    with read(engine) as connection:
        found = cells(connection)
    shown = found if ran is None else [cell for cell in found if cell.key in ran.keys]
    if plot is not None:
        from daemon.plots import draw_forecast_grid

        draw_forecast_grid(shown, plot)
    skipped = {f"{cut:%Y-%m-%d}": why for cut, why in ran.skipped.items()} if ran else {}
    if json:
        print_json(
            task="forecast",
            computed=ran.computed if ran else 0,
            skipped=skipped,
            cells=[{**vars(cell), "name": name} for cell, name in zip(shown, _names(shown), strict=True)],
        )
        return
    _print(shown)
    if ran is not None:
        print_lines([f"{ran.computed} cell(s) trained, {len(ran.keys) - ran.computed} were there"])
        print_lines([f"{cut} left out: {why}" for cut, why in skipped.items()])


def _run(settings: Config, engine: Any) -> "ForecastGridRun":
    from daemon.forecast_grid import run_forecast_grid  # loads the model library

    with shown_steps().step("grid") as report:
        return run_forecast_grid(settings, engine, SystemClock(), report)


def _print(cells: Sequence["Cell"]) -> None:
    """The figures of what is served; by model and class the mean over the cuts of each configuration."""
    names = _names(cells)
    heads: tuple[str, ...] = (
        "cut", "days", "parameters", "MASE", "median's", "sMAPE", "wQL", "in 80 %", "in 95 %",
        "bias 30", "60", "90", "s",
    )  # fmt: skip
    rows = [_row(cell, name) for cell, name in zip(cells, names, strict=True)]
    print_table("served, on held-out days (beside the MASE of the weekday median)", heads, rows)
    _print_classes(cells, names)
    decided = [_decided(cell, name) for cell, name in zip(cells, names, strict=True)]
    shares = [f"{what} of {each}" for each in DECISIONS for what in ("acc.", "P", "R")]
    print_table("decided, by what followed (P precision, R recall)", ("cut", "parameters", *shares), decided)


def _row(cell: "Cell", name: str) -> tuple[object, ...]:
    served = cell.scores[SERVED][ALL]
    bias = served["bias"]
    return (
        f"{cell.cut:%Y-%m-%d}",
        cell.held_out_days,
        name,
        _figure(served["mase"]),
        _figure(cell.scores[YARDSTICK][ALL]["mase"]),
        _figure(served["smape"], 1),
        _figure(served["wql"]),
        *(_figure(served[each], 2) for each in ("coverage80", "coverage95")),
        *(_percent(bias.get(str(days))) for days in (30, 60, 90)),
        f"{cell.seconds:.0f}",
    )


def _print_classes(cells: Sequence["Cell"], names: Sequence[str]) -> None:
    """What no parameter changes is shown once."""
    scores: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for cell, name in zip(cells, names, strict=True):
        for model, of_class in cell.scores.items():
            for of, score in of_class.items():
                scores.setdefault((model, name if model in TRAINED else "", of), []).append(score)
    figures = (("mase", 3), ("smape", 1), ("wql", 3), ("coverage80", 2), ("coverage95", 2))
    rows = [
        (
            *place,
            round(_mean(found, "n_series") or 0),
            *(_figure(_mean(found, each), digits) for each, digits in figures),
        )
        for place, found in sorted(scores.items(), key=lambda item: _place(*item[0]))
    ]
    heads = ("model", "parameters", "class", "series", "MASE", "sMAPE", "wQL", "in 80 %", "in 95 %")
    print_table("by model and class of account, mean over cuts", heads, rows)


def _place(model: str, name: str, of: str) -> tuple[bool, str, str, bool, str]:
    """What was served first, all accounts before their classes."""
    return (model != SERVED, model, name, of != ALL, of)


def _mean(scores: Sequence[Mapping[str, Any]], name: str) -> float | None:
    known = [score[name] for score in scores if score[name] is not None]
    return mean(known) if known else None


def _decided(cell: "Cell", name: str) -> tuple[object, ...]:
    shares = [
        _figure(cell.decided[each][ALL][share], 2)
        for each in DECISIONS
        for share in ("accuracy", "precision", "recall")
    ]
    return (f"{cell.cut:%Y-%m-%d}", name, *shares)


def _figure(value: float | None, digits: int = 3) -> str | None:
    return None if value is None else f"{value:.{digits}f}"


def _percent(value: float | None) -> str | None:
    return None if value is None else f"{100 * value:+.1f} %"


def _names(cells: Sequence["Cell"]) -> list[str]:
    from daemon.parameters import short_names

    return short_names([cell.parameters for cell in cells])
