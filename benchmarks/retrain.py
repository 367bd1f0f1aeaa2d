"""How long a company's cycle of the maturity model takes: `python -m benchmarks.retrain [accounts labels]`.

Made-up accounts, a part of them with labels over a year: training with its held-out evaluation, then scores
and explanations of all accounts. Printed are seconds, and each part's share of the whole. CatBoost runs on
two threads.
"""

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pandas as pd

from benchmarks.made_up import SEED, made_up_accounts, made_up_catalogue, made_up_levels
from models.features.feature import Catalogue
from models.maturity.attributions import attributions
from models.maturity.model import MaturityModel
from models.maturity.peers import compare
from models.maturity.reasons import find_reasons
from models.maturity.train import TrainSettings, train
from models.maturity.training_set import LeftOut, TrainingSet

FEATURES = 107
"""As many as the catalogue has with the config.toml that is shipped."""

THREADS = 2
NOTHING = LeftOut(0, 0, 0, 0, {})


def main(accounts: int, labels: int) -> None:
    """Train, score, explain; print seconds."""
    known = made_up_catalogue(FEATURES)
    frame = made_up_accounts(known, accounts)
    training = _training_set(frame, known, labels)
    seconds: dict[str, float] = {}
    with _timed(seconds, "train, with its evaluation"):
        trained = train(training, TrainSettings(), SEED, THREADS, _show)
    sys.stderr.write("\n")
    with _timed(seconds, "score"):
        trained.model.ratings(trained.model.expected_level(frame))
    with _timed(seconds, "explain"):
        _explain(trained.model, frame, known)
    whole = sum(seconds.values())
    print(
        f"{accounts:,} accounts, {labels:,} labels, {len(known)} features; trees: {trained.evaluation.trees}"
    )
    for name, took in (*seconds.items(), ("all of it", whole)):
        print(f"{name:<28}{took:7.1f} s {took / whole:6.0%}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.1f} GB")


def _explain(model: MaturityModel, frame: pd.DataFrame, known: Catalogue) -> None:
    expected = model.expected_level(frame)
    found = attributions(model.shap_values(frame), model.temperature, model_expected=expected)
    find_reasons(found, frame, known, compare(frame, frame[["segment", "region", "employees"]]))


def _training_set(frame: pd.DataFrame, known: Catalogue, labels: int) -> TrainingSet:
    some = frame.iloc[:labels]
    days = np.sort(np.random.default_rng(SEED).integers(0, 365, labels))
    return TrainingSet(
        frame=some,
        level=made_up_levels(frame, known)[:labels],
        weight=np.ones(labels),
        account_id=np.array([f"{number:018d}" for number in range(labels)]),
        at=np.datetime64("2026-01-01", "us") + days.astype("timedelta64[D]"),
        origin=np.full(labels, "expert"),
        left_out=NOTHING,
    )


def _show(done: int, total: int) -> None:
    sys.stderr.write(f"\r{done} of {total} fits")


@contextmanager
def _timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - start


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    main(*given) if given else main(10_000, 3_000)
