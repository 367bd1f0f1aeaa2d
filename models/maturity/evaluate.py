"""Held-out evaluation by time: each label predicted by a model that knew only what came before."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.maturity.comparison import Comparison, compare
from models.maturity.examples import Block, Examples
from models.maturity.held_out import HeldOut
from models.maturity.levels import level_shares
from models.maturity.metrics import Metrics, as_json, measure
from models.maturity.training_set import TrainingSet

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BLOCKS = 5
"""Accounts are cut into this many blocks by time: the first two are only learned from, the others (60 % of
the labels) are the held-out evaluation. A model of one block's labels says little of one of all."""

Learner = Callable[[Ints, Ints], tuple[Floats, Ints]]
"""Learns from some rows, all choices included, and says of others: (train rows, test rows) to probabilities
(test rows, classes) and ratings (test rows,)."""


@dataclass(frozen=True)
class Evaluation:
    """metrics: by name of the model (`catboost`, `logistic`, `majority`), on the same held-out labels.

    trees: of each member of the model that is served. held_out: predictions of `catboost`.
    over_logistic: what `catboost` gains over `logistic`, paired on those labels.
    """

    metrics: Mapping[str, Metrics]
    trees: int
    held_out: HeldOut
    over_logistic: Comparison

    def as_json(self) -> dict[str, Any]:
        """Metrics of all models as plain values, without the predictions."""
        return {
            "trees": self.trees,
            "models": {name: dict(as_json(m)) for name, m in self.metrics.items()},
            "over_logistic": asdict(self.over_logistic),
        }


@dataclass(frozen=True)
class Predicted:
    """What a learner said of held-out rows. rows: (n,) row numbers, block after block."""

    rows: Ints
    probabilities: Floats
    rating: Ints


def time_blocks(training: TrainingSet) -> tuple[Block, ...]:
    """The forward chain of a training set's accounts: BLOCKS by their newest expert or outcome label."""
    return forward_chain(training.examples, training.at, BLOCKS, untested=2)


def forward_chain(examples: Examples, at: NDArray[Any], parts: int, untested: int) -> tuple[Block, ...]:
    """Cut the groups into parts by their newest row that judges; train on the past of each.

    A chain and not one split, because a third of 270 labels measures macro-F1 to +-.05 only. For each
    part after the untested ones, the trained rows are all up to its first instant, of the groups outside
    the part; the tested ones are the part's rows that judge, from that instant on. Where all rows have
    one instant (a first import) nothing is earlier or later, and this becomes cross-validation over
    groups.

    at: (n,), when; anything that grows.
    """
    newest: dict[str, Any] = {}
    for group, when in zip(examples.group[examples.judged], at[examples.judged], strict=True):
        newest[group] = max(when, newest.get(group, when))
    ordered = sorted(newest, key=lambda group: (newest[group], group))
    blocks = []
    for groups in np.array_split(np.array(ordered, dtype=np.str_), parts)[untested:]:
        if len(groups) == 0:
            continue
        start = newest[groups[0]]
        inside = np.isin(examples.group, groups)
        blocks.append(
            Block(
                train=np.flatnonzero(~inside & (at <= start)),
                test=np.flatnonzero(inside & examples.judged & (at >= start)),
            )
        )
    return tuple(blocks)


def hold_out(learner: Learner, blocks: Sequence[Block]) -> Predicted:
    """Predict the tested rows of each block; all that is chosen is chosen on its trained rows."""
    said = [learner(block.train, block.test) for block in blocks]
    return Predicted(
        rows=np.concatenate([block.test for block in blocks]),
        probabilities=np.concatenate([probabilities for probabilities, _ in said]),
        rating=np.concatenate([rating for _, rating in said]),
    )


def majority_learner(level: Ints, levels: int) -> Learner:
    """Knows how common each level is, and nothing else."""

    def learn(train: Ints, test: Ints) -> tuple[Floats, Ints]:
        shares = np.tile(level_shares(level[train], levels), (len(test), 1))
        return shares, shares.argmax(axis=1)

    return learn


def evaluation(
    training: TrainingSet,
    catboost: Predicted,
    logistic: Predicted,
    majority: Predicted,
    trees: int,
    seed: int,
) -> Evaluation:
    """Metrics of CatBoost and of both baselines on the same labels."""
    rows = catboost.rows
    level = training.level[rows]
    models = {"catboost": catboost, "logistic": logistic, "majority": majority}
    return Evaluation(
        metrics={name: measure(one.probabilities, one.rating, level) for name, one in models.items()},
        trees=trees,
        held_out=HeldOut(
            account_id=training.account_id[rows],
            at=training.at[rows],
            level=level,
            rating=catboost.rating,
            probabilities=np.rint(catboost.probabilities * 65535).astype(np.uint16),
        ),
        over_logistic=compare(catboost, logistic, level, training.account_id[rows], seed),
    )
