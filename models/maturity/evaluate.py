"""Held-out evaluation by time: each label predicted by a model that knew only what came before."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.maturity.cuts import OperatingPoint, operating_point
from models.maturity.held_out import HeldOut
from models.maturity.levels import level_shares
from models.maturity.metrics import Metrics, as_json, log_losses, measure
from models.maturity.model import calibrated
from models.maturity.training_set import TrainingSet

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BLOCKS = 5
"""Accounts are cut into this many blocks by time: the first is only learned from, the second only tunes,
the others (60 % of the labels) are the held-out evaluation."""

Path = Callable[[Ints, Ints], Floats]
"""Trains on some rows and predicts others under each of its settings (numbers of trees, penalties).

(train rows, test rows) to raw scores (settings, test rows, levels); always as many settings.
"""


@dataclass(frozen=True)
class Block:
    """Row numbers of a training set. No account is in both parts, and no trained label is later than
    the first tested one."""

    train: Ints
    test: Ints


@dataclass(frozen=True)
class Evaluation:
    """metrics: by name of the model (`catboost`, `logistic`, `majority`), on the same held-out labels.

    trees: how many the held-out labels asked for. held_out: predictions of `catboost`.
    """

    metrics: Mapping[str, Metrics]
    trees: int
    held_out: HeldOut

    def as_json(self) -> dict[str, Any]:
        """Metrics of all models as plain values, without the predictions."""
        return {"trees": self.trees, "models": {name: dict(as_json(m)) for name, m in self.metrics.items()}}


@dataclass(frozen=True)
class Predicted:
    """What a path gave on held-out rows, block after block.

    rows: row numbers. setting: the best over all blocks, an index into the path's settings.
    point: chosen on all held-out rows, for the model that is trained on everything.
    """

    rows: Ints
    probabilities: Floats
    rating: Ints
    setting: int
    point: OperatingPoint


def time_blocks(training: TrainingSet) -> tuple[Block, ...]:
    """Cut the accounts into BLOCKS by their newest expert or outcome label; train on the past of each.

    A forward chain and not one split, because a third of 270 labels measures macro-F1 to +-.05 only.
    For each block after the first, the training part is every label up to its first instant, of all
    accounts outside the block, feedback included; the test part is the block's expert and outcome
    labels from that instant on. Where all labels have one instant (a first import) nothing is earlier
    or later, and this becomes cross-validation over accounts.
    """
    newest: dict[str, np.datetime64] = {}
    for account, at in zip(
        training.account_id[training.validation], training.at[training.validation], strict=True
    ):
        newest[account] = max(at, newest.get(account, at))
    ordered = sorted(newest, key=lambda account: (newest[account], account))
    blocks = []
    for accounts in np.array_split(np.array(ordered, dtype=np.str_), BLOCKS)[1:]:
        start = newest[accounts[0]]
        inside = np.isin(training.account_id, accounts)
        blocks.append(
            Block(
                train=np.flatnonzero(~inside & (training.at <= start)),
                test=np.flatnonzero(inside & training.validation & (training.at >= start)),
            )
        )
    return tuple(blocks)


def hold_out(path: Path, blocks: Sequence[Block], level: Ints, seed: int) -> Predicted:
    """Predict each block but the first, with nothing chosen on the block itself.

    The setting is the one with the least log loss on all earlier blocks (the first block serves for
    this alone), so one training per block gives both. The operating point of a block is chosen on
    the other blocks.
    """
    loss = np.zeros(1)
    raws: list[Floats] = []
    for number, block in enumerate(blocks):
        scores = path(block.train, block.test)
        if number > 0:
            raws.append(scores[int(np.argmin(loss))])
        loss = loss + np.array([log_losses(calibrated(one, 1.0), level[block.test]).sum() for one in scores])
    tested = [block.test for block in blocks[1:]]
    rated = []
    for number, raw in enumerate(raws):
        others = [i for i in range(len(raws)) if i != number]
        point = operating_point(
            np.concatenate([raws[i] for i in others]),
            level[np.concatenate([tested[i] for i in others])],
            seed,
        )
        rated.append(point.rate(raw))
    rows = np.concatenate(tested)
    return Predicted(
        rows=rows,
        probabilities=np.concatenate([probabilities for probabilities, _ in rated]),
        rating=np.concatenate([rating for _, rating in rated]),
        setting=int(np.argmin(loss)),
        point=operating_point(np.concatenate(raws), level[rows], seed),
    )


def evaluation(
    training: TrainingSet, blocks: Sequence[Block], catboost: Predicted, logistic: Predicted, trees: int
) -> Evaluation:
    """Metrics of CatBoost and of both baselines on the same labels."""
    rows, levels = catboost.rows, catboost.probabilities.shape[1]
    level = training.level[rows]
    majority = np.concatenate(
        [np.tile(level_shares(training.level[b.train], levels), (len(b.test), 1)) for b in blocks[1:]]
    )
    return Evaluation(
        metrics={
            "catboost": measure(catboost.probabilities, catboost.rating, level),
            "logistic": measure(logistic.probabilities, logistic.rating, level),
            "majority": measure(majority, majority.argmax(axis=1), level),
        },
        trees=trees,
        held_out=HeldOut(
            account_id=training.account_id[rows],
            at=training.at[rows],
            level=level,
            rating=catboost.rating,
            probabilities=np.rint(catboost.probabilities * 65535).astype(np.uint16),
        ),
    )
