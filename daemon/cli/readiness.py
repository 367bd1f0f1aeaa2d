"""`readiness`: before any training: is there enough, what will it be worth, what is missing."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from daemon.cli.options import DEFAULT_CONFIG, ConfigPath, Json, print_json, print_lines, print_table
from daemon.clock import SystemClock
from daemon.compose import open_state
from daemon.config import load
from daemon.exits import Exit
from models.tables import LEVELS

if TYPE_CHECKING:
    from daemon.readiness import Readiness

FEATURES_SHOWN = 12


def register(app: typer.Typer) -> None:
    app.command("readiness")(show)


def show(config: ConfigPath = DEFAULT_CONFIG, json: Json = False) -> None:
    """Say whether the next cycle can train: labels, history, match rates, quality to expect, what is missing.

    Exits with 1 where it cannot.
    """
    from daemon.readiness import readiness  # loads what opens the lake, which takes a second

    settings = load(config)
    found = readiness(settings, open_state(settings), SystemClock())
    if json:
        print_json(ready=found.ready, **asdict(found))
    else:
        _print(found)
    if not found.ready:
        raise typer.Exit(Exit.FAILED)


def _print(found: "Readiness") -> None:
    print_table(
        f"labels that count (training takes {found.needed} of each level from experts and outcomes)",
        ("origin", *LEVELS, "first", "last"),
        [
            (each.origin, *(each.counts[level] for level in LEVELS), each.first, each.last)
            for each in found.labels
        ],
    )
    if found.outdated or found.left_out:
        print_lines([f"beside them {found.outdated} too old, {found.left_out} superseded or overruled"])
    print_table(
        "history",
        ("source", "fact", "rows", "days", "first", "last", "found their account"),
        [
            (each.source, each.fact, each.rows, each.days, each.first, each.last, f"{each.matched:.0%}")
            for each in found.sources
        ],
    )
    lacking = [f"{name} {share:.0%}" for name, share in found.missing.items()]
    more = f" and {len(lacking) - FEATURES_SHOWN} more" if len(lacking) > FEATURES_SHOWN else ""
    print_lines(
        [
            f"accounts: {found.accounts if found.accounts is not None else '–'}",
            f"features that most accounts lack: {', '.join(lacking[:FEATURES_SHOWN]) or 'none'}{more}",
            *_quality(found),
            "",
            *(f"{'missing' if gap.stops else 'thin'}: {gap.what}; {gap.to_do}" for gap in found.gaps),
            "ready: the next cycle trains" if found.ready else "not ready: the next cycle trains nothing",
        ]
    )


def _quality(found: "Readiness") -> list[str]:
    measured, expected = found.measured, found.expected
    if measured is not None:
        said = (
            f"quality as measured: macro-F1 {measured.macro_f1:.2f} +- {measured.error:.2f} on "
            f"{measured.labels} held-out labels ({measured.version})"
        )
        return [said, *([f"the gate: {measured.decision}"] if measured.decision else [])]
    return [
        f"quality to expect with {expected.labels} labels: macro-F1 between {expected.at_worst:.2f} (no "
        f"signal) and {expected.at_best:.2f} (as in the demo's worlds); the first training measures it"
    ]
