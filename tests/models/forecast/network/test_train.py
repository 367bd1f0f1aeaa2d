"""Fitting is reproducible, leaks nothing, beats no clock, and survives storage."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from models.artifact import Artifact
from models.errors import ArtifactError
from models.forecast import ForecastModel, ForecastSettings, UsagePanel, fit
from models.forecast.baselines import weekday_median
from models.forecast.judging.metrics import mean_error
from models.forecast.network import compute, predict, train
from models.forecast.network.batches import Batches
from models.forecast.network.compute import computing
from models.forecast.network.model import META, WEIGHTS
from models.forecast.network.optimiser import OneCycleAdamW
from models.forecast.network.predict import lstm
from models.forecast.network.prior import networks as prior
from models.forecast.network.train import held_days, worth
from tests.models.forecast.worlds import of, steady


def weights(model: ForecastModel) -> dict[str, bytes]:
    return dict(model.to_artifact().files)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(
    world: UsagePanel, settings: ForecastSettings, model: ForecastModel
) -> None:
    torch.manual_seed(99)

    assert weights(fit(world, settings, seed=1)) == weights(model)
    assert weights(fit(world, settings, seed=2)) != weights(model)


def test_fitting_leaves_the_callers_random_state_alone(world: UsagePanel, settings: ForecastSettings) -> None:
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)

    fit(world, replace(settings, steps=2, finish_steps=1), seed=1)

    assert torch.rand(1) == expected


def test_held_back_days_do_not_reach_the_held_back_networks(
    world: UsagePanel, settings: ForecastSettings, model: ForecastModel
) -> None:
    """Changed so little that the choice of the step, which may look at the held-back window, is the same."""
    few = replace(settings, steps=1)
    changed = world.values.copy()
    changed[:, -held_days(world.days) :] += 1

    first, second = fit(world, few, seed=1), fit(of(changed), few, seed=1)

    for left, right in zip(first.held[0].parameters(), second.held[0].parameters(), strict=True):
        assert torch.equal(left, right)
    assert not all(
        torch.equal(left, right)
        for left, right in zip(first.finished[0].parameters(), second.finished[0].parameters(), strict=True)
    )


def test_a_weekday_pattern_is_forecast_as_well_as_by_the_weekday_median(settings: ForecastSettings) -> None:
    world = steady(accounts=60, days=300, seed=3)
    past, actual = world.before(250), world.values[:, 250:]
    model = fit(past, replace(settings, steps=60), seed=0)

    learnt = lstm(model.finished, model.yearly, past, settings).first(50)
    median = weekday_median(past, 50)

    ratio = mean_error(learnt.median, actual).mean() / mean_error(median.median, actual).mean()
    assert ratio <= 1.02


def test_a_count_is_forecast_as_none_rather_than_as_a_tenth(settings: ForecastSettings) -> None:
    """The median of a count is none or one; a small figure on each silent day is never right."""
    rare = of(np.random.default_rng(0).poisson(0.3, (40, 200)))

    found = lstm(fit(rare, settings, seed=1).finished, False, rare, settings)

    median = found.median[found.serves]
    assert len(median)
    assert ((median == 0) | (median >= 0.5)).all()


def test_a_stored_model_is_read_back_bit_by_bit(
    model: ForecastModel, world: UsagePanel, settings: ForecastSettings
) -> None:
    artifact = model.to_artifact()
    again = ForecastModel.from_artifact(Artifact.from_bytes(artifact.to_bytes(), artifact.digest))

    assert again.to_artifact().digest == artifact.digest
    np.testing.assert_array_equal(
        lstm(again.finished, again.yearly, world, settings).median,
        lstm(model.finished, model.yearly, world, settings).median,
    )


def test_another_models_files_are_refused(model: ForecastModel) -> None:
    files = weights(model)

    with pytest.raises(ArtifactError, match="format"):
        ForecastModel.from_artifact(Artifact(files | {META: b'{"format":99}'}))
    with pytest.raises(ArtifactError, match="weights"):
        ForecastModel.from_artifact(Artifact(files | {WEIGHTS: b"no tensors"}))


def test_a_warm_start_takes_fewer_steps_and_goes_on_from_the_champion(
    world: UsagePanel, settings: ForecastSettings, model: ForecastModel
) -> None:
    done: list[tuple[int, int]] = []

    warm = fit(world, settings, seed=1, warm=model, progress=lambda *step: done.append(step))

    assert done[-1] == (16, 16)
    distance = [
        float((left - right).detach().abs().max())
        for left, right in zip(warm.held[0].parameters(), model.held[0].parameters(), strict=True)
    ]
    assert 0 < max(distance) < 0.05


def test_a_champion_that_saw_the_held_back_days_is_no_warm_start(
    world: UsagePanel, settings: ForecastSettings, model: ForecastModel
) -> None:
    later = replace(model, held_from=world.until)

    assert weights(fit(world, settings, seed=1, warm=later)) == weights(model)


@pytest.mark.parametrize("days", [0, 30, 100])
def test_too_short_a_history_gives_a_model_without_networks(days: int, settings: ForecastSettings) -> None:
    model = fit(steady(accounts=5, days=days), settings, seed=1)

    assert model.held == model.finished == ()
    assert ForecastModel.from_artifact(model.to_artifact()).held == ()


def test_a_fleet_without_any_usage_gives_a_model_without_networks(settings: ForecastSettings) -> None:
    assert fit(of(np.zeros((5, 300))), settings, seed=1).held == ()


def test_small_panels_are_worth_fewer_and_smaller_steps() -> None:
    assert worth(steady(accounts=15, days=300)) < 0.3
    assert worth(steady(accounts=200, days=300)) == 1


def test_torchs_threads_are_put_back() -> None:
    before = torch.get_num_threads()

    with computing(before + 1):
        assert torch.get_num_threads() == before + 1

    assert torch.get_num_threads() == before


def test_a_training_step_stays_on_the_device_that_computes(
    world: UsagePanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """torch's meta device computes nothing, and refuses tensors that lie elsewhere as a GPU does."""
    elsewhere = torch.device("meta")
    monkeypatch.setattr(compute, "device", lambda: elsewhere)
    network = copy.deepcopy(prior()[0]).to(elsewhere)
    batch = Batches(world, yearly=True, horizon=90, size=8).draw(np.random.default_rng(0))

    OneCycleAdamW(network.parameters(), rate=1e-3, steps=3).step(batch.loss(network))

    assert batch.loss(network).device == elsewhere
    assert {parameter.device for parameter in network.parameters()} == {elsewhere}


@pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no GPU")
def test_a_gpu_forecasts_and_learns_what_the_cpu_does(
    world: UsagePanel, settings: ForecastSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    medians = {}
    for name in ("cuda", "cpu"):
        chosen = torch.device(name)
        for module in (compute, predict, train):
            monkeypatch.setattr(module, "device", lambda chosen=chosen: chosen)
        trained = fit(world, settings, seed=1)
        medians[name] = lstm(trained.finished, trained.yearly, world, settings).median
        medians[f"{name}, the same networks"] = lstm(prior(), False, world, settings).median

    np.testing.assert_allclose(
        medians["cuda, the same networks"], medians["cpu, the same networks"], rtol=1e-3, atol=1e-2
    )
    np.testing.assert_allclose(medians["cuda"], medians["cpu"], rtol=0.05, atol=0.5)
