"""`select maturity`: an operating point for a stated goal, with no rerun; `select forecast` beside it."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from daemon.cli import select_forecast
from daemon.cli.goals import MEASURES, MOVES_SHOWN, bounds, by_change, check_goal, print_curve, share_of
from daemon.cli.options import (
    DEFAULT_CONFIG,
    By,
    ConfigPath,
    Json,
    Plot,
    Reason,
    print_json,
    print_lines,
    print_table,
    user,
)
from daemon.clock import SystemClock
from daemon.compose import open_state
from daemon.config import load
from daemon.exits import Exit
from daemon.state.engine import read, write
from models.tables import LEVELS

if TYPE_CHECKING:
    from daemon.selection import Found
    from models.goals import Choice
    from models.maturity.goal_cuts import Goal

group = typer.Typer(no_args_is_help=True, help="Choose what models are used for, from what is stored.")


def register(app: typer.Typer) -> None:
    group.command("forecast")(select_forecast.forecast)
    app.add_typer(group, name="select")


@group.command()
def maturity(
    maximize: Annotated[str, typer.Option(help=f"One of {', '.join(MEASURES)}.")] = "recall",
    level: Annotated[str, typer.Option("--class", help=f"Of which rating: {', '.join(LEVELS)}.")] = "high",
    precision: Annotated[float | None, typer.Option(help="At least so much, with 90 % confidence.")] = None,
    recall: Annotated[float | None, typer.Option(help="At least so much, with 90 % confidence.")] = None,
    clear: Annotated[
        bool, typer.Option("--clear", help="Back to the level cut and config.toml's parameters.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it, change nothing; exit code 3.")] = False,
    plot: Plot = None,
    by: By = None,
    reason: Reason = "no reason given",
    config: ConfigPath = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Choose configuration and cut for a goal, and make them the operating point from the next cycle on.

    For example --maximize recall --class high --precision 0.8. Shows what is promised with which
    confidence, what else could be had, and which accounts would change their rating. The goal is what is
    kept: every model trained later serves it with a cut of its own.
    """
    settings = load(config, features=False)
    engine = open_state(settings)
    now = SystemClock().now()
    from daemon import selection  # loads numpy, which no other command should wait for

    if clear:
        with write(engine) as connection:
            selection.clear(connection, by or user(), reason, now)
        _tell_cleared(json)
        return
    goal = _goal(maximize, level, precision, recall)
    with read(engine) as connection:
        found = selection.find(connection, goal, settings.maturity.seed)
    if plot is not None:
        from daemon.plots import draw_curve

        draw_curve(found, plot)
    if not dry_run:
        with write(engine) as connection:
            selection.keep(connection, found, by or user(), reason, now)
    if json:
        print_json(**_document(found), kept=not dry_run)
    else:
        _print(found, dry_run)
    if dry_run:
        raise typer.Exit(Exit.CHANGES_PENDING)


def _goal(maximize: str, level: str, precision: float | None, recall: float | None) -> "Goal":
    from models.goals import Measure
    from models.maturity.goal_cuts import Goal

    check_goal(maximize, precision, recall)
    if level not in LEVELS:
        raise typer.BadParameter(f"one of {', '.join(LEVELS)}, not {level}", param_hint="--class")
    measure: Measure = maximize  # type: ignore[assignment] # checked above
    return Goal(measure, LEVELS.index(level), precision, recall)


def _document(found: "Found") -> dict[str, Any]:
    from daemon.operating_point import choice_in_words, goal_in_words
    from daemon.parameters import short_names

    selection = found.selection
    names = dict(zip(found.parameters, short_names(list(found.parameters.values())), strict=True))
    chosen = selection.choices[selection.chosen]
    return {
        "goal": {**vars(found.goal), "level": LEVELS[found.goal.level], "words": goal_in_words(found.goal)},
        "found": chosen.cut is not None,
        "words": choice_in_words(found.goal, chosen),
        "configuration": {
            "name": names[selection.chosen],
            "parameters": found.parameters[selection.chosen],
            "in_use": selection.chosen == found.in_use,
            "beyond_noise": selection.beyond_noise,
        },
        **_choice(chosen),
        "curve": [point.as_json() for point in chosen.curve],
        "labels": selection.labels,
        "configurations": [
            {"name": names[name], "in_use": name == found.in_use, **_choice(choice)}
            for name, choice in selection.choices.items()
        ],
        "left_out": found.left_out,
        "moves": {
            "rated": found.rated,
            "count": len(found.moves),
            "by": by_change([(move.before, move.after) for move in found.moves]),
            "accounts": [vars(move) for move in found.moves],
        },
    }


def _choice(choice: "Choice") -> dict[str, Any]:
    return {
        "cut": choice.cut.as_json() if choice.cut else None,
        "reported_on": choice.reported_on.as_json(),
        "level_cut": choice.usual.as_json(),
    }


def _print(found: "Found", dry_run: bool) -> None:
    document = _document(found)
    print_lines(
        [f"goal           {document['goal']['words']}", f"configuration  {_configuration(document)}", ""]
    )
    print_lines([document["words"], ""])
    print_curve(f"what {document['goal']['level']} could be", "expected level", document["curve"])
    if len(document["configurations"]) > 1:
        _print_configurations(document["configurations"])
    moves = document["moves"]
    told = ", ".join(f"{count} {change}" for change, count in moves["by"].items()) or "none"
    print_lines(["", f"{moves['count']} of {moves['rated']} accounts would change their rating: {told}"])
    if found.moves:
        shown = [tuple(vars(move).values()) for move in found.moves[:MOVES_SHOWN]]
        more = f", the first {MOVES_SHOWN}" if len(found.moves) > MOVES_SHOWN else ""
        rows = [(account, before, after, f"{score:.0f}") for account, before, after, score in shown]
        print_table(f"these{more}", ("account", "is", "would be", "score"), rows)
    ended = "nothing was changed (--dry-run)" if dry_run else "the operating point from the next cycle on"
    print_lines(["", ended])


def _configuration(document: dict[str, Any]) -> str:
    configuration = document["configuration"]
    if configuration["in_use"]:
        kept = configuration["beyond_noise"] is False
        return "the one in use" + (": none is better beyond noise" if kept else "")
    return f"{configuration['name']}; the next training uses it"


def _print_configurations(configurations: list[dict[str, Any]]) -> None:
    rows = [
        (
            each["name"] + (" (in use)" if each["in_use"] else ""),
            bounds(each["cut"]) if each["cut"] else "none found",
            *(share_of(each["cut"], name) for name in ("precision", "precision_bound", "recall")),
            *(share_of(each["reported_on"], name) for name in ("precision", "recall")),
        )
        for each in configurations
    ]
    heads = ("configuration", "cut", "precision", "at least (90 %)", "recall", "newest: precision", "recall")
    print_table("configurations", heads, rows)


def _tell_cleared(json: bool) -> None:
    if json:
        print_json(cleared=True)
    else:
        print_lines(["the level cut and config.toml's parameters serve from the next cycle on"])
