"""What both `select` commands ask for and show: a goal that makes sense, and what else could be had."""

from collections.abc import Sequence
from typing import Any

import typer

from daemon.cli.options import print_table

MEASURES = ("recall", "precision", "f1")
DECISIONS = ("falling", "anomaly")
"""As `models.decisions` has them, which loads numpy."""
PROMISED = {"recall": "precision", "precision": "recall"}
"""What must be promised beside what is maximised: alone either is best where it is of no use."""

MOVES_SHOWN = 20
CURVE_SHOWN = 15


def check_goal(maximize: str, precision: float | None, recall: float | None) -> None:
    """Leave with a usage error where a goal makes no sense."""
    if maximize not in MEASURES:
        raise typer.BadParameter(f"one of {', '.join(MEASURES)}, not {maximize}", param_hint="--maximize")
    promised = {"precision": precision, "recall": recall}
    for name, share in promised.items():
        if share is not None and not 0 < share < 1:
            raise typer.BadParameter(f"a share between 0 and 1, not {share:g}", param_hint=f"--{name}")
    needed = PROMISED.get(maximize)
    if needed and promised[needed] is None:
        raise typer.BadParameter(
            f"the most {maximize} alone is had where it is of no use; say which {needed} is to be kept, "
            f"such as --{needed} 0.8",
            param_hint="--maximize",
        )


def print_curve(title: str, score: str, points: Sequence[dict[str, Any]]) -> None:
    """What could be had; score: what the bounds are of."""
    step = -(-len(points) // CURVE_SHOWN) or 1
    rows = [
        (
            bounds(point),
            point["selected"],
            *(share_of(point, name) for name in ("precision", "precision_bound", "recall")),
        )
        for point in points[::step]
    ]
    print_table(title, (score, "labels selected", "precision", "at least (90 %)", "recall"), rows)


def bounds(point: dict[str, Any]) -> str:
    """The interval that a point of the curve takes."""
    lower, upper = point["lower"], point["upper"]
    if upper is None:
        return f"from {lower:.2f}"
    return f"under {upper:.2f}" if lower is None else f"{lower:.2f} to {upper:.2f}"


def share_of(found: dict[str, Any] | None, name: str) -> str | None:
    """One of the shares found, as a person reads it."""
    return None if found is None or found[name] is None else f"{found[name]:.2f}"


def by_change(changes: Sequence[tuple[str, str]]) -> dict[str, int]:
    """How many accounts make each change, from what is said to what would be."""
    counts: dict[str, int] = {}
    for before, after in changes:
        change = f"{before} → {after}"
        counts[change] = counts.get(change, 0) + 1
    return counts
