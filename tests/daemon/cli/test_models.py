"""`grid`, `select` and `model` on a state in which real models were trained."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from daemon.clock import SystemClock
from daemon.lease import lease
from daemon.state import operating_points, promotions, registry
from daemon.state.engine import read, write
from daemon.state.tables import grid_cells, model_versions
from tests.daemon.cli.conftest import Maturityd, Said
from tests.daemon.rated import FIRST_CYCLE, Rated

NEXT = FIRST_CYCLE + timedelta(hours=6)
GOAL = ("--maximize", "recall", "--class", "high", "--precision", "0.7")


@pytest.fixture
def maturityd(rated: Rated, maturityd: Maturityd, monkeypatch: pytest.MonkeyPatch) -> Maturityd:
    """The commands, on the rated company's folder."""
    monkeypatch.chdir(rated.folder)
    return maturityd


def champion(rated: Rated) -> registry.Version:
    with read(rated.engine) as connection:
        found = registry.champion(connection, "maturity")
    assert found is not None
    return found


# --- grid -------------------------------------------------------------------------------------------


@pytest.fixture
def grid(maturityd: Maturityd) -> Said:
    return maturityd("grid", "maturity", "--json")


def test_a_grid_keeps_each_cell_with_its_metrics_and_a_repeat_trains_nothing(
    grid: Said, maturityd: Maturityd, rated: Rated
) -> None:
    cells = grid.json["cells"]

    assert grid.json["computed"] == len(cells) == 4
    assert {cell["name"] for cell in cells} == {"depth 2", "depth automatic"}
    assert len({cell["cut"] for cell in cells}) == 2
    for cell in cells:
        named = {"accuracy", "macro_f1", "log_loss", "ece", "qwk", "precision", "recall"}
        assert named < set(cell["metrics"])
        assert len(cell["metrics"]["precision"]) == len(cell["metrics"]["recall"]) == 3
        assert cell["seconds"] > 0

    # Killed before its last cell was kept: only that one is trained again, and it comes out the same.
    with write(rated.engine) as connection:
        connection.execute(delete(grid_cells).where(grid_cells.c.key == cells[1]["key"]))
    again = maturityd("grid", "maturity", "--json").json
    repeat = maturityd("grid", "maturity", "--json").json
    metrics = {cell["key"]: cell["metrics"] for cell in cells}
    assert (again["computed"], repeat["computed"]) == (1, 0)
    assert {cell["key"]: cell["metrics"] for cell in again["cells"]} == metrics

    listed = maturityd("grid", "maturity", "--list", "--plot", "grid.svg")
    assert "depth 2" in listed.out
    assert (rated.folder / "grid.svg").read_text(encoding="utf-8").startswith("<?xml")

    selected = maturityd("select", "maturity", *GOAL, "--dry-run", "--json").json
    assert [each["name"] for each in selected["configurations"]] == ["depth automatic", "depth 2"]
    assert [each["in_use"] for each in selected["configurations"]] == [True, False]


def test_a_picture_of_an_unknown_kind_is_refused(maturityd: Maturityd) -> None:
    said = maturityd("grid", "maturity", "--list", "--plot", "grid.docx")

    assert said.code == 1
    assert ".png or .svg" in said.err


# --- select -----------------------------------------------------------------------------------------


def test_select_works_before_any_grid_and_keeps_what_it_promises(maturityd: Maturityd) -> None:
    said = maturityd("select", "maturity", *GOAL, "--json", "--plot", "curve.png").json

    assert said["found"]
    assert said["cut"]["precision_bound"] >= 0.7
    assert said["cut"]["precision"] >= said["cut"]["precision_bound"]
    assert said["configuration"]["in_use"]
    assert said["moves"]["rated"] == 150
    assert said["moves"]["count"] == len(said["moves"]["accounts"]) == sum(said["moves"]["by"].values())
    assert Path("curve.png").read_bytes().startswith(b"\x89PNG")


def test_a_dry_run_shows_and_changes_nothing(maturityd: Maturityd, rated: Rated) -> None:
    said = maturityd("select", "maturity", *GOAL, "--dry-run")

    assert said.code == 3
    assert "at least" in said.out
    assert "nothing was changed" in said.out
    with read(rated.engine) as connection:
        assert operating_points.log(connection, "maturity") == []


