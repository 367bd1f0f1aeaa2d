"""Training: from a training set to a maturity model and its held-out evaluation."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.errors import TooFewLabels
from models.maturity.boosting import Boosting, BoostSettings, Ensemble, serialized
from models.maturity.cuts import choose_point, operating_point
from models.maturity.evaluate import (
    BLOCKS,
    Evaluation,
    Learner,
    evaluation,
    hold_out,
    majority_learner,
    time_blocks,
)
from models.maturity.examples import Examples
from models.maturity.logistic import logistic_learner
from models.maturity.model import MaturityModel
from models.maturity.training_set import TrainingSet

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class TrainSettings(BoostSettings):
    """CatBoost's parameters, and what surrounds them.

    margin: half-width around a cut point in which the last rating stays, in levels.
    """

    min_labels_per_class: int = 50
    margin: float = 0.16


@dataclass(frozen=True)
class Trained:
    """A model trained on all labels, and the evaluation of its like on held-out ones."""

    model: MaturityModel
    evaluation: Evaluation


def train(
    training: TrainingSet,
    settings: TrainSettings,
    seed: int,
    threads: int,
    progress: Callable[[int, int], None] | None = None,
) -> Trained:
    """Evaluate on blocks held out by time, then train on everything in the same way.

    The number of trees, temperature and cut points come from rows that the member of the ensemble did
    not learn: in the evaluation from the past of a block, for the model from all labels. Equal input
    and seed give an equal model, byte for byte, with any number of threads.

    progress: called with (fits done, fits in all).
    raises: TooFewLabels where a level has fewer than `min_labels_per_class` expert or outcome labels.
    """
    check_counts(training, settings.min_labels_per_class)
    blocks = time_blocks(training)
    rows = (len(training.level), *(len(block.train) for block in blocks))
    total = sum(settings.members_for(each) for each in rows)
    steps = iter(range(1, total + 1))

    def advance() -> None:
        if progress:
            progress(min(next(steps, total), total), total)

    examples = training.examples
    boosting = Boosting(examples, settings, seed, threads)
    ensemble = boosting.ensemble(np.arange(len(examples.level)), advance)
    point = operating_point(ensemble.own, examples.level[ensemble.rows])
    model = MaturityModel(
        features=boosting.features,
        categories=boosting.categories,
        cuts=point.cuts,
        margin=settings.margin,
        temperature=point.temperature,
        members=tuple(serialized(member) for member in ensemble.members),
    )
    found = evaluation(
        training,
        catboost=hold_out(catboost_learner(examples, boosting, advance), blocks),
        logistic=hold_out(logistic_learner(examples, seed), blocks),
        majority=hold_out(majority_learner(examples.level, examples.classes), blocks),
        trees=ensemble.trees,
        seed=seed,
    )
    return Trained(model, found)


def catboost_learner(
    examples: Examples, boosting: Boosting, fitted: Callable[[], None] = lambda: None
) -> Learner:
    """The ensemble with its operating point; how common each level is, where there is too little to learn."""
    majority = majority_learner(examples.level, examples.classes)

    def learn(train: Ints, test: Ints) -> tuple[Floats, Ints]:
        try:
            ensemble = boosting.ensemble(train, fitted)
        except TooFewLabels:
            return majority(train, test)
        return rate(examples, boosting, ensemble, test)

    return learn


def rate(examples: Examples, boosting: Boosting, ensemble: Ensemble, rows: Ints) -> tuple[Floats, Ints]:
    """Probabilities and ratings of rows, by the point chosen on what the members did not see."""
    point = choose_point(ensemble.own, examples.level[ensemble.rows], ordered=examples.ordered)
    return point.rate(boosting.raw(ensemble, rows))


def check_counts(training: TrainingSet, needed: int) -> None:
    """raises: TooFewLabels, saying how many labels each level has. Feedback does not count."""
    judging = training.validation
    counts = np.bincount(training.level[judging], minlength=len(training.levels))
    accounts = len(np.unique(training.account_id[judging]))
    if counts.min() < needed or accounts < BLOCKS:
        have = ", ".join(f"{count} {level}" for count, level in zip(counts, training.levels, strict=True))
        raise TooFewLabels(
            f"the expert and outcome labels are {have}, of {accounts} accounts; training takes {needed} of "
            f"each and {BLOCKS} accounts: rate more accounts, or lower min_labels_per_class"
        )
