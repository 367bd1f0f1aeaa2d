"""Multinomial logistic regression: the baseline that trees have to beat."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax
from threadpoolctl import threadpool_limits

from models.maturity.cuts import choose_point
from models.maturity.evaluate import Learner, majority_learner
from models.maturity.examples import Examples, deal
from models.maturity.metrics import log_losses
from models.maturity.model import MISSING, calibrated, is_categorical

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PENALTIES = (0.3, 0.1, 0.03, 0.01, 0.003)
"""Of the squared weights, beside the mean log loss; strongest first, each the start of the next."""

PARTS = 3
"""Rows are cut into this many to choose the penalty."""

COMMON_CATEGORIES = 20
"""The most frequent values of a category get a column each; the others share none."""


def logistic_learner(examples: Examples, seed: int) -> Learner:
    """Logistic regression whose penalty, temperature and operating point come from parts left out."""
    majority = majority_learner(examples.level, examples.classes)

    def learn(train: Ints, test: Ints) -> tuple[Floats, Ints]:
        blocks = deal(examples, train, PARTS, seed)
        if not blocks:
            return majority(train, test)
        # On matrices this small, threads of BLAS wait for each other longer than they compute.
        with threadpool_limits(limits=1, user_api="blas"):
            held_out = np.concatenate([_path(examples, each.train, each.test) for each in blocks], axis=1)
            level = examples.level[np.concatenate([block.test for block in blocks])]
            best = int(np.argmin([log_losses(calibrated(raw, 1.0), level).mean() for raw in held_out]))
            point = choose_point(held_out[best], level, ordered=examples.ordered)
            return point.rate(_path(examples, train, test, PENALTIES[: best + 1])[-1])

    return learn


def _path(examples: Examples, train: Ints, test: Ints, penalties: Sequence[float] = PENALTIES) -> Floats:
    """Raw scores of the test rows under each penalty: (penalties, test rows, classes)."""
    encoder = _Encoder.of(examples.frame.iloc[train])
    known, asked = encoder.encode(examples.frame.iloc[train]), encoder.encode(examples.frame.iloc[test])
    target = np.eye(examples.classes)[examples.level[train]]
    share = examples.weight[train] / examples.weight[train].sum()
    coefficients = np.zeros((known.shape[1], examples.classes))
    scores = []
    for penalty in penalties:
        coefficients = _fit(known, target, share, penalty, coefficients)
        scores.append(asked @ coefficients)
    return np.stack(scores)


@dataclass(frozen=True)
class _Encoder:
    """Turns a feature table into numbers: standardised with the median for what is missing, a flag for
    it, a column per common category, and a constant, which comes last."""

    medians: "pd.Series[float]"
    means: "pd.Series[float]"
    deviations: "pd.Series[float]"
    flagged: Sequence[str]
    categories: Sequence[tuple[str, str]]

    @classmethod
    def of(cls, frame: pd.DataFrame) -> "_Encoder":
        names: list[str] = list(frame.columns)
        numbers = [name for name in names if not is_categorical(frame[name])]
        numeric = frame[numbers].astype(float)
        medians = numeric.median().fillna(0.0)
        filled = numeric.fillna(medians)
        return cls(
            medians=medians,
            means=filled.mean(),
            deviations=filled.std(ddof=0).replace(0.0, 1.0),
            flagged=[name for name in numbers if numeric[name].isna().any()],
            categories=[
                (name, value)
                for name in names
                if name not in numbers
                for value in frame[name].fillna(MISSING).value_counts().index[:COMMON_CATEGORIES]
            ],
        )

    def encode(self, frame: pd.DataFrame) -> Floats:
        numeric = frame[self.medians.index].astype(float)
        standard = (numeric.fillna(self.medians) - self.means) / self.deviations
        flags = numeric[self.flagged].isna().to_numpy(dtype=float)
        named = [
            (frame[name].fillna(MISSING) == value).to_numpy(dtype=float) for name, value in self.categories
        ]
        columns = [standard.clip(-4, 4).to_numpy(), flags, *(column[:, None] for column in named)]
        return np.hstack([*columns, np.ones((len(frame), 1))])


def _fit(known: Floats, target: Floats, share: Floats, penalty: float, start: Floats) -> Floats:
    """Weights (columns, levels) of the least mean log loss plus penalty; the constant is free."""
    free = np.ones((known.shape[1], 1))
    free[-1] = 0.0

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(start.shape)
        log_p = log_softmax(known @ weights, axis=1)
        value = -(share[:, None] * target * log_p).sum() + penalty / 2 * (free * weights**2).sum()
        slope = known.T @ (share[:, None] * (np.exp(log_p) - target)) + penalty * free * weights
        return float(value), slope.ravel()

    found = minimize(loss, start.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 200})
    weights: Floats = found.x.reshape(start.shape)
    return weights
