"""Random forest and XGBoost beside the model, where they are installed: yardsticks, no dependencies."""

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.maturity.cuts import choose_point
from models.maturity.evaluate import Learner, majority_learner
from models.maturity.examples import Block, Examples, deal
from models.maturity.model import is_categorical

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PACKAGES = {"random_forest": ("sklearn", "scikit-learn"), "xgboost": ("xgboost", "xgboost-cpu")}
"""Module and distribution that a yardstick needs."""

PARTS = 3
WORTH_THREADS = 20_000
"""Rows from which threads of XGBoost do more than wait for each other."""

LEAST_SHARE = 1e-3
"""A forest in which no tree votes for a class does not rule it out."""


def missing_package(yardstick: str) -> str | None:
    """Why a yardstick cannot run here; None where it can."""
    module, distribution = PACKAGES[yardstick]
    if importlib.util.find_spec(module) is None:
        return f"{distribution} is not installed; pip install maturityd[yardsticks]"
    return None


@dataclass(frozen=True)
class ForestSettings:
    """Parameters of scikit-learn's RandomForestClassifier."""

    trees: int = 300
    min_samples_leaf: int = 3
    max_features: float | str = "sqrt"


@dataclass(frozen=True)
class XgboostSettings:
    """Parameters of XGBoost by its own names; `trees` at most, early stopping says how many."""

    trees: int = 800
    patience: int = 30
    parameters: Mapping[str, float] = field(
        default_factory=lambda: {
            "eta": 0.1,
            "max_depth": 4,
            "subsample": 0.8,
            "colsample_bytree": 0.7,
            "min_child_weight": 3,
            "lambda": 3,
        }
    )


def forest_learner(examples: Examples, settings: ForestSettings, seed: int, threads: int) -> Learner:
    """A random forest; temperature and operating point come from its out-of-bag votes."""
    from sklearn.ensemble import RandomForestClassifier

    table = _coded(examples.frame)

    def learn(train: Ints, test: Ints) -> tuple[Floats, Ints]:
        forest = RandomForestClassifier(
            n_estimators=settings.trees,
            min_samples_leaf=settings.min_samples_leaf,
            max_features=settings.max_features,
            oob_score=True,
            bootstrap=True,
            random_state=seed,
            n_jobs=threads,
        )
        forest.fit(table.iloc[train], examples.level[train], sample_weight=examples.weight[train])
        own = _logs(forest.oob_decision_function_, forest.classes_, examples.classes)
        voted = np.isfinite(own).all(axis=1)
        point = choose_point(own[voted], examples.level[train][voted], ordered=examples.ordered)
        said = _logs(forest.predict_proba(table.iloc[test]), forest.classes_, examples.classes)
        return point.rate(said)

    return learn


def xgboost_learner(examples: Examples, settings: XgboostSettings, seed: int, threads: int) -> Learner:
    """XGBoost as the model itself is made: a member per part left out, which also stops it early."""
    import xgboost

    table = examples.frame.copy()
    table.columns = pd.Index([f"f{place}" for place in range(table.shape[1])])  # [, ] and < are refused
    for name in table:
        if is_categorical(table[name]):
            table[name] = pd.Categorical(table[name])
    majority = majority_learner(examples.level, examples.classes)
    parameters: dict[str, Any] = {
        "objective": "multi:softprob",
        "num_class": examples.classes,
        "eval_metric": "mlogloss",
        "tree_method": "hist",
        "max_cat_to_onehot": 10,
        "nthread": threads if len(table) >= WORTH_THREADS else 1,
        "seed": seed,
        "verbosity": 0,
        **settings.parameters,
    }

    def matrix(rows: Ints) -> Any:
        return xgboost.DMatrix(
            table.iloc[rows],
            label=examples.level[rows],
            weight=examples.weight[rows],
            enable_categorical=True,
        )

    def fitted(block: Block) -> Any:
        return xgboost.train(
            parameters,
            matrix(block.train),
            num_boost_round=settings.trees,
            evals=[(matrix(block.test), "rest")],
            early_stopping_rounds=settings.patience,
            verbose_eval=False,
        )

    def learn(train: Ints, test: Ints) -> tuple[Floats, Ints]:
        blocks = deal(examples, train, PARTS, seed)
        if not blocks:
            return majority(train, test)
        members = [fitted(block) for block in blocks]

        def scores(member: Any, rows: Ints) -> Floats:
            every = (0, member.best_iteration + 1)
            found: Floats = member.predict(matrix(rows), output_margin=True, iteration_range=every)
            return found.astype(float)

        own = np.concatenate(
            [scores(member, block.test) for member, block in zip(members, blocks, strict=True)]
        )
        level = examples.level[np.concatenate([block.test for block in blocks])]
        point = choose_point(own, level, ordered=examples.ordered)
        return point.rate(np.mean([scores(member, test) for member in members], axis=0))

    return learn


def _coded(frame: pd.DataFrame) -> pd.DataFrame:
    """Categories as whole numbers, the most frequent first; missing stays missing."""
    columns = {
        name: frame[name].map({value: code for code, value in enumerate(frame[name].value_counts().index)})
        if is_categorical(frame[name])
        else frame[name]
        for name in frame
    }
    return pd.DataFrame(columns).astype(float)


def _logs(shares: Floats, seen: Ints, classes: int) -> Floats:
    """Raw scores of votes; NaN where no tree could vote."""
    raw: Floats = np.full((len(shares), classes), np.log(LEAST_SHARE))
    raw[:, seen] = np.log(np.maximum(shares, LEAST_SHARE))
    return raw
