"""CatBoost as it is configured here: a few models, each blind to one part of the rows, and their mean."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from catboost import CatBoost, CatBoostError, Pool
from numpy.typing import NDArray
from scipy.special import logsumexp

from models.errors import TooFewLabels
from models.maturity.examples import Block, Examples, deal
from models.maturity.model import MISSING, is_categorical, mean_scores, mean_shap_values, prepared

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


ALL_CONSTANT = "All features are either constant or ignored"
"""CatBoost's words for a table that says nothing."""

FEW_ROWS = 1000
MANY_ROWS = 2000


@dataclass(frozen=True)
class BoostSettings:
    """CatBoost's parameters by its own names where it has them.

    trees: at most; the parts that were left out say how many. patience: trees without gain before a
    fit stops. depth: None for 3 under FEW_ROWS rows, else 4. border_count: 64 trains 2 to 3 times faster
    than the default of 254 and loses nothing measurable. members: models, each of all rows but one
    part; None for 5 under MANY_ROWS rows, else 3: what their mean gains shrinks with the rows, what
    they cost grows.
    """

    trees: int = 800
    patience: int = 30
    learning_rate: float = 0.1
    depth: int | None = None
    l2_leaf_reg: float = 6.0
    rsm: float = 0.7
    border_count: int = 64
    one_hot_max_size: int = 10
    max_ctr_complexity: int = 1
    members: int | None = None

    def depth_for(self, rows: int) -> int:
        """Of trees that learn from so many rows."""
        return self.depth or (3 if rows < FEW_ROWS else 4)

    def members_for(self, rows: int) -> int:
        """Models that learn from so many rows."""
        return self.members or (5 if rows < MANY_ROWS else 3)


@dataclass(frozen=True)
class Ensemble:
    """members: their mean raw score is the score of the ensemble. trees: of each, at most.

    seen: (k,), the classes among the learned rows. learned: how many rows these were.
    rows: those that judged, in the order of own. own: (n, classes), raw scores by the one member that
    learned neither the row nor any other of its group: what the ensemble says of new cases, a little
    less sure.
    """

    members: tuple[CatBoost, ...]
    trees: int
    seen: Ints
    learned: int
    rows: Ints
    own: Floats


class Boosting:
    """CatBoost on the rows of one table of examples."""

    def __init__(self, examples: Examples, settings: BoostSettings, seed: int, threads: int) -> None:
        frame = examples.frame
        self.features: tuple[str, ...] = tuple(frame.columns)
        self.categories = {
            name: tuple(sorted(set(frame[name].fillna(MISSING).astype(str))))
            for name in self.features
            if is_categorical(frame[name])
        }
        self._table = prepared(frame, self.features, self.categories)
        self._examples = examples
        self._settings = settings
        self._seed = seed
        self._parameters = {
            "iterations": settings.trees,
            "learning_rate": settings.learning_rate,
            "l2_leaf_reg": settings.l2_leaf_reg,
            "rsm": settings.rsm,
            "border_count": settings.border_count,
            "one_hot_max_size": settings.one_hot_max_size,
            "max_ctr_complexity": settings.max_ctr_complexity,
            "thread_count": threads,
            "allow_writing_files": False,
            "logging_level": "Silent",
        }

    def ensemble(self, rows: Ints, fitted: Callable[[], None] = lambda: None) -> Ensemble:
        """Train a member per part of the rows; all get as many trees as the left-out parts want.

        fitted: called after each member.
        raises: TooFewLabels where there is one class only, or no row that could be left out.
        """
        seen = np.unique(self._examples.level[rows])
        blocks = deal(self._examples, rows, self._settings.members_for(len(rows)), self._seed)
        if len(seen) < 2 or not blocks:
            raise TooFewLabels("training takes two classes, and more than one group that holds each")
        members, curves = [], []
        for number, block in enumerate(blocks):
            member, curve = self._fit(block, seen, self._settings.depth_for(len(rows)), self._seed + number)
            members.append(member)
            curves.append(curve)
            fitted()
        trees = _fewest_losses(curves, [len(block.test) for block in blocks])
        for member in members:
            member.shrink(ntree_end=min(trees, member.tree_count_))
        own = [self._raw([m], seen, len(rows), b.test) for m, b in zip(members, blocks, strict=True)]
        return Ensemble(
            members=tuple(members),
            trees=trees,
            seen=seen,
            learned=len(rows),
            rows=np.concatenate([block.test for block in blocks]),
            own=np.concatenate(own),
        )

    def raw(self, ensemble: Ensemble, rows: Ints) -> Floats:
        """Raw scores of rows: (m, classes). A class without an example is as likely as one in all of them."""
        return self._raw(ensemble.members, ensemble.seen, ensemble.learned, rows)

    def shap_values(self, ensemble: Ensemble, rows: Ints) -> Floats:
        """Attributions of the raw scores of the seen classes: (m, seen, features + 1), the base last."""
        return mean_shap_values(ensemble.members, self._pool(rows))

    def _raw(self, members: Sequence[CatBoost], seen: Ints, learned: int, rows: Ints) -> Floats:
        found = mean_scores(members, self._pool(rows))
        rare = logsumexp(found, axis=1, keepdims=True) - np.log(learned + 1.0)
        raw: Floats = np.tile(rare, self._examples.classes)
        raw[:, seen] = found
        return raw

    def _fit(self, block: Block, seen: Ints, depth: int, seed: int) -> tuple[CatBoost, Floats]:
        """A model of the trained rows, and its log loss on the tested ones after each tree."""
        loss = {"loss_function": "Logloss"} if len(seen) == 2 else {"loss_function": "MultiClass"}
        catboost = CatBoost({**self._parameters, **loss, "depth": depth, "random_seed": seed})
        try:
            catboost.fit(
                self._pool(block.train, seen),
                eval_set=self._pool(block.test, seen),
                early_stopping_rounds=self._settings.patience,
                use_best_model=False,
            )
        except CatBoostError as error:
            if ALL_CONSTANT not in str(error):
                raise
            raise TooFewLabels(
                f"no column differs among {len(block.train)} rows that a model would learn from; add rows"
            ) from error
        (losses,) = catboost.get_evals_result()["validation"].values()
        return catboost, np.array(losses)

    def _pool(self, rows: Ints, seen: Ints | None = None) -> Pool:
        """Rows for CatBoost; to learn from where the classes are given, which it knows by their place."""
        labels = None if seen is None else np.searchsorted(seen, self._examples.level[rows])
        return Pool(
            self._table.iloc[rows],
            label=labels,
            weight=None if seen is None else self._examples.weight[rows],
            cat_features=list(self.categories),
        )


def serialized(catboost: CatBoost) -> bytes:
    """A model in CatBoost's format, without the time, id and threads that it notes in there."""
    about = catboost.get_metadata()
    for changing in ("model_guid", "train_finish_time"):
        about[changing] = ""
    about["params"] = '{"loss_function":{"type":"MultiClass","params":{}}}'
    # The public save_model writes files only; this is what it writes.
    blob: bytes = catboost._serialize_model()
    return blob


def _fewest_losses(curves: Sequence[Floats], counts: Sequence[int]) -> int:
    """Trees of the least loss over all left-out rows; where a fit has stopped, its last loss goes on."""
    longest = max(len(curve) for curve in curves)
    total = np.zeros(longest)
    for curve, count in zip(curves, counts, strict=True):
        total += count * np.concatenate([curve, np.full(longest - len(curve), curve[-1])])
    return int(np.argmin(total)) + 1
