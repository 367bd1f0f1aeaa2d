"""`select forecast`: from which score a decision is taken, for a stated goal, with nothing trained."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from daemon.cli.goals import (
    DECISIONS,
    MEASURES,
    MOVES_SHOWN,
    bounds,
    by_change,
    check_goal,
    print_curve,
    share_of,
)
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

if TYPE_CHECKING:
    from daemon.forecast_selection import Found
    from models.goals import Choice


def forecast(
    decision: Annotated[str, typer.Option(help=f"One of {', '.join(DECISIONS)}.")],
    maximize: Annotated[str, typer.Option(help=f"One of {', '.join(MEASURES)}.")] = "recall",
    precision: Annotated[float | None, typer.Option(help="At least so much, with 90 % confidence.")] = None,
    recall: Annotated[float | None, typer.Option(help="At least so much, with 90 % confidence.")] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Back to the usual rule.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it, change nothing; exit code 3.")] = False,
    plot: Plot = None,
    by: By = None,
    reason: Reason = "no reason given",
    config: ConfigPath = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Choose from which score a decision is taken, and make it the operating point from the next cycle on.

    For example --decision falling --maximize recall --precision 0.8. Falling: the health of an account whose
    usage is expected to fall. Anomaly: what is raised as one. Shows what is promised with which confidence,
    what else could be had, and of which accounts something else would be said. Takes what `maturityd grid
    forecast` kept; where no score keeps what is asked for, nothing is changed. Warns where the newest cuts,
    on which nothing was chosen, speak against what is promised.
    """
    if decision not in DECISIONS:
        raise typer.BadParameter(f"one of {', '.join(DECISIONS)}, not {decision}", param_hint="--decision")
    settings = load(config, features=False)
    engine = open_state(settings)
    now = SystemClock().now()
    from daemon import forecast_selection as selection  # loads numpy, which no other command should wait for
    from daemon.parameters import forecast_parameters
    from models.goals import Goal, Measure

    if clear:
        with write(engine) as connection:
            selection.clear(connection, decision, by or user(), reason, now)
        _tell_cleared(decision, json)
        return
    check_goal(maximize, precision, recall)
    measure: Measure = maximize  # type: ignore[assignment] # checked above
    goal = Goal(measure, precision, recall)
    with read(engine) as connection:
        found = selection.find(connection, decision, goal, forecast_parameters(settings))
    if plot is not None:
        from daemon.plots import draw_decision

        draw_decision(found, plot)
    kept = found.choice.cut is not None and not dry_run
    if kept:
        with write(engine) as connection:
            selection.keep(connection, found, by or user(), reason, now)
    if json:
        print_json(**_document(found), kept=kept)
    else:
        _print(found, dry_run)
    if dry_run:
        raise typer.Exit(Exit.CHANGES_PENDING)


def _document(found: "Found") -> dict[str, Any]:
    from daemon.decision_point import choice_in_words, goal_in_words, warning_in_words
    from daemon.parameters import short_names

    names = short_names([parameters for parameters, _ in found.choices])
    changes = [(move.before, move.after) for move in found.moves]
    return {
        "decision": found.decision,
        "goal": {**vars(found.goal), "words": goal_in_words(found.decision, found.goal)},
        "found": found.choice.cut is not None,
        "words": choice_in_words(found.decision, found.choice),
        "warning": warning_in_words(found.choice, found.goal),
        "cuts": found.choice.clusters,
        **_choice(found.choice),
        "curve": [point.as_json() for point in found.choice.curve],
        "configurations": [
            {"name": name, "in_use": parameters == found.in_use, **_choice(choice)}
            for name, (parameters, choice) in zip(names, found.choices, strict=True)
        ],
        "moves": {
            "forecast": found.forecast,
            "count": len(found.moves),
            "by": by_change(changes),
            "accounts": [vars(move) for move in found.moves],
        },
    }


def _choice(choice: "Choice") -> dict[str, Any]:
    return {
        "cut": choice.cut.as_json() if choice.cut else None,
        "reported_on": choice.reported_on.as_json(),
        "usual": choice.usual.as_json(),
    }


def _print(found: "Found", dry_run: bool) -> None:
    document = _document(found)
    warned = [document["warning"], ""] if document["warning"] else []
    print_lines([f"goal  {document['goal']['words']}", "", document["words"], "", *warned])
    print_curve(f"what {found.decision} could be", "score", document["curve"])
    if len(document["configurations"]) > 1:
        _print_configurations(document["configurations"])
    if not document["found"]:
        print_lines(["", "nothing was changed: the operating point stays as it is"])
        return
    moves = document["moves"]
    told = ", ".join(f"{count} {change}" for change, count in moves["by"].items()) or "none"
    print_lines(
        ["", f"of {moves['count']} of {moves['forecast']} accounts something else would be said: {told}"]
    )
    if found.moves:
        more = f", the first {MOVES_SHOWN}" if len(found.moves) > MOVES_SHOWN else ""
        rows = [
            (move.account_id, move.before, move.after, None if move.score is None else f"{move.score:.2f}")
            for move in found.moves[:MOVES_SHOWN]
        ]
        print_table(f"these{more}", ("account", "is", "would be", "score"), rows)
    ended = "nothing was changed (--dry-run)" if dry_run else "the operating point from the next cycle on"
    print_lines(["", ended])


def _print_configurations(configurations: list[dict[str, Any]]) -> None:
    rows = [
        (
            each["name"] + (" (in use)" if each["in_use"] else ""),
            each["usual"]["labels"],
            bounds(each["cut"]) if each["cut"] else "none found",
            *(share_of(each["cut"], name) for name in ("precision", "precision_bound", "recall")),
            *(share_of(each["reported_on"], name) for name in ("precision", "recall")),
            *(share_of(each["usual"], name) for name in ("precision", "recall")),
        )
        for each in configurations
    ]
    heads = (
        "configuration", "decisions", "score", "precision", "at least (90 %)", "recall",
        "newest: precision", "recall", "as usual: precision", "recall",
    )  # fmt: skip
    print_table("with other settings of the grid, to compare", heads, rows)


def _tell_cleared(decision: str, json: bool) -> None:
    from daemon.decision_point import USUAL

    if json:
        print_json(cleared=True, decision=decision)
    else:
        print_lines([f"from the next cycle on {USUAL[decision]}"])
