"""`grid forecast` and `select forecast` on a state in which a cycle forecast usage."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import delete, insert, select, update

from daemon.state import forecast_grid as grid
from daemon.state import operating_points, tables
from daemon.state.engine import read, write
from daemon.state.predictions import forecasts_of
from tests.daemon.cli.conftest import Maturityd
from tests.daemon.lake.conftest import World, usage
from tests.daemon.rated import FIRST_CYCLE, Rated

NEXT = FIRST_CYCLE + timedelta(hours=6)
GOAL = ("--decision", "anomaly", "--maximize", "recall", "--precision", "0.3")
SETTINGS = """
[forecast]
seeds = 1
steps = 4
warm_steps = 2
finish_steps = 2
baseline_accounts = 2

[forecast.grid]
cuts = 1
seeds = [1]
steps = [2]
"""


def spikes() -> Iterator[dict[str, Any]]:
    """One each, of rising height, of sixty accounts before the grid's cut and of forty before the cycle's."""
    for first, accounts in ((FIRST_CYCLE - timedelta(days=80), 60), (FIRST_CYCLE - timedelta(days=20), 40)):
        for number in range(accounts):
            day = (first + timedelta(days=number % 17)).date()
            known_at = datetime.combine(day + timedelta(days=1), time(2), UTC)
            height = 10.0 * 1.1**number
            yield usage(f"A{number:03}", f"{day}", height, technology="burst", known_at=known_at)


@pytest.fixture(scope="module")
def forecast_company(trained_company: Rated, tmp_path_factory: pytest.TempPathFactory) -> Rated:
    """The rated company after a cycle that forecast."""
    rated = trained_company.copy(tmp_path_factory.mktemp("forecast"))
    with (rated.folder / "config.toml").open("a", encoding="utf-8") as config:
        config.write(SETTINGS)
    rated.engine.dispose()
    forecast = Rated.at(rated.folder)
    World(forecast.engine, forecast.config.path(forecast.config.lake.path)).land(
        "usage_daily", *spikes(), now=FIRST_CYCLE
    )
    forecast.cycle(steps=("forecast",))
    return forecast


@pytest.fixture(scope="module")
def gridded_company(forecast_company: Rated, tmp_path_factory: pytest.TempPathFactory) -> Rated:
    """The same once its grid was computed."""
    rated = forecast_company.copy(tmp_path_factory.mktemp("gridded"))
    program = "from daemon.cli import main; main()"
    subprocess.run([sys.executable, "-c", program, "grid", "forecast"], cwd=rated.folder, check=True)
    return rated


@pytest.fixture
def rated(gridded_company: Rated, tmp_path: Path) -> Iterator[Rated]:
    """The company with its grid, in a folder of the test's own."""
    copied = gridded_company.copy(tmp_path / "gridded")
    yield copied
    copied.engine.dispose()


@pytest.fixture
def maturityd(rated: Rated, maturityd: Maturityd, monkeypatch: pytest.MonkeyPatch) -> Maturityd:
    """The commands, on that company's folder."""
    monkeypatch.chdir(rated.folder)
    return maturityd


@pytest.fixture
def earlier_cuts(rated: Rated) -> None:
    """As if the grid had found the same at two cuts before its own."""
    table = tables.forecast_cells
    with write(rated.engine) as connection:
        for cell in connection.execute(select(table)).mappings().all():
            for back in (1, 2):
                again = {"key": f"{cell['key'][:-1]}{back}", "cut": cell["cut"] - timedelta(days=30 * back)}
                connection.execute(insert(table).values({**cell, **again}))


@pytest.fixture
def cells(maturityd: Maturityd) -> list[dict]:
    return maturityd("grid", "forecast", "--list", "--json").json["cells"]


# --- grid -------------------------------------------------------------------------------------------


