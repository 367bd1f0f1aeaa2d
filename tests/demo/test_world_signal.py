"""What a world teaches: much of the level together, little by one observable, nothing without signal."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from catboost import CatBoostClassifier

from demo.world import generate, tiny
from demo.world.latent import latent
from demo.world.records import LEVELS, Array, Rule
from demo.world.timeline import Timeline
from tests.demo.aggregates import aggregates

SEED, TODAY, ACCOUNTS, DAYS = 7, date(2026, 11, 23), 600, 300
SIGNAL: tuple[Rule, ...] = ("linear", "thresholds")


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return aggregates(generate(SEED, TODAY, "linear", ACCOUNTS, DAYS))


def levels(rule: Rule) -> Array:
    return latent(SEED, rule, ACCOUNTS, Timeline(TODAY, DAYS)).levels[:, -1].astype(np.float64)


def macro_f1(truth: Array, guess: Array) -> float:
    scores = []
    for level in range(len(LEVELS)):
        hits = float(((truth == level) & (guess == level)).sum())
        scores.append(2 * hits / max(float((truth == level).sum() + (guess == level).sum()), 1.0))
    return float(np.mean(scores))


def learned(table: pd.DataFrame, truth: Array, trees: int = 120, depth: int = 4) -> float:
    """Macro-F1 of a small tree model in five-fold cross-validation."""
    fold = np.random.default_rng(0).permutation(len(truth)) % 5
    guess = np.full(len(truth), -1.0)
    for number in range(5):
        model = CatBoostClassifier(
            iterations=trees, depth=depth, learning_rate=0.07, rsm=0.7 if table.shape[1] > 1 else 1.0,
            random_seed=0, thread_count=1, verbose=False, allow_writing_files=False,
        )  # fmt: skip
        model.fit(table[fold != number], truth[fold != number])
        guess[fold == number] = model.predict(table[fold == number]).ravel()
    return macro_f1(truth, guess)


@pytest.mark.parametrize("rule", SIGNAL)
def test_observables_together_tell_the_level_better_than_tier_and_usage_size(
    table: pd.DataFrame, rule: Rule
) -> None:
    truth = levels(rule)

    together = learned(table, truth)

    assert together > 0.58
    assert together > learned(table[["tier", "usage"]], truth) + 0.12


@pytest.mark.parametrize("rule", SIGNAL)
def test_no_single_observable_gives_the_level_away(table: pd.DataFrame, rule: Rule) -> None:
    truth = levels(rule)

    alone = {name: learned(table[[name]], truth, trees=30, depth=3) for name in table}

    assert max(alone.values()) < 0.58, max(alone, key=lambda name: alone[name])


def test_without_signal_nothing_is_learned(table: pd.DataFrame) -> None:
    assert learned(table, levels("no_signal")) < 0.41


def test_the_rule_changes_levels_and_ratings_and_nothing_observable() -> None:
    linear, thresholds = tiny(3, TODAY), tiny(3, TODAY, "thresholds")

    assert linear.accounts == thresholds.accounts
    assert linear.mails == thresholds.mails
    assert linear.activity == thresholds.activity
    assert [replace(t, levels=()) for t in linear.truths] == [
        replace(t, levels=()) for t in thresholds.truths
    ]
    assert [t.levels for t in linear.truths] != [t.levels for t in thresholds.truths]


def test_some_levels_change_and_most_stay() -> None:
    monthly = latent(SEED, "linear", ACCOUNTS, Timeline(TODAY, 730)).levels

    changed = float((monthly[:, 0] != monthly[:, -1]).mean())

    assert 0.1 < changed < 0.4
