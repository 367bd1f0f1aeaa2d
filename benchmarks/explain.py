"""How long explanations take: `python -m benchmarks.explain [accounts features trees]`.

Accounts with made-up figures of the catalogue's own features (as many topics as it takes to have so many),
a model trained on some of them, then every part of an explanation: in seconds, in seconds of the CPU (which
a busy machine does not inflate as much), and as a multiple of CatBoost's ShapValues in the same run.
"""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pandas as pd
from catboost import CatBoostClassifier, Pool

from benchmarks.made_up import made_up_accounts, made_up_catalogue, made_up_levels
from models.features.feature import Catalogue
from models.maturity import render
from models.maturity.alike import alike
from models.maturity.attributions import attributions
from models.maturity.model import MaturityModel, prepared
from models.maturity.peers import compare
from models.maturity.reasons import POINTS_PER_LEVEL, find_reasons, unknown_points
from models.tables import LEVELS

TRAINED_ON = 3000
MEMBERS = 5


def main(accounts: int, features: int, trees: int) -> None:
    """Explain every account once; print seconds and ratios."""
    known = made_up_catalogue(features)
    frame = made_up_accounts(known, accounts)
    model = _trained(frame, known, trees)
    seconds: dict[str, tuple[float, float]] = {}
    with _timed(seconds, "ShapValues"):
        phi = model.shap_values(frame)
    with _timed(seconds, "attributions"):
        expected = model.expected_level(frame)
        found = attributions(phi, model.temperature, model_expected=expected)
    with _timed(seconds, "what is alike"):
        groups = alike(tuple(known), frame)
    with _timed(seconds, "peers"):
        peers = compare(frame, frame[["segment", "region", "employees"]])
    with _timed(seconds, "reasons"):
        reasons = find_reasons(found, frame, known, peers, groups=groups)
        unknown = unknown_points(found, frame, known)
    with _timed(seconds, "texts"):
        texts = [
            _texts(row, float(expected[row]), float(found.start[row]), float(unknown[row]), told, peers)
            for row, told in enumerate(reasons)
        ]
    told, characters = sum(map(len, reasons)), sum(map(len, texts))
    print(f"{accounts:,} accounts x {len(known)} features, {trees} trees")
    wall, cpu = (sum(each) for each in zip(*seconds.values(), strict=True))
    for name, (took, used) in {**seconds, "all of it": (wall, cpu)}.items():
        ratio = took / seconds["ShapValues"][0]
        print(f"{name:<14}{took:7.2f} s {used:7.2f} s CPU {ratio:7.2f} x ShapValues")
    print(f"{told / accounts:.1f} reasons and {characters / accounts:,.0f} characters an account")


def _texts(row, expected, start, unknown, reasons, peers) -> str:  # type: ignore[no-untyped-def]
    score = expected * POINTS_PER_LEVEL
    similar = peers.groups[peers.home[row]]
    verdict = render.Verdict(LEVELS[round(expected)], score, None, start * POINTS_PER_LEVEL, similar, unknown)
    return render.rich(verdict, reasons) + render.plain(verdict, reasons) + render.summary(verdict, reasons)


@contextmanager
def _timed(seconds: dict[str, tuple[float, float]], name: str) -> Iterator[None]:
    start, used = time.perf_counter(), time.process_time()
    yield
    seconds[name] = time.perf_counter() - start, time.process_time() - used


def _trained(frame: pd.DataFrame, known: Catalogue, trees: int) -> MaturityModel:
    some = frame.iloc[:TRAINED_ON]
    categories: Mapping[str, tuple[str, ...]] = dict.fromkeys(known.categories, ())
    levels = made_up_levels(some, known)
    table = Pool(prepared(some, known.names, categories), levels, cat_features=list(categories))
    members = []
    for seed in range(MEMBERS):
        trainer = CatBoostClassifier(
            iterations=trees, depth=5, learning_rate=0.06, rsm=0.3, max_ctr_complexity=1, random_seed=seed,
            loss_function="MultiClass", thread_count=2, verbose=False, allow_writing_files=False,
        )  # fmt: skip
        members.append(trainer.fit(table)._serialize_model())
    return MaturityModel(known.names, categories, (0.6, 1.4), 0.08, 1.0, tuple(members))


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    main(*given) if given else main(10_000, 100, 300)
