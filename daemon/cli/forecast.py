"""`forecast`: what the newest run kept of one account's usage, in words and as a picture."""

from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from daemon.cli.options import DEFAULT_CONFIG, ConfigPath, Json, print_json, print_lines, print_table
from daemon.compose import open_state
from daemon.config import load

if TYPE_CHECKING:
    from daemon.kept_forecast import Days, KeptForecast, KeptTotal

SIZES = ("record", "ops")
BANDS = ("median", "low80", "high80", "low95", "high95")


def register(app: typer.Typer) -> None:
    app.command()(forecast)


def forecast(
    account: Annotated[str, typer.Argument(help="The Id of an account.")],
    config: ConfigPath = DEFAULT_CONFIG,
    json: Json = False,
    plot: Annotated[
        Path | None, typer.Option(help="Draw it into this file (.png or .svg).", dir_okay=False)
    ] = None,
    dark: Annotated[bool, typer.Option("--dark", help="Light on dark.")] = False,
    size: Annotated[
        str, typer.Option(help="Of the picture: record (900 × 360, for a record page), ops (1400 × 480).")
    ] = SIZES[0],
) -> None:
    """Show where an account's usage goes: totals with their intervals, health, and what was unusual."""
    if size not in SIZES:
        raise typer.BadParameter(f"one of {', '.join(SIZES)}, not {size}", param_hint="--size")
    from daemon.kept_forecast import kept_forecast  # loads numpy, which no other command should wait for

    kept = kept_forecast(open_state(load(config, features=False)), account)
    if plot is not None:
        from daemon.picture import DARK, LIGHT  # load matplotlib, which only pictures need
        from daemon.usage_plot import draw_usage

        draw_usage(kept, plot, DARK if dark else LIGHT, size)
    if json:
        print_json(**_document(kept))
    else:
        _print(kept)


def _document(kept: "KeptForecast") -> dict[str, Any]:
    return {
        "account_id": kept.account_id,
        "slot": kept.slot,
        "served_by": kept.served_by,
        "model_version": kept.model_version,
        "health": kept.health,
        "sentence": kept.sentence,
        "totals": {str(days): vars(total) for days, total in kept.totals.items()},
        "anomalies": [vars(each) for each in kept.anomalies],
        "first": kept.first.isoformat(),
        "actual": _numbers(kept.actual),
        "start": kept.start.isoformat(),
        **{name: _numbers(getattr(kept, name)) for name in BANDS},
    }


def _numbers(days: "Days") -> list[float | None]:
    """A day that was not measured is null."""
    return [None if isnan(value) else value for value in days.tolist()]


def _print(kept: "KeptForecast") -> None:
    print_lines(
        [
            f"{kept.account_id} in slot {kept.slot}, from {kept.start} on, served by {kept.served_by}",
            "",
            f"Health {kept.health}: {kept.sentence}",
            "",
        ]
    )
    rows = [(f"{days} days", f"{total.value:,.0f}", _interval(total)) for days, total in kept.totals.items()]
    print_table("expected events", ("next", "total", "in 8 of 10 cases"), rows)
    print_lines([""])
    print_table(
        "unusual lately",
        ("first day", "days", "what", "in words"),
        [(each.day, each.days, each.kind, each.sentence) for each in kept.anomalies],
    )


def _interval(total: "KeptTotal") -> str | None:
    return None if total.low is None or total.high is None else f"{total.low:,.0f} to {total.high:,.0f}"