def test_what_is_selected_is_on_record_with_who_and_why(maturityd: Maturityd, rated: Rated) -> None:
    maturityd("select", "maturity", *GOAL, "--by", "Ada", "--reason", "sales asked")

    with read(rated.engine) as connection:
        (entry,) = operating_points.log(connection, "maturity")
    assert (entry.by, entry.reason) == ("Ada", "sales asked")
    assert entry.goal == {"maximize": "recall", "level": 2, "precision": 0.7, "recall": None}
    assert entry.parameters == {}
    assert "the most recall of high with a precision of at least 0.70 (Ada" in maturityd("model", "list").out


def test_clear_returns_to_the_level_cut(maturityd: Maturityd, rated: Rated) -> None:
    maturityd("select", "maturity", *GOAL)
    cleared = maturityd("select", "maturity", "--clear", "--reason", "enough")

    assert cleared.code == 0
    assert "the level cut (no goal is selected)" in maturityd("model", "list").out
    with read(rated.engine) as connection:
        assert operating_points.in_force(connection, "maturity", SystemClock().now()) is None


def test_a_promise_that_nothing_keeps_is_told_and_the_level_cut_serves(maturityd: Maturityd) -> None:
    said = maturityd("select", "maturity", "--maximize", "recall", "--class", "medium", "--precision", "0.99")

    assert said.code == 0
    assert "No cut for medium keeps that with 90 % confidence" in said.out
    assert "the level cut serves" in said.out
    assert "0 of 150 accounts" in said.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--maximize", "recall"), "--precision 0.8"),
        (("--maximize", "luck", "--precision", "0.8"), "recall, precision, f1"),
        (("--class", "huge", "--precision", "0.8"), "low, medium, high"),
        (("--precision", "80"), "between 0 and 1"),
    ],
)
def test_a_goal_that_makes_no_sense_is_a_usage_error_with_the_way_out(
    maturityd: Maturityd, arguments: tuple[str, ...], told: str
) -> None:
    said = maturityd("select", "maturity", *arguments)

    assert said.code == 2
    assert told in " ".join(said.err.split())


