"""A trial: cross-validation of the model and its yardsticks on one table, and what the model goes by."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import TooFewLabels
from models.maturity.boosting import Boosting, BoostSettings
from models.maturity.cuts import choose_temperature
from models.maturity.evaluate import Learner, Predicted, forward_chain, hold_out, majority_learner
from models.maturity.examples import Block, deal
from models.maturity.logistic import logistic_learner
from models.maturity.metrics import Metrics, measure
from models.maturity.train import catboost_learner
from models.maturity.trial.columns import TrialTable
from models.maturity.trial.explain import Explanation, explain
from models.maturity.trial.leaks import suspected_leaks
from models.maturity.trial.yardsticks import (
    PACKAGES,
    ForestSettings,
    XgboostSettings,
    forest_learner,
    missing_package,
    xgboost_learner,
)

Ints = NDArray[np.int64]

FOLDS = 5
SCHEMA_VERSION = 1
FEWEST_ROWS = 20


@dataclass(frozen=True)
class Outcome:
    """One model on all folds. seconds: of one fit, all its choices and its fold's predictions included."""

    metrics: Metrics
    seconds: float
    predicted: Predicted


@dataclass(frozen=True)
class Trial:
    """models: by name. skipped: yardsticks that did not run, with the reason. n: rows with a label."""

    table: TrialTable
    folds: int
    seed: int
    models: Mapping[str, Outcome]
    skipped: Mapping[str, str]
    explanation: Explanation
    leaks: tuple[str, ...]
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The contract of `try maturity --json`."""
        ordered = self.table.examples.ordered
        return {
            "schema_version": SCHEMA_VERSION,
            "task": "maturity",
            "classes": list(self.table.classes),
            "folds": self.folds,
            "n": len(self.table.examples.level),
            "seed": self.seed,
            "models": {name: _figures(outcome, ordered) for name, outcome in self.models.items()},
            "skipped": dict(self.skipped),
        }


def _figures(outcome: Outcome, ordered: bool) -> dict[str, float | None]:
    found = outcome.metrics
    return {
        "macro_f1": found.macro_f1,
        "accuracy": found.accuracy,
        "log_loss": found.log_loss,
        "ece": found.ece,
        "qwk": found.qwk if ordered else None,
        "seconds": outcome.seconds,
    }


def run_trial(
    table: TrialTable,
    seed: int,
    threads: int,
    report: Callable[[float, str], None],
    timer: Callable[[], float] = time.perf_counter,
) -> Trial:
    """Cross-validate every model on the same folds, then explain a model of all rows.

    Groups never stand on both sides of a fold; with a time column each fold is predicted from its past.
    report: called with the share that is done, and what is being done.
    raises: TooFewLabels where the table cannot be cut into folds.
    """
    examples = table.examples
    blocks = _folds(table, seed)
    learners, skipped = _learners(table, seed, threads)
    models = {}
    for number, (name, learner) in enumerate(learners.items()):
        report(number / (len(learners) + 1), name)
        started = timer()
        predicted = hold_out(learner, blocks)
        seconds = (timer() - started) / len(blocks)
        metrics = measure(predicted.probabilities, predicted.rating, examples.level[predicted.rows])
        models[name] = Outcome(metrics, seconds, predicted)
    report(len(learners) / (len(learners) + 1), "explaining")
    boosting = Boosting(examples, BoostSettings(), seed, threads)
    ensemble = boosting.ensemble(np.arange(len(examples.level)))
    temperature = choose_temperature(ensemble.own, examples.level[ensemble.rows])
    explanation = explain(table, boosting, ensemble, temperature, seed)
    shares = {each.feature: each.share for each in explanation.importances}
    return Trial(
        table=table,
        folds=len(blocks),
        seed=seed,
        models=models,
        skipped=skipped,
        explanation=explanation,
        leaks=suspected_leaks(table, shares),
        notes=(*table.notes, *_tested(table, blocks)),
    )


def _folds(table: TrialTable, seed: int) -> tuple[Block, ...]:
    examples = table.examples
    n, groups = len(examples.level), len(np.unique(examples.group))
    counts = np.bincount(examples.level, minlength=examples.classes)
    if n < FEWEST_ROWS or np.sort(counts)[-2] < 2:
        have = ", ".join(f"{count} {name}" for count, name in zip(counts, table.classes, strict=True))
        raise TooFewLabels(
            f"the table has {n} rows with a label ({have}); a trial takes {FEWEST_ROWS}, and two of a second "
            "class: add rows"
        )
    if table.at is None:
        blocks = deal(examples, np.arange(n), FOLDS, seed)
    else:
        chained = forward_chain(examples, table.at, FOLDS + 1, untested=1)
        blocks = tuple(block for block in chained if len(block.test) and len(block.train))
    if len(blocks) < 2:
        raise TooFewLabels(
            f"the table's {n} rows make {groups} groups, which cannot be cut into folds; name another --group"
        )
    return blocks


def _learners(table: TrialTable, seed: int, threads: int) -> tuple[dict[str, Learner], dict[str, str]]:
    examples = table.examples
    boosting = Boosting(examples, BoostSettings(), seed, threads)
    learners = {
        "catboost": catboost_learner(examples, boosting),
        "majority": majority_learner(examples.level, examples.classes),
        "logistic": logistic_learner(examples, seed),
    }
    skipped = {name: reason for name in PACKAGES if (reason := missing_package(name))}
    if "random_forest" not in skipped:
        learners["random_forest"] = forest_learner(examples, ForestSettings(), seed, threads)
    if "xgboost" not in skipped:
        learners["xgboost"] = xgboost_learner(examples, XgboostSettings(), seed, threads)
    return learners, skipped


def _meet(at: NDArray[np.float64], block: Block) -> bool:
    """Whether a fold learns from rows of the time at which its tested ones begin."""
    return bool(at[block.train].max() >= at[block.test].min())


def _tested(table: TrialTable, blocks: tuple[Block, ...]) -> list[str]:
    """What the folds leave untested."""
    level = table.examples.level
    tested = np.concatenate([block.test for block in blocks])
    notes = []
    if len(tested) < len(level):
        notes.append(f"{len(level) - len(tested)} of {len(level)} rows are learned from only, never tested")
    if table.at is not None and any(_meet(table.at, block) for block in blocks):
        notes.append("rows of the very time at which a fold begins are learned from too")
    never = np.setdiff1d(level, level[tested])
    notes += [f"the class {table.classes[each]} has too few rows to be tested" for each in never]
    if len(blocks) < FOLDS:
        notes.append(f"{len(blocks)} folds instead of {FOLDS}: there are not enough groups")
    return notes
