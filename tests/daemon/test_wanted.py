"""Whom experts should rate first, told with name and owner."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from daemon.config import Config, load
from daemon.slots import Slot
from daemon.state import runs
from daemon.state.engine import write
from daemon.state.predictions import replace_predictions
from daemon.state.tables import expert_ratings
from daemon.wanted import WantedAccount, wanted_accounts
from tests.conftest import NOW, StillClock
from tests.daemon.cli.conftest import Maturityd
from tests.daemon.cli.conftest import folder as folder  # fixtures
from tests.daemon.cli.conftest import maturityd as maturityd
from tests.daemon.lake.conftest import World, account, usage
from tests.daemon.lake.conftest import world as world
from tests.daemon.steps.test_forecast import CONFIG

NAMES = "ABCDE"


def id_of(name: str) -> str:
    return f"{name:0<18}"


@pytest.fixture
def run_id(world: World) -> int:
    """A run that pulled five accounts with a month of usage each, and one that nobody uses."""
    world.land("accounts", *(account(name, tenant=name, owner_id="005R") for name in NAMES), account("F"))
    days = [date(2026, 11, 22) - timedelta(days=back) for back in range(40)]
    for number, name in enumerate(NAMES):
        rows = [
            usage(name, str(day), 10.0 ** (number % 3) + day.day % (number + 2), known_at=NOW) for day in days
        ]
        world.land("usage_daily", *rows, now=NOW)
    with write(world.engine) as connection:
        run = runs.claim(connection, Slot("2026-11-23T06:30", NOW), 1, NOW)
        runs.set_cut(connection, run.id, NOW)
    return run.id


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    return load(tmp_path / "config.toml")


def rate(world: World, name: str) -> None:
    row = {"event_id": name, "account_id": id_of(name), "level": "Low", "at": NOW}
    with write(world.engine) as connection:
        connection.execute(insert(expert_ratings).values(**row, landed_at=NOW))


def wanted(world: World, config: Config) -> list[WantedAccount]:
    return wanted_accounts(config, world.engine, StillClock(), 10)


@pytest.mark.usefixtures("run_id")
def test_whom_no_expert_rated_and_who_has_data_is_wanted(world: World, config: Config) -> None:
    rate(world, "A")

    found = wanted(world, config)

    assert sorted(each.account_id for each in found) == [id_of(name) for name in "BCDE"]
    assert {each.owner_id for each in found} == {"005R"}
    assert {each.name for each in found} == set("BCDE")
    assert found[0].why == "unlike the accounts rated so far"


def test_with_a_model_who_is_least_sure_comes_first_with_what_it_says(
    world: World, config: Config, run_id: int
) -> None:
    rate(world, "A")
    said = {"status": "scored", "status_reason": "", "data_as_of": NOW, "rating": "low"}
    sure = {"p_low": 0.98, "p_medium": 0.01, "p_high": 0.01}
    unsure = {"p_low": 0.25, "p_medium": 0.35, "p_high": 0.4}
    with write(world.engine) as connection:
        rows = [{"account_id": id_of(name), **said, **(unsure if name == "C" else sure)} for name in NAMES]
        replace_predictions(connection, run_id, rows)

    first = wanted(world, config)[0]

    assert first.account_id == id_of("C")
    assert first.why.startswith("the model cannot decide (40% high, 35% medium, 25% low)")


def test_before_the_first_pull_the_way_to_it_is_told(maturityd: Maturityd) -> None:
    said = maturityd("labels", "wanted")

    assert said.code == 1
    assert "run `maturityd cycle` first" in said.err