def test_each_cell_is_kept_with_its_scores_by_model_and_class(cells: list[dict]) -> None:
    assert [cell["name"] for cell in cells] == ["steps 4", "steps 2"]
    assert {cell["held_out_days"] for cell in cells} == {30}
    for cell in cells:
        assert {"served", "weekday_median", "seasonal_naive", "holt_winters", "prophet"} <= set(
            cell["scores"]
        )
        named = {"n_series", "mase", "smape", "wql", "coverage80", "coverage95", "bias", "seconds"}
        assert set(cell["scores"]["served"]["dense"]) == named
        assert set(cell["decided"]["falling"]["all"]) >= {"accuracy", "precision", "recall"}
        assert cell["seconds"] > 0


def test_a_grid_that_was_killed_goes_on_and_a_repeat_trains_nothing(
    maturityd: Maturityd, rated: Rated, cells: list[dict]
) -> None:
    """Killed before its last cell was kept: only that one is computed again, and it comes out the same."""
    with write(rated.engine) as connection:
        connection.execute(
            delete(tables.forecast_cells).where(tables.forecast_cells.c.key == cells[1]["key"])
        )

    again = maturityd("grid", "forecast", "--json").json
    repeat = maturityd("grid", "forecast", "--plot", "grid.svg")

    assert again["computed"] == 1
    assert "0 cell(s) trained, 2 were there" in repeat.out
    assert (rated.folder / "grid.svg").read_text(encoding="utf-8").startswith("<?xml")
    mase = {cell["key"]: cell["scores"]["served"]["all"]["mase"] for cell in cells}
    assert {cell["key"]: cell["scores"]["served"]["all"]["mase"] for cell in again["cells"]} == mase


def test_the_table_says_what_was_served_beside_what_it_must_beat(maturityd: Maturityd) -> None:
    said = maturityd("grid", "forecast", "--list").out

    assert "served, on held-out days (beside the MASE of the weekday median)" in said
    assert "by model and class of account, mean over cuts" in said
    assert said.count("seasonal_naive") == len(("all", "dense", "sample"))
    assert "decided, by what followed (P precision, R recall)" in said


# --- select -----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("earlier_cuts")
def test_a_selection_shows_what_is_promised_and_who_would_move_and_is_on_record(
    maturityd: Maturityd, rated: Rated
) -> None:
    said = maturityd("select", "forecast", *GOAL, "--by", "Ada", "--reason", "too quiet", "--json").json

    assert said["found"]
    assert said["kept"]
    assert said["cut"]["precision_bound"] >= 0.3
    assert (said["cuts"], said["warning"]) == (2, None)
    assert said["moves"]["forecast"] == 150
    assert said["moves"]["count"] == len(said["moves"]["accounts"]) == sum(said["moves"]["by"].values())
    assert [each["in_use"] for each in said["configurations"]] == [True, False]
    with read(rated.engine) as connection:
        (entry,) = operating_points.log(connection, "anomaly")
    assert (entry.by, entry.reason) == ("Ada", "too quiet")
    assert f"anomalies: from a score of {said['cut']['lower']:.2f} (Ada" in maturityd("model", "list").out
    assert entry.found is not None
    assert entry.found["cut"]["lower"] == said["cut"]["lower"]


def test_newest_decisions_that_speak_against_the_promise_are_a_warning_and_no_refusal(
    maturityd: Maturityd, rated: Rated, earlier_cuts: None
) -> None:
    """As if nothing of the newest cut had come true."""
    table = tables.forecast_cells
    with write(rated.engine) as connection:
        for cell in grid.cells(connection)[:2]:
            decided = grid.decisions_of(connection, [cell.key], "anomaly")[cell.key]
            none = replace(decided, came_true=np.zeros_like(decided.came_true)).to_bytes()
            connection.execute(update(table).where(table.c.key == cell.key).values(anomaly=none))

    said = maturityd("select", "forecast", *GOAL, "--json").json

    assert said["kept"]
    assert "the newest decisions speak against it" in said["warning"]
    assert said["warning"] in " ".join(maturityd("select", "forecast", *GOAL).out.split())


