"""`model list`, `rollback`, `unpin`, `reproduce`: which version is in use, who put it there, and back."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer
from sqlalchemy import Connection

from daemon.cli.options import (
    DEFAULT_CONFIG,
    By,
    ConfigPath,
    Json,
    Reason,
    print_json,
    print_lines,
    print_table,
    shown_steps,
    user,
)
from daemon.clock import Clock, SystemClock
from daemon.compose import open_state
from daemon.config import Config, load
from daemon.decision_point import USUAL, WORDS, score_of
from daemon.errors import LeaseLost
from daemon.exits import Exit
from daemon.lease import lease
from daemon.operating_point import goal_in_words, goal_of
from daemon.state import operating_points, promotions, registry
from daemon.state.engine import read, write
from daemon.state.training_sets import kept
from models.decisions import DECISIONS

if TYPE_CHECKING:
    from daemon.reproduce import Reproduction

group = typer.Typer(no_args_is_help=True, help="Model versions.")


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="model")


@group.command("list")
def list_(config: ConfigPath = DEFAULT_CONFIG, json: Json = False) -> None:
    """Model versions, newest first: who put which live, when and why, and until when it can be reproduced."""
    settings = load(config)
    with read(open_state(settings)) as connection:
        versions = registry.versions(connection)
        log = promotions.log(connection)
        selected = {task: operating_points.log(connection, task) for task in ("maturity", *DECISIONS)}
        rows = [_row(each, log, kept(connection), settings) for each in versions]
    if json:
        print_json(
            versions=rows,
            promotions=[asdict(each) for each in log],
            operating_points=[asdict(each) for log in selected.values() for each in log],
        )
        return
    names = ("version", "state", "created_at", "live_from", "live_until", "by", "why", "reproducible_until")
    heads = ("version", "state", "trained", "live from", "until", "by", "why", "reproducible until")
    print_table("models", heads, [tuple(row[name] for name in names) for row in rows])
    print_lines(["", _operating_point(selected.pop("maturity"))])
    print_lines([f"{WORDS[decision]}: {_decided_from(decision, log)}" for decision, log in selected.items()])


def _row(
    version: registry.Version, log: Sequence[promotions.Promotion], sets: set[str], config: Config
) -> dict[str, Any]:
    """A version with who put it live last."""
    last = next((each for each in reversed(log) if each.version == version.version), None)
    keep = timedelta(days=config.maturity.reproducible_days)
    until: datetime | str | None = None
    if version.record is not None and version.training_digest in sets:
        until = "it is replaced" if version.state == "champion" else version.created_at + keep
    return {
        **asdict(version),
        "by": last.by if last else None,
        "pinned": bool(last and last.pinned and version.state == "champion"),
        "why": last.reason if last else version.reason,
        "reproducible_until": until,
    }


def _operating_point(log: Sequence[operating_points.Selected]) -> str:
    goal = goal_of(log[-1]) if log else None
    if goal is None:
        return "operating point: the level cut (no goal is selected)"
    return f"operating point: {goal_in_words(goal)} ({_who(log[-1])})"


def _decided_from(decision: str, log: Sequence[operating_points.Selected]) -> str:
    score = score_of(log[-1]) if log else None
    return (
        f"{USUAL[decision]} (nothing is selected)"
        if score is None
        else f"from a score of {score:.2f} ({_who(log[-1])})"
    )


def _who(selected: operating_points.Selected) -> str:
    return f"{selected.by}, {selected.chosen_at:%Y-%m-%d %H:%M} UTC: {selected.reason}"


@group.command()
def rollback(
    to: Annotated[str | None, typer.Option(help="A version that was live; default: the one before.")] = None,
    by: By = None,
    reason: Reason = "rolled back",
    config: ConfigPath = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Put the version that was live before back in use, from the next cycle on.

    It is pinned: it stays until a newer model is better beyond noise, or until `maturityd model unpin`.
    """
    from daemon.rollback import roll_back

    version = _under_lease(
        load(config), lambda connection, now: roll_back(connection, to, by or user(), reason, now)
    )
    _tell(json, version, "in use from the next cycle on, and pinned")


@group.command()
def unpin(
    by: By = None, reason: Reason = "unpinned", config: ConfigPath = DEFAULT_CONFIG, json: Json = False
) -> None:
    """Let the version that was put back be replaced as any other."""
    from daemon.rollback import unpin as let_go

    version = _under_lease(
        load(config), lambda connection, now: let_go(connection, by or user(), reason, now)
    )
    _tell(json, version, "in use; the next challenger that is not worse replaces it")


@group.command()
def reproduce(
    version: Annotated[str, typer.Argument(help="As `maturityd model list` shows it.")],
    config: ConfigPath = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Train a version again from its record, and prove that it is the same. Exit code 1 when it is not."""
    from daemon.reproduce import reproduce as again  # loads the model library

    settings = load(config)
    with shown_steps().step("reproduce") as report:
        found = again(
            settings,
            open_state(settings),
            version,
            lambda done, total: report(done / total, f"{done} of {total} fits"),
        )
    if json:
        print_json(**asdict(found), equal=found.equal)
    else:
        print_lines(_lines(found))
    if not found.equal:
        raise typer.Exit(Exit.FAILED)


def _under_lease(config: Config, change: Callable[[Connection, datetime], str]) -> str:
    """Change what is in use while no cycle runs: one run is of one model.

    raises: LeaseLost while one does.
    """
    clock: Clock = SystemClock()
    with lease(open_state(config), clock) as held:
        if held is None:
            raise LeaseLost("a cycle is running; try again when it is done (`maturityd status`)")
        with write(held) as connection:
            return change(connection, clock.now())


def _tell(json: bool, version: str, what: str) -> None:
    if json:
        print_json(version=version)
    else:
        print_lines([f"{version}: {what}"])


def _lines(found: "Reproduction") -> list[str]:
    """Equal or not, and what differs."""
    lines = [
        f"{found.version}: {'reproduced, bit by bit' if found.equal else 'NOT the same'}",
        _pair("model", found.artifact),
    ]
    if found.predictions:
        lines.append(_pair("predictions", found.predictions))
    else:
        lines.append("predictions   not compared: the snapshot of its run is not kept any more")
    for name, (then, now) in found.packages.items():
        lines.append(f"{name:<14}{then or '–'} then, {now or '–'} here")
    return lines


def _pair(what: str, digests: tuple[str, str]) -> str:
    then, now = digests
    return f"{what:<14}{then[:16]} {'=' if then == now else '≠'} {now[:16]}"
