"""The gate between a newly trained model and the accounts."""

from dataclasses import replace

import numpy as np
import pytest

from models.maturity.gate import decide
from models.maturity.held_out import HeldOut
from models.maturity.train import TrainSettings, train
from models.monitoring.importance import importance_shares
from tests.models.maturity.labelled import accounts, labelled

QUICK = TrainSettings(trees=80, patience=20, members=3, min_labels_per_class=20)
EVEN = {"usage": 0.2, "users": 0.2, "tickets": 0.2, "tier": 0.2, "region": 0.2}


def held_out(n: int, seed: int, hit_share: float = 0.75) -> HeldOut:
    """Predictions that are right in `hit_share` and say so: calibrated by construction."""
    rng = np.random.default_rng(seed)
    level = rng.permutation(np.arange(n) % 3)
    rating = np.where(rng.random(n) < hit_share, level, (level + rng.integers(1, 3, n)) % 3)
    probabilities = np.full((n, 3), (1 - hit_share) / 2)
    probabilities[np.arange(n), rating] = hit_share
    return HeldOut(
        account_id=np.array([f"001{i:015}" for i in range(n)]),
        at=np.full(n, np.datetime64("2025-01-01", "us")),
        level=level,
        rating=rating,
        probabilities=np.rint(probabilities * 65535).astype(np.uint16),
    )


def spoilt(one: HeldOut, share: float, seed: int = 0) -> HeldOut:
    """The same predictions with the ratings of a share of the accounts replaced at random."""
    rng = np.random.default_rng(seed)
    hit = rng.random(len(one.level)) < share
    return replace(one, rating=np.where(hit, rng.integers(0, 3, len(hit)), one.rating))


def failed(decision):
    return [check.name for check in decision.checks if not check.passed]


def judge(challenger, champion=None, shares=EVEN, changed_share=None):
    return decide(challenger, champion, shares, changed_share, seed=0)


def test_a_good_first_model_is_published():
    decision = judge(held_out(180, seed=1))

    assert decision.publish
    assert decision.reason.startswith("Published: on 180 held-out labels it is better than guessing beyond")
    assert "90 % interval" in decision.reason


def test_a_first_model_that_guesses_is_held_back():
    decision = judge(held_out(180, seed=1, hit_share=0.35))

    assert not decision.publish
    assert failed(decision) == ["log_loss_gain", "kappa"]
    assert decision.reason.startswith("Held back: on held-out labels it may be no better than knowing")


def test_probabilities_far_too_sure_are_held_back():
    honest = held_out(600, seed=1, hit_share=0.75)
    sure = np.where(honest.probabilities > 32768, 64224, 655).astype(np.uint16)

    assert "calibration_error" in failed(judge(replace(honest, probabilities=sure)))


def test_a_model_too_good_to_be_true_is_held_back():
    decision = judge(held_out(300, seed=1, hit_share=0.995))

    assert failed(decision) == ["macro_f1"]
    assert "too good to be true" in decision.reason


def test_one_feature_that_carries_most_is_held_back_by_name():
    decision = judge(held_out(180, seed=1), shares={"renewal_call": 0.7, "usage": 0.3})

    assert failed(decision) == ["largest_share"]
    assert "renewal_call alone carries 70% of its importance" in decision.reason


def test_the_same_predictions_again_are_published():
    one = held_out(180, seed=1)

    assert judge(one, champion=one, changed_share=0.0).publish


def swapped(one: HeldOut, accounts: int) -> HeldOut:
    """An equal: so many right ratings made wrong, and as many wrong ones right."""
    rating = one.rating.copy()
    right = np.flatnonzero(one.rating == one.level)[:accounts]
    wrong = np.flatnonzero(one.rating != one.level)[:accounts]
    rating[right], rating[wrong] = (one.level[right] + 1) % 3, one.level[wrong]
    return replace(one, rating=rating)


@pytest.mark.parametrize(("labels", "accounts"), [(180, 20), (2000, 8)])
def test_an_equal_challenger_is_published(labels, accounts):
    champion = held_out(labels, seed=1)

    assert judge(swapped(champion, accounts), champion).publish


def test_with_many_labels_a_difference_that_noise_may_hide_is_held_back():
    champion = held_out(1000, seed=1)

    assert failed(judge(swapped(champion, 100), champion)) == ["not_worse"]


@pytest.mark.parametrize("labels", [180, 1000, 3000])
def test_a_clearly_worse_challenger_is_held_back(labels):
    champion = held_out(labels, seed=1)

    decision = judge(spoilt(champion, share=0.3), champion)

    assert "not_worse" in failed(decision)
    assert "may be worse than the model in use" in decision.reason


def test_only_labels_that_both_predicted_are_compared():
    champion = held_out(400, seed=1)
    challenger = spoilt(champion, share=0.5)
    other_accounts = np.char.add("x", champion.account_id)

    decision = judge(challenger, replace(champion, account_id=other_accounts))

    assert decision.publish
    assert "too few of them with the model in use" in decision.reason


def test_a_corrected_label_counts_for_both():
    champion = held_out(400, seed=1)
    corrected = (champion.level + 1) % 3

    decision = judge(
        replace(champion, rating=corrected, level=corrected), replace(champion, rating=corrected)
    )

    assert "not_worse" not in failed(decision)


def test_a_mass_change_of_ratings_is_held_back():
    one = held_out(180, seed=1)

    assert failed(judge(one, one, changed_share=0.21)) == ["changed_ratings"]
    assert judge(one, one, changed_share=0.2).publish


def test_every_failed_check_is_in_the_reason():
    decision = judge(held_out(180, seed=1, hit_share=0.35), shares={"usage": 1.0}, changed_share=0.5)

    assert len(failed(decision)) == 4
    assert decision.reason.count(";") >= 3
    assert decision.reason.endswith(".")


def test_in_a_world_without_signal_nothing_is_published():
    published = []
    for seed in range(2):
        frame, level = accounts(240, seed, signal=0.0)
        trained = train(labelled(frame, level), QUICK, seed=seed, threads=1)
        published.append(judge(trained.evaluation.held_out).publish)

    assert published == [False] * 2


def test_a_fifth_of_wrong_labels_leaves_a_publishable_model():
    frame, level = accounts(240, seed=1, signal=2.0)
    rng = np.random.default_rng(0)
    noisy = np.where(rng.random(240) < 0.2, rng.integers(0, 3, 240), level)

    trained = train(labelled(frame, noisy), QUICK, seed=0, threads=1)

    assert judge(trained.evaluation.held_out).publish


def test_a_feature_that_holds_the_label_is_refused():
    frame, level = accounts(240, seed=1)
    training = labelled(frame.assign(expert_opinion=level.astype(float)), level)

    trained = train(training, QUICK, seed=0, threads=1)
    shares = importance_shares(trained.model.shap_values(training.frame), trained.model.features)
    decision = judge(trained.evaluation.held_out, shares=shares)

    assert set(failed(decision)) >= {"macro_f1", "largest_share"}
    assert "expert_opinion alone carries" in decision.reason
