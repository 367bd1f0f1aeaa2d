"""New networks take over unless they are worse, beyond noise, on days that neither saw."""

from dataclasses import replace

import pytest
import torch

from models.forecast import ForecastModel, ForecastSettings, UsagePanel, fit
from models.forecast.judging.contest import contest
from tests.models.forecast.worlds import steady


@pytest.fixture
def spoilt(model: ForecastModel) -> ForecastModel:
    """The same networks, made to forecast far too much."""
    again = ForecastModel.from_artifact(model.to_artifact())
    with torch.no_grad():
        for network in (*again.held, *again.finished):
            network.output.bias += 0.8
    return again


def test_a_challenger_that_is_worse_does_not_take_over(
    world: UsagePanel, settings: ForecastSettings, model: ForecastModel, spoilt: ForecastModel
) -> None:
    found = contest(model, spoilt, world, settings, seed=1)

    assert not found.publish
    assert found.challenger is not None
    assert found.champion is not None
    assert found.challenger > found.champion
    assert "Worse than the model in use" in found.reason


def test_a_challenger_that_is_as_good_or_better_takes_over(
    world: UsagePanel, settings: ForecastSettings, model: ForecastModel, spoilt: ForecastModel
) -> None:
    assert contest(model, model, world, settings, seed=1).publish
    assert contest(spoilt, model, world, settings, seed=1).publish


def test_a_champion_that_saw_the_judging_days_cannot_hold_its_place(
    world: UsagePanel, settings: ForecastSettings, model: ForecastModel, spoilt: ForecastModel
) -> None:
    later = replace(model, held_from=world.until)

    assert contest(later, spoilt, world, settings, seed=1).publish


def test_without_networks_on_either_side_there_is_no_contest(
    world: UsagePanel, settings: ForecastSettings, model: ForecastModel
) -> None:
    none = fit(steady(accounts=5, days=30), settings, seed=1)

    assert contest(None, model, world, settings, seed=1).publish
    assert contest(none, model, world, settings, seed=1).publish
    assert contest(model, none, world, settings, seed=1).publish
