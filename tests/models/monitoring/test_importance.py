"""Drift of importance against its own noise."""

import numpy as np
import pytest

from models.monitoring.importance import family_shares, importance_alarms, importance_shares


def runs(**shares):
    """Runs of a history from the shares of each feature, oldest first."""
    return [dict(zip(shares, values, strict=True)) for values in zip(*shares.values(), strict=True)]


STEADY = runs(usage=[0.20, 0.21, 0.19, 0.20, 0.21, 0.19], visits=[0.05, 0.05, 0.04, 0.05, 0.05, 0.06])


def test_what_moves_within_its_noise_rings_no_alarm():
    assert importance_alarms(STEADY, {"usage": 0.22, "visits": 0.055}) == []


def test_a_share_beyond_its_noise_and_the_floors_rings():
    (alarm,) = importance_alarms(STEADY, {"usage": 0.10, "visits": 0.05})

    assert (alarm.feature, alarm.kind) == ("usage", "moved")
    assert alarm.before == pytest.approx(0.20)
    assert alarm.now == 0.10
    assert abs(alarm.now - alarm.before) > alarm.threshold


def test_a_small_share_needs_a_whole_percentage_point():
    history = runs(rare=[0.002] * 6)

    assert importance_alarms(history, {"rare": 0.011}) == []
    assert importance_alarms(history, {"rare": 0.013})[0].threshold == pytest.approx(0.01)


def test_a_change_needs_a_quarter_of_the_larger_share():
    history = runs(usage=[0.20] * 6)

    assert importance_alarms(history, {"usage": 0.26}) == []
    assert importance_alarms(history, {"usage": 0.28})[0].kind == "moved"


def test_a_noisy_past_is_forgiven():
    history = runs(usage=[0.10, 0.20, 0.15, 0.05, 0.25, 0.12])

    assert importance_alarms(history, {"usage": 0.3}) == []


def test_a_feature_that_became_nothing_is_dead():
    history = runs(visits=[0.006] * 6, rare=[0.004] * 6)

    (alarm,) = importance_alarms(history, {"visits": 0.0, "rare": 0.0})

    assert (alarm.feature, alarm.kind) == ("visits", "dead")


def test_a_feature_above_half_is_a_suspected_leak_from_its_first_run_on():
    (alarm,) = importance_alarms([], {"leak": 0.6, "usage": 0.4})

    assert (alarm.feature, alarm.kind, alarm.threshold) == ("leak", "suspected_leak", 0.5)


def test_a_short_past_tells_nothing():
    assert importance_alarms(STEADY[:4], {"usage": 0.01, "visits": 0.05}) == []


def test_only_the_last_ten_runs_count():
    history = runs(usage=[0.9 * 0.5] * 30 + [0.1] * 10)

    assert importance_alarms(history, {"usage": 0.1}) == []


def test_shares_are_of_the_difference_between_the_outer_classes():
    phi = np.zeros((50, 3, 4))
    phi[:, 2, 0], phi[:, 0, 0] = 2.0, -1.0
    phi[:, 2, 1] = -1.0
    phi[:, 1, 2] = 7.0

    shares = importance_shares(phi, ["usage", "visits", "age"])

    assert shares == pytest.approx({"usage": 0.75, "visits": 0.25, "age": 0.0})


def test_a_model_that_uses_nothing_has_no_shares():
    assert importance_shares(np.zeros((5, 3, 3)), ["a", "b"]) == {"a": 0, "b": 0}


def test_families_are_summed_and_sorted():
    shares = {"a": 0.2, "b": 0.5, "c": 0.3}

    sums = family_shares(shares, {"a": "web", "b": "usage", "c": "web"})

    assert list(sums) in (["web", "usage"], ["usage", "web"])
    assert sums == pytest.approx({"web": 0.5, "usage": 0.5})
