"""When networks are trained from scratch, trained on, or left as they are."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import torch

from daemon.config import Config, load
from daemon.context import Context
from daemon.slots import Slot
from daemon.state import registry, runs
from daemon.state.engine import read, write
from daemon.state.predictions import forecasts_of
from daemon.steps import forecast
from models.forecast import ForecastModel, fit
from tests.conftest import StillClock
from tests.daemon.lake.conftest import World, account, usage
from tests.daemon.lake.conftest import world as world  # the fixture

MORNING = datetime(2026, 3, 2, 5, 30, tzinfo=UTC)
DAYS = 130

CONFIG = """
[privacy]
address_key = "file:key"
[lake]
path = "lake"
[sources.crm]
kind = "crm_records"
[salesforce]
instance_url = "https://acme.example"
client_id = "sync"
client_secret = "file:secret"
[forecast]
seeds = 1
steps = 2
warm_steps = 1
finish_steps = 1
baseline_accounts = 0
"""

Forecasting = Callable[[datetime], tuple[int, registry.Version]]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    return load(tmp_path / "config.toml")


@pytest.fixture
def forecasting(world: World, config: Config, clock: StillClock) -> Forecasting:
    """Runs the step at an instant; says the run and the version it serves."""
    world.land("accounts", *(account(name, tenant=name) for name in "ABC"))
    land_usage(world, date(2026, 3, 1), DAYS)

    def run(at: datetime) -> tuple[int, registry.Version]:
        clock.instant = at
        slot = Slot(f"{at:%Y-%m-%dT%H:%M}", at)
        with write(world.engine) as connection:
            claimed = runs.claim(connection, slot, 1, at)
            runs.set_cut(connection, claimed.id, at)
        with read(world.engine) as connection:
            found = runs.find(connection, slot.name)
        assert found is not None
        forecast.run(Context(config, world.engine, clock, found, lambda *_: None))
        with read(world.engine) as connection:
            version = registry.champion(connection, "forecast")
        assert version is not None
        return found.id, version

    return run


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How each training began."""
    begun: list[str] = []

    def watched(
        panel: object, settings: object, seed: int, warm: ForecastModel | None, *rest: object
    ) -> object:
        begun.append("from scratch" if warm is None else "from the champion")
        return fit(panel, settings, seed, warm, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr("daemon.forecast_model.fit", watched)
    return begun


def test_networks_that_are_worse_do_not_take_over_and_the_reason_is_on_record(
    world: World, forecasting: Forecasting, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, before = forecasting(MORNING)
    world.land("usage_daily", usage("A", "2026-03-02", 120.0))

    def spoilt(*arguments: Any) -> ForecastModel:
        model = fit(*arguments)
        with torch.no_grad():
            for network in (*model.held, *model.finished):
                network.output.bias += 2
        return model

    monkeypatch.setattr("daemon.forecast_model.fit", spoilt)
    run, after = forecasting(MORNING + timedelta(days=1))

    with read(world.engine) as connection:
        ours = registry.of_run(connection, "forecast", run)
        served = {row["model_version"] for row in forecasts_of(connection, run).values()}
    assert after.version == before.version
    assert served == {before.version}
    assert ours is not None
    assert ours.state == "rejected"
    assert "Worse than the model in use" in str(ours.reason)


def test_networks_that_another_release_wrote_are_trained_anew(
    world: World, forecasting: Forecasting, trained: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    forecasting(MORNING)
    monkeypatch.setattr("models.forecast.network.model.FORMAT", 99)

    forecasting(MORNING + timedelta(hours=6))

    assert trained == ["from scratch", "from scratch"]


def land_usage(world: World, last: date, days: int) -> None:
    """So many days up to the last, for three tenants."""
    for back in range(days):
        day = last - timedelta(days=back)
        amount = 100.0 + 10 * day.weekday() + back % 5
        world.land("usage_daily", *(usage(name, day.isoformat(), amount) for name in "ABC"))


def test_no_news_changes_no_forecast(world: World, forecasting: Forecasting, trained: list[str]) -> None:
    """Else every cycle would move health and anomalies, and send them, without a reason."""
    first, before = forecasting(MORNING)
    second, after = forecasting(MORNING + timedelta(hours=6))

    with read(world.engine) as connection:
        shown = [forecasts_of(connection, run) for run in (first, second)]
    assert trained == ["from scratch"]
    assert after.artifact == before.artifact
    for name in ("health", "sentence", "total_30d", "anomalies", "series"):
        assert [row[name] for row in shown[0].values()] == [row[name] for row in shown[1].values()]


def test_news_train_on_from_the_champion_until_it_is_old(
    world: World,
    forecasting: Forecasting,
    trained: list[str],
) -> None:
    """Trained on twice a day it would stay young for ever, if its age were that of its last training."""
    for day in range(3):
        forecasting(MORNING + timedelta(days=day))
        world.land("usage_daily", usage("A", f"2026-03-0{day + 1}", 500.0 + day))
        forecasting(MORNING + timedelta(days=day, hours=6))

    assert trained == ["from scratch", "from the champion"] * 3


def test_what_a_picture_needs_is_kept(world: World, forecasting: Forecasting) -> None:
    world.land("accounts", account("A", "2026-02-02", tenant="A", country="DE"))
    run, _ = forecasting(MORNING)

    with read(world.engine) as connection:
        (kept, *_) = forecasts_of(connection, run).values()
    low, high = kept["series"]["totals80"]["30"]
    assert low <= kept["total_30d"] <= high
    assert "2026-04-03" in kept["series"]["holidays"]