def test_select_loads_no_model_library(rated: Rated) -> None:
    """It answers at once."""
    program = (
        "import sys; from daemon.cli import main\n"
        f"sys.argv[1:] = ['select', 'maturity', *{GOAL!r}, '--json']\n"
        "try: main()\n"
        "finally: assert not {'catboost', 'torch', 'shap', 'matplotlib'} & set(sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=rated.folder, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr


# --- model ------------------------------------------------------------------------------------------


def second_version(rated: Rated) -> str:
    """Another champion, from other data: half of the labels are gone."""
    with write(rated.engine) as connection:
        connection.exec_driver_sql("DELETE FROM expert_ratings WHERE event_id LIKE 'A%7'")
    rated.cycle(NEXT, steps=("snapshot", "train"))
    with write(rated.engine) as connection:
        version = registry.versions(connection, "maturity")[0].version
        registry.promote(connection, version, "Published: it is better.", NEXT)
    return version


def test_rollback_puts_the_version_before_back_and_list_says_who_and_why(
    maturityd: Maturityd, rated: Rated
) -> None:
    first = champion(rated).version
    second = second_version(rated)

    said = maturityd("model", "rollback", "--by", "Ada", "--reason", "odd ratings in the north")
    rows = {row["version"]: row for row in maturityd("model", "list", "--json").json["versions"]}

    assert said.code == 0
    assert said.out.startswith(first)
    assert champion(rated).version == first
    told = ("state", "by", "why", "pinned")
    assert [rows[first][name] for name in told] == ["champion", "Ada", "odd ratings in the north", True]
    assert [rows[second][name] for name in told] == ["retired", "gate", "Published: it is better.", False]
    assert rows[second]["live_until"] is not None


def test_a_second_rollback_does_not_return_to_what_was_rolled_back_from(
    maturityd: Maturityd, rated: Rated
) -> None:
    first = champion(rated).version
    second_version(rated)
    maturityd("model", "rollback")

    again = maturityd("model", "rollback")

    assert again.code == 1
    assert "the first model that was ever in use" in again.err
    assert champion(rated).version == first


def test_a_version_that_was_put_back_stays_until_it_is_unpinned(maturityd: Maturityd, rated: Rated) -> None:
    """The same training again is as good, and would otherwise undo the rollback with the next cycle."""
    first = champion(rated).version
    second = second_version(rated)
    maturityd("model", "rollback")

    rated.cycle(NEXT + timedelta(hours=18), steps=("snapshot", "train", "gate"))
    pinned = champion(rated)
    with read(rated.engine) as connection:
        held_back = registry.versions(connection, "maturity")[0]
    assert pinned.version == first != second
    assert "put there by a person and stays until another is better beyond noise" in str(held_back.reason)

    assert maturityd("model", "unpin").code == 0
    rated.cycle(NEXT + timedelta(hours=24), steps=("snapshot", "train", "gate"))
    with read(rated.engine) as connection:
        judged = registry.versions(connection, "maturity")[0]
    assert "put there by a person" not in str(judged.reason)


@pytest.mark.parametrize(
    ("to", "told"), [("nonsense", 'no model version "nonsense"'), (None, "the first model that was ever")]
)
def test_a_rollback_to_nowhere_says_why(maturityd: Maturityd, to: str | None, told: str) -> None:
    said = maturityd("model", "rollback", *(["--to", to] if to else []))

    assert said.code == 1
    assert told in said.err


def test_what_the_gate_held_back_cannot_be_put_back(maturityd: Maturityd, rated: Rated) -> None:
    rated.cycle(NEXT, steps=("snapshot", "train"))
    with write(rated.engine) as connection:
        rejected = registry.versions(connection, "maturity")[0].version
        registry.reject(connection, rejected, "Held back: it is worse.")

    said = maturityd("model", "rollback", "--to", rejected)

    assert said.code == 1
    assert "was never in use (Held back: it is worse.)" in said.err


def test_while_a_cycle_runs_nothing_is_rolled_back(maturityd: Maturityd, rated: Rated) -> None:
    second_version(rated)

    with lease(rated.engine, SystemClock()) as held:
        said = maturityd("model", "rollback")

    assert held is not None
    assert said.code == 75
    assert "a cycle is running" in said.err


def test_a_version_is_reproduced_from_its_record_bit_by_bit(maturityd: Maturityd, rated: Rated) -> None:
    """Labels that came since, or went, change nothing: the training set is kept as it was."""
    version = champion(rated).version
    with write(rated.engine) as connection:
        connection.exec_driver_sql("DELETE FROM expert_ratings")

    said = maturityd("model", "reproduce", version, "--json")

    assert said.code == 0
    assert said.json["equal"]
    assert said.json["artifact"][0] == said.json["artifact"][1]
    assert said.json["predictions"][0] == said.json["predictions"][1]
    assert said.json["packages"] == {}


def test_a_version_that_comes_out_otherwise_is_told_with_what_differs(
    maturityd: Maturityd, rated: Rated
) -> None:
    found = champion(rated)
    assert found.record is not None
    record = {**found.record, "seed": 1, "packages": {**found.record["packages"], "catboost": "0.1"}}
    with write(rated.engine) as connection:
        connection.execute(update(model_versions).values(record=record))

    said = maturityd("model", "reproduce", found.version)

    assert said.code == 1
    assert "NOT the same" in said.out
    assert "catboost      0.1 then" in said.out


def test_a_training_set_is_kept_for_its_time_and_the_champions_for_ever(
    maturityd: Maturityd, rated: Rated
) -> None:
    from daemon.training_sets import prune

    old = champion(rated).version
    second_version(rated)
    lake = rated.config.path(rated.config.lake.path)
    removed = [prune(rated.engine, lake, NEXT + timedelta(days=days), 90) for days in (89, 91, 400)]

    rows = {row["version"]: row for row in maturityd("model", "list", "--json").json["versions"]}
    said = maturityd("model", "reproduce", old)
    assert removed == [0, 1, 0]
    assert rows[old]["reproducible_until"] is None
    assert rows[champion(rated).version]["reproducible_until"] == "it is replaced"
    assert said.code == 1
    assert "reproducible_days" in said.err


def test_the_log_of_promotions_names_each_change(rated: Rated) -> None:
    second = second_version(rated)

    with read(rated.engine) as connection:
        log = promotions.log(connection, "maturity")
    assert [each.by for each in log] == ["gate", "gate"]
    assert log[-1].version == second
