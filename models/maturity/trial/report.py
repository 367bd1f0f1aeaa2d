"""A trial as one page that needs nothing beside it, readable on light and dark screens."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from models.maturity.trial import figures
from models.maturity.trial.columns import Roles
from models.maturity.trial.explain import told_rows
from models.maturity.trial.trial import Trial
from models.reading.parse import Cells

TOLD_FEATURES = 15


def report(trial: Trial, cells: Cells, roles: Roles, name: str) -> str:
    """HTML. name: of the table's file."""
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
    )
    table, found = trial.table, trial.explanation
    ordered = table.examples.ordered
    counts = np.bincount(table.examples.level, minlength=len(table.classes))
    pair = [
        (figures.calibration(trial), "Calibration: on the diagonal, a stated 70 % is right 7 times in 10."),
        (figures.confusions(trial), "Rows of the table: true classes (down) against ratings (across)."),
    ]
    return pages.get_template("report.html").render(
        name=name,
        label=roles.label,
        n=len(table.examples.level),
        classes=table.classes,
        counts=", ".join(f"{count} {each}" for count, each in zip(counts, table.classes, strict=True)),
        ordered=ordered,
        scheme=_scheme(trial, roles),
        seed=trial.seed,
        described=cells.described,
        verdict=verdict(trial),
        leaks=trial.leaks,
        models=trial.as_json()["models"],
        skipped=trial.skipped,
        reading=_reading(trial),
        pair=pair,
        importances=found.importances[:TOLD_FEATURES],
        others=_others(trial),
        swarm=figures.importances(trial),
        of=found.of,
        rows=[
            (_title(trial, cells, place), figures.one_row(trial, place))
            for place in told_rows(trial.explanation)
        ],
        notes=trial.notes,
        left_out=table.left_out,
    )


def verdict(trial: Trial) -> str:
    """What a reader wants to know first, in a sentence."""
    ours = trial.models["catboost"].metrics
    guessing = trial.models["majority"].metrics
    gain = guessing.log_loss - ours.log_loss
    if trial.leaks:
        return "Look at the suspected leaks before believing these figures"
    if gain < 0.02 * guessing.log_loss:
        return "The columns say next to nothing about the label"
    return f"Held-out macro-F1 {ours.macro_f1:.2f}, against {guessing.macro_f1:.2f} by guessing the majority"


def _scheme(trial: Trial, roles: Roles) -> str:
    if roles.time:
        how = f"{trial.folds} folds in the order of {roles.time}, each predicted from what came before."
    else:
        how = f"{trial.folds} folds, each predicted from the others."
    return f"{how} Rows of one {roles.group} stay together." if roles.group else how


def _reading(trial: Trial) -> str:
    rule = (
        "Ratings cut the expected level so that each class is rated as often as it occurs"
        if trial.table.examples.ordered
        else "Ratings are chosen so that each class is rated as often as it occurs"
    )
    return (
        f"{rule}; what it takes is chosen on rows held out within the trained ones, for all models. "
        "Log loss, in nats a row, and the calibration error (top class, 15 bins) judge the probabilities. "
        "Seconds are of one fit with all its choices."
    )


def _others(trial: Trial) -> str:
    rest = trial.explanation.importances[TOLD_FEATURES:]
    if not rest:
        return ""
    return f"{len(rest)} more columns share the other {sum(each.share for each in rest):.0%}."


def _title(trial: Trial, cells: Cells, place: int) -> str:
    """Which row it is, what it is, and what it is said to be: here by a model that has learned it."""
    row = int(trial.explanation.rows[place])
    table = trial.table
    true = table.classes[int(table.examples.level[row])]
    end = trial.explanation.end[place]
    return f"{cells.place(int(table.row[row])).capitalize()}, truly {true}: {trial.explanation.of} {end:.2f}"


def plain_lines(trial: Trial) -> Sequence[str]:
    """What a terminal shows below the table of models."""
    found = trial.explanation.importances[:5]
    strongest = ", ".join(f"{each.feature} {each.share:.0%} ({each.direction})" for each in found)
    return [
        verdict(trial),
        f"goes by: {strongest}",
        *(f"suspected leak: {leak}" for leak in trial.leaks),
        *(f"left out: {column} ({reason})" for column, reason in trial.table.left_out.items()),
        *(f"note: {note}" for note in trial.notes),
        *(f"skipped: {name}: {reason}" for name, reason in trial.skipped.items()),
    ]
