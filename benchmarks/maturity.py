"""Rates public tables: the model as configured beside default CatBoost and tuned yardsticks.

    python -m benchmarks.maturity FOLDER [--seeds 3] [--draws 8] [--rows 8000] [--only xapi ...]

FOLDER holds the CSV files of SETS (plain or .gz); absent ones are left out. Tables that scikit-learn
ships come besides. Five folds; random forest and XGBoost are tuned in each fold by a random search of
`draws` settings, by log loss on a quarter of the trained rows. One thread; seconds are CPU seconds of one
fit, and `ratio` is their share of default CatBoost's in the same run. Mean and standard deviation over
seeds, which draw folds, models and searches anew.
"""

import argparse
import platform
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from catboost import CatBoostClassifier, Pool
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits

from models.maturity.boosting import Boosting, BoostSettings
from models.maturity.evaluate import Learner, hold_out
from models.maturity.examples import Examples, deal
from models.maturity.logistic import logistic_learner
from models.maturity.metrics import log_losses, measure
from models.maturity.model import is_categorical, prepared
from models.maturity.train import catboost_learner
from models.maturity.trial.columns import Roles, trial_table
from models.maturity.trial.yardsticks import (
    ForestSettings,
    XgboostSettings,
    forest_learner,
    xgboost_learner,
)
from models.reading.parse import Cells, parse

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

FOLDS = 5
DRAWN = ("macro_f1", "log_loss", "ece", "qwk")


@dataclass(frozen=True)
class Set:
    """file: start of its name. without: columns that leak, dropped first."""

    name: str
    file: str
    label: str
    order: tuple[str, ...] | None = None
    without: tuple[str, ...] = ()


SETS = (
    Set("xapi", "xapi_edu_lmh", "Class", ("L", "M", "H")),
    Set("bank", "bank_additional_full", "y", without=("duration",)),
)


def main() -> None:
    """Print a table per set."""
    arguments = _arguments()
    print(f"{platform.machine()}, Python {platform.python_version()}, seeds 0 to {arguments.seeds - 1}")
    for name, examples in _sets(arguments.folder, arguments.rows):
        if arguments.only and name not in arguments.only:
            continue
        found: dict[str, list[tuple[float, ...]]] = defaultdict(list)
        for seed in range(arguments.seeds):
            blocks = deal(examples, np.arange(len(examples.level)), FOLDS, seed)
            for model, learner in _learners(examples, seed, arguments.draws).items():
                started = time.process_time()
                said = hold_out(learner, blocks)
                seconds = (time.process_time() - started) / len(blocks)
                metrics = measure(said.probabilities, said.rating, examples.level[said.rows])
                found[model].append((*(getattr(metrics, each) for each in DRAWN), seconds))
        _print(name, examples, found)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--draws", type=int, default=8)
    parser.add_argument("--rows", type=int, default=8000, help="at most, drawn at random")
    parser.add_argument("--only", nargs="*", default=(), help="names of sets")
    return parser.parse_args()


def _sets(folder: Path, rows: int) -> Iterator[tuple[str, Examples]]:
    for each in SETS:
        for path in sorted(folder.glob(f"{each.file}*.csv*")):
            cells = parse(path.read_bytes(), path.name)
            yield each.name, _examples(cells.frame.drop(columns=list(each.without)), each, rows)
    for name, load in (("breast cancer", load_breast_cancer), ("digits", load_digits)):
        data = load(as_frame=True)
        yield name, _examples(data.data.assign(label=data.target), Set(name, "", "label"), rows)
    data = load_diabetes(as_frame=True, scaled=False)
    thirds = pd.qcut(data.target, 3, labels=["low", "medium", "high"])
    wanted = Set("diabetes, thirds", "", "label", ("low", "medium", "high"))
    yield wanted.name, _examples(data.data.assign(label=thirds), wanted, rows)


