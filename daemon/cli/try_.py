"""`try`: the rating's model on any table with classes, the forecast on any of days and values."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from daemon.cli.options import Json, print_json, print_lines, print_table, shown_steps
from models.errors import TableError

group = typer.Typer(no_args_is_help=True, help="Try the models on a table of your own; no CRM needed.")


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="try")


@group.command("maturity")
def maturity(
    table: Annotated[
        Path, typer.Argument(help="A CSV (any separator and encoding, .gz too) or Parquet file.")
    ],
    label: Annotated[str, typer.Option(metavar="COLUMN", help="The column with the classes.")],
    order: Annotated[
        str | None,
        typer.Option(help="The classes from lowest to highest, between commas, if they have an order."),
    ] = None,
    weight: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="How much a row counts in training; above 0.")
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Rows of one value never stand on both sides of a split."),
    ] = None,
    time: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Dates or numbers; each fold is predicted from its past."),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Where to write the page; default: TABLE-report.html, here.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of all that is drawn by chance.")] = 0,
    threads: Annotated[int, typer.Option(min=1, help="Of the CPU.")] = 2,
    json: Json = False,
) -> None:
    """Cross-validate the rating's model on a table, explain it, and write a page with plots."""
    # These take seconds to load, which no other command should wait for.
    from models.maturity.trial.columns import Roles, listed, trial_table
    from models.maturity.trial.report import plain_lines
    from models.maturity.trial.report import report as page
    from models.maturity.trial.trial import run_trial
    from models.reading.parse import parse

    roles = Roles(label, listed(order), weight, group, time)
    target = report or Path(f"{_stem(table)}-report.html")
    if not target.parent.is_dir():
        raise TableError(f"the report {target} cannot be written: there is no folder {target.parent}")
    cells = parse(_bytes(table), table.name)
    with shown_steps().step("try") as progress:
        trial = run_trial(trial_table(cells, roles, table.name), seed, threads, progress)
        progress(0.95, "drawing")
        _write(target, page(trial, cells, roles, table.name))
    found = trial.as_json()
    if json:
        print_json(**found)
        return
    print_table(
        f"{table.name}, {label}: {found['n']} rows, {found['folds']} folds",
        ("model", *next(iter(found["models"].values()))),
        [(name, *(_figure(value) for value in row.values())) for name, row in found["models"].items()],
    )
    print_lines([*plain_lines(trial), f"report: {target}"])


@group.command("forecast")
def forecast(
    table: Annotated[
        Path,
        typer.Argument(
            help="A CSV (any separator and encoding, .gz too) or Parquet file: a row per account and day."
        ),
    ],
    horizon: Annotated[int, typer.Option(min=1, max=365, help="Days to hold out and to forecast.")] = 56,
    country: Annotated[
        str | None, typer.Option(help="Whose public holidays count, such as GB; default: none.")
    ] = None,
    account: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Which series a row is of; default: found by itself.")
    ] = None,
    date: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="The day; default: found by itself.")
    ] = None,
    value: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="What is forecast; default: found by itself.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Where to draw, .png or .svg; default: TABLE-forecast.png, here.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of all that is drawn by chance.")] = 0,
    json: Json = False,
) -> None:
    """Hold out the newest days of every series, forecast them beside all baselines, and draw some."""
    # These take seconds to load, which no other command should wait for.
    from models.forecast import ForecastSettings
    from models.forecast.trial.columns import Roles, columns
    from models.forecast.trial.countries import country_code
    from models.forecast.trial.held_out import hold_out
    from models.forecast.trial.picture import check_path, draw
    from models.forecast.trial.told import asides, plain_lines
    from models.forecast.trial.trial import run_trial
    from models.forecast.trial.usage import usage
    from models.reading.parse import parse

    target = plot or Path(f"{_stem(table)}-forecast.png")
    check_path(target)
    code = country_code(country) if country else None
    cells = parse(_bytes(table), table.name)
    found = columns(cells, Roles(account, date, value), table.name)
    held_out = hold_out(usage(cells, found, table.name), horizon, code, table.name)
    with shown_steps().step("try") as progress:
        trial = run_trial(held_out, ForecastSettings(), seed, progress)
        progress(0.99, "drawing")
        draw(trial, table.name, target)
    answer = trial.as_json()
    if json:
        sys.stderr.write("".join(f"{line}\n" for line in asides(trial)))
        print_json(**answer)
        return
    print_table(
        f"{table.name}: {answer['n_series']} series, {horizon} days held out",
        ("model", *next(iter(answer["models"].values()))),
        [(name, *(_figure(each) for each in row.values())) for name, row in answer["models"].items()],
    )
    print_lines([*plain_lines(trial, found), f"plot: {target}"])


def _stem(table: Path) -> str:
    return table.name.removesuffix(".gz").rsplit(".", 1)[0]


def _bytes(table: Path) -> bytes:
    try:
        return table.read_bytes()
    except OSError as error:
        raise TableError(f"{table} cannot be read: {error.strerror}") from error


def _write(target: Path, page: str) -> None:
    """Whole or not at all."""
    half = target.with_name(f".{target.name}.half")
    try:
        half.write_text(page, encoding="utf-8")
        half.replace(target)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise TableError(
            f"the report {target} cannot be written: {error.strerror}; name another --report"
        ) from error


def _figure(value: float | None) -> str | None:
    return None if value is None else f"{value:.3f}"
