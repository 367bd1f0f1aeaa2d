"""`forecast`: totals, health and what was unusual, as the newest run kept them."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from daemon.compose import open_state
from daemon.config import load
from tests.conftest import NOW
from tests.daemon.cli.conftest import Maturityd
from tests.daemon.kept import ONE, SENTENCE, keep, row, unusual


@pytest.fixture
def state(folder: Path) -> Engine:
    return open_state(load(folder / "config.toml"))


@pytest.mark.parametrize("given", [ONE, ONE[:15]])
def test_the_newest_run_s_words_and_totals_are_printed(
    maturityd: Maturityd, state: Engine, given: str
) -> None:
    keep(state, NOW - timedelta(days=1), row(sentence="Long past."))
    keep(state, NOW, row(unusual("spike", ago=9, size=2.2)))

    said = maturityd("forecast", given)

    assert said.code == 0
    assert "from 2026-11-23 on, served by lstm" in said.out
    assert f"Health negative: {SENTENCE}" in said.out
    assert "30 days  2,100  1,800 to 2,400" in said.out
    assert "2026-11-14" in said.out
    assert "Long past" not in said.out


def test_json_has_every_day_and_null_where_none_was_measured(maturityd: Maturityd, state: Engine) -> None:
    kept = row()
    kept["series"]["actual"][7] = None
    keep(state, NOW, kept)

    said = maturityd("forecast", ONE, "--json").json

    assert said["totals"] == {
        "30": {"value": 2100.0, "low": 1800.0, "high": 2400.0},
        "60": {"value": 4200.0, "low": None, "high": None},
    }
    assert said["actual"][6:8] == [20.0, None]
    assert [len(said[name]) for name in ("actual", "median", "high95")] == [120, 90, 90]


def test_a_picture_is_drawn_beside_the_words(maturityd: Maturityd, state: Engine, folder: Path) -> None:
    keep(state, NOW, row())

    assert maturityd("forecast", ONE, "--plot", "one.png").code == 0
    assert maturityd("forecast", ONE, "--plot", "one.svg", "--dark", "--size", "ops").code == 0

    assert (folder / "one.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (folder / "one.svg").read_text(encoding="utf-8")


def test_a_picture_of_an_unknown_kind_is_refused(maturityd: Maturityd, state: Engine) -> None:
    keep(state, NOW, row())

    said = maturityd("forecast", ONE, "--plot", "one.gif")

    assert said.code == 1
    assert "name it .png or .svg" in said.err


def test_an_account_that_was_never_forecast_is_said_so(maturityd: Maturityd, state: Engine) -> None:
    said = maturityd("forecast", "Acme")

    assert said.code == 1
    assert "no run has forecast an account Acme" in said.err