def _examples(frame: pd.DataFrame, wanted: Set, rows: int) -> Examples:
    if len(frame) > rows:
        frame = frame.sample(rows, random_state=0)
    cells = Cells(frame.reset_index(drop=True), tuple(range(len(frame))), "")
    return trial_table(cells, Roles(wanted.label, wanted.order), wanted.name).examples


def _learners(examples: Examples, seed: int, draws: int) -> dict[str, Learner]:
    rng = np.random.default_rng(seed)
    forests = [forest_learner(examples, _forest(rng), seed, 1) for _ in range(draws)]
    xgboosts = [xgboost_learner(examples, _xgboost(rng), seed, 1) for _ in range(draws)]
    return {
        "as configured": catboost_learner(examples, Boosting(examples, BoostSettings(), seed, threads=1)),
        "default catboost": _default_catboost(examples, seed),
        "tuned xgboost": _tuned(examples, xgboosts, seed),
        "tuned forest": _tuned(examples, forests, seed),
        "logistic": logistic_learner(examples, seed),
    }


def _forest(rng: np.random.Generator) -> ForestSettings:
    return ForestSettings(
        min_samples_leaf=int(rng.choice([1, 2, 3, 5, 10])),
        max_features=float(rng.choice([0.2, 0.35, 0.5, 0.8])),
    )


def _xgboost(rng: np.random.Generator) -> XgboostSettings:
    return XgboostSettings(
        parameters={
            "eta": float(rng.choice([0.03, 0.06, 0.1])),
            "max_depth": int(rng.integers(2, 8)),
            "subsample": float(rng.uniform(0.5, 1.0)),
            "colsample_bytree": float(rng.uniform(0.3, 1.0)),
            "min_child_weight": float(rng.choice([1, 3, 10])),
            "lambda": float(rng.choice([1, 3, 10])),
        }
    )


def _tuned(examples: Examples, learners: list[Learner], seed: int) -> Learner:
    """The one with the least log loss on a quarter of the trained rows, then trained on all of them."""

    def learn(train: Ints, test: Ints) -> tuple[Floats, Ints]:
        block = deal(examples, train, 4, seed)[0]
        level = examples.level[block.test]
        losses = [log_losses(each(block.train, block.test)[0], level).mean() for each in learners]
        return learners[int(np.argmin(losses))](train, test)

    return learn


def _default_catboost(examples: Examples, seed: int) -> Learner:
    """CatBoostClassifier() as it comes, rated by the most probable class."""
    features = tuple(examples.frame.columns)
    categories = {name: () for name in features if is_categorical(examples.frame[name])}
    table = prepared(examples.frame, features, categories)

    def learn(train: Ints, test: Ints) -> tuple[Floats, Ints]:
        model = CatBoostClassifier(thread_count=1, random_seed=seed, verbose=0, allow_writing_files=False)
        model.fit(Pool(table.iloc[train], examples.level[train], cat_features=list(categories)))
        said = np.full((len(test), examples.classes), 1e-9)
        said[:, model.classes_] = model.predict_proba(table.iloc[test])
        return said, said.argmax(axis=1)

    return learn


def _print(name: str, examples: Examples, found: dict[str, list[tuple[float, ...]]]) -> None:
    counts = ", ".join(str(count) for count in np.bincount(examples.level))
    print(f"\n{name}: {len(examples.level)} rows ({counts}), {examples.frame.shape[1]} columns")
    heads = "".join(f"{head:>16}" for head in (*DRAWN, "CPU s a fit"))
    print(f"  {'model':<18}{heads}   ratio")
    whole = np.mean([row[-1] for row in found["default catboost"]])
    for model, rows in found.items():
        means, spread = np.mean(rows, axis=0), np.std(rows, axis=0)
        cells = "".join(f"{mean:>9.3f} ±{sd:.3f}" for mean, sd in zip(means, spread, strict=True))
        print(f"  {model:<18}{cells}   {means[-1] / whole:.2f}", flush=True)


if __name__ == "__main__":
    main()