def test_one_cut_promises_nothing_and_more_are_asked_for(maturityd: Maturityd) -> None:
    said = " ".join(maturityd("select", "forecast", *GOAL).out.split())

    assert "Nothing can be promised of anomalies: a score would be chosen on 0 cuts" in said
    assert "nothing was changed" in said


@pytest.mark.usefixtures("earlier_cuts")
def test_the_next_cycle_says_of_whom_it_was_shown_that_it_would(maturityd: Maturityd, rated: Rated) -> None:
    moves = {
        move["account_id"]: move["after"]
        for move in maturityd("select", "forecast", *GOAL, "--json").json["moves"]["accounts"]
    }
    with write(rated.engine) as connection:  # as if it had been selected after the first cycle
        connection.execute(update(tables.operating_points).values(chosen_at=FIRST_CYCLE + timedelta(hours=1)))

    run = rated.cycle(NEXT, steps=("forecast",))

    with read(rated.engine) as connection:
        rows = forecasts_of(connection, run)
    said = {account: "anomaly" if rows[account]["anomalies"] else "none" for account in moves}
    assert moves
    assert said == moves


@pytest.mark.usefixtures("earlier_cuts")
def test_a_dry_run_shows_and_changes_nothing(maturityd: Maturityd, rated: Rated) -> None:
    said = maturityd("select", "forecast", *GOAL, "--dry-run", "--plot", "curve.png")

    assert said.code == 3
    assert "nothing was changed" in said.out
    assert Path("curve.png").read_bytes().startswith(b"\x89PNG")
    with read(rated.engine) as connection:
        assert operating_points.log(connection, "anomaly") == []


@pytest.mark.usefixtures("earlier_cuts")
def test_clear_returns_to_the_usual_rule_of_that_decision_alone(maturityd: Maturityd, rated: Rated) -> None:
    maturityd("select", "forecast", *GOAL)

    said = maturityd("select", "forecast", "--decision", "anomaly", "--clear", "--reason", "enough")

    assert said.out == "from the next cycle on anomalies are raised by their share of false alarms\n"
    with read(rated.engine) as connection:
        assert [each.goal is None for each in operating_points.log(connection, "anomaly")] == [False, True]
        assert operating_points.log(connection, "falling") == []


@pytest.mark.usefixtures("earlier_cuts")
def test_a_promise_that_no_score_keeps_changes_nothing(maturityd: Maturityd, rated: Rated) -> None:
    said = maturityd(
        "select", "forecast", "--decision", "falling", "--maximize", "recall", "--precision", "0.99"
    )

    assert said.code == 0
    assert "No score of falling usage keeps that with 90 % confidence" in said.out
    assert "nothing was changed" in said.out
    with read(rated.engine) as connection:
        assert operating_points.log(connection, "falling") == []


def test_before_any_grid_select_says_what_to_run(
    forecast_company: Rated, maturityd: Maturityd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(forecast_company.folder)

    said = maturityd("select", "forecast", *GOAL)

    assert said.code == 1
    assert "run: maturityd grid forecast" in said.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--decision", "luck", "--maximize", "f1"), "falling, anomaly"),
        (("--decision", "falling"), "--precision 0.8"),
        (("--decision", "falling", "--precision", "80"), "between 0 and 1"),
    ],
)
def test_a_goal_that_makes_no_sense_is_a_usage_error_with_the_way_out(
    maturityd: Maturityd, arguments: tuple[str, ...], told: str
) -> None:
    said = maturityd("select", "forecast", *arguments)

    assert said.code == 2
    assert told in " ".join(said.err.split())


def test_select_loads_no_model_library(rated: Rated) -> None:
    """It answers at once."""
    program = (
        "import sys; from daemon.cli import main\n"
        f"sys.argv[1:] = ['select', 'forecast', *{GOAL!r}, '--json']\n"
        "try: main()\n"
        "finally: assert not {'catboost', 'torch', 'pandas', 'matplotlib'} & set(sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=rated.folder, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
