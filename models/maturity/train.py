"""Training: from a training set to a maturity model and its held-out evaluation."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from catboost import CatBoost, Pool
from numpy.typing import NDArray

from models.errors import TooFewLabels
from models.maturity.evaluate import BLOCKS, Evaluation, evaluation, hold_out, time_blocks
from models.maturity.levels import level_shares
from models.maturity.logistic import logistic_path
from models.maturity.model import MISSING, MaturityModel, is_categorical, pool
from models.maturity.training_set import TrainingSet

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STAGE_TREES = 10
"""Numbers of trees are compared in steps of this."""


@dataclass(frozen=True)
class TrainSettings:
    """CatBoost's parameters by its own names where it has them, and what surrounds it.

    trees: at most; the held-out labels say how many. patience: trees without gain before a fit stops.
    border_count: 64 trains 2 to 3 times faster than the default of 254 and loses nothing measurable.
    margin: half-width around a cut point in which the last rating stays, in levels.
    """

    trees: int = 800
    patience: int = 50
    learning_rate: float = 0.06
    depth: int = 5
    l2_leaf_reg: float = 6.0
    rsm: float = 0.7
    border_count: int = 64
    one_hot_max_size: int = 10
    max_ctr_complexity: int = 1
    min_labels_per_class: int = 50
    margin: float = 0.08


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
    """Evaluate on blocks held out by time, then train on everything with what they taught.

    The number of trees, temperature and cut points come from held-out predictions only. Equal input
    and seed give an equal model, byte for byte, with any number of threads.

    progress: called with (fits done, fits in all).
    raises: TooFewLabels where a level has fewer than `min_labels_per_class` expert or outcome labels.
    """
    check_counts(training, settings.min_labels_per_class)
    blocks = time_blocks(training)
    steps = iter(range(1, len(blocks) + 2))
    fitter = _Fitter(training, settings, seed, threads)

    def advance() -> None:
        if progress:
            progress(next(steps), len(blocks) + 1)

    def path(train: Ints, test: Ints) -> Floats:
        scores = fitter.path(train, test)
        advance()
        return scores

    found = hold_out(path, blocks, training.level, seed)
    baseline = hold_out(
        logistic_path(training),
        blocks,
        training.level,
        seed,
    )
    trees = STAGE_TREES * (found.setting + 1)
    model = MaturityModel(
        features=fitter.features,
        categories=fitter.categories,
        cuts=found.point.cuts,
        margin=settings.margin,
        temperature=found.point.temperature,
        trees=fitter.final(trees),
    )
    advance()
    return Trained(model, evaluation(training, blocks, found, baseline, trees))


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


class _Fitter:
    """CatBoost on rows of one training set."""

    def __init__(self, training: TrainingSet, settings: TrainSettings, seed: int, threads: int) -> None:
        frame = training.frame
        self.features: tuple[str, ...] = tuple(frame.columns)
        self.categories = {
            name: tuple(sorted(set(frame[name].fillna(MISSING).astype(str))))
            for name in self.features
            if is_categorical(frame[name])
        }
        self._training = training
        self._settings = settings
        self._levels = len(training.levels)
        self._parameters = {
            "loss_function": "MultiClass",
            "classes_count": self._levels,
            "learning_rate": settings.learning_rate,
            "depth": settings.depth,
            "l2_leaf_reg": settings.l2_leaf_reg,
            "rsm": settings.rsm,
            "border_count": settings.border_count,
            "one_hot_max_size": settings.one_hot_max_size,
            "max_ctr_complexity": settings.max_ctr_complexity,
            "random_seed": seed,
            "thread_count": threads,
            "allow_writing_files": False,
            "logging_level": "Silent",
        }

    def path(self, train: Ints, test: Ints) -> Floats:
        """Raw scores of the test rows after 10, 20, ... trees; the last repeated where the fit stopped.

        The test rows only end the fit early. Where a level has no past, the scores say how common each
        level was.
        """
        stages = max(1, self._settings.trees // STAGE_TREES)
        level = self._training.level[train]
        if len(np.unique(level)) < self._levels:
            scores = np.log(level_shares(level, self._levels))
            return np.broadcast_to(scores, (stages, len(test), self._levels))
        asked = self._pool(test)
        catboost = CatBoost({**self._parameters, "iterations": stages * STAGE_TREES})
        catboost.fit(
            self._pool(train),
            eval_set=asked,
            early_stopping_rounds=self._settings.patience,
            use_best_model=False,
        )
        reached = list(catboost.staged_predict(asked, "RawFormulaVal", eval_period=STAGE_TREES))
        return np.stack(reached + reached[-1:] * (stages - len(reached)))

    def final(self, trees: int) -> bytes:
        """A model of all rows in CatBoost's format, without the time, id and threads it notes in there."""
        catboost = CatBoost({**self._parameters, "iterations": trees})
        catboost.fit(self._pool(np.arange(len(self._training.level))))
        about = catboost.get_metadata()
        for changing in ("model_guid", "train_finish_time"):
            about[changing] = ""
        about["params"] = '{"loss_function":{"type":"MultiClass","params":{}}}'
        # The public save_model writes files only; this is what it writes.
        blob: bytes = catboost._serialize_model()
        return blob

    def _pool(self, rows: Ints) -> Pool:
        return pool(
            self._training.frame.iloc[rows],
            self.features,
            self.categories,
            self._training.level[rows],
            self._training.weight[rows],
        )
