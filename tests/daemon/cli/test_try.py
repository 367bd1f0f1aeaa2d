"""`try maturity`: a file in, a table or JSON and a page out."""

from pathlib import Path

import pytest

from tests.daemon.cli.conftest import Maturityd
from tests.models.maturity.trial.tables import made_up, without_yardsticks

ORDERED = ("--label", "level", "--order", "low,medium,high", "--threads", "1")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    without_yardsticks(monkeypatch)


def a_table(folder: Path) -> str:
    (folder / "customers.csv").write_text(made_up(60).to_csv(index=False, sep=";"), encoding="utf-16")
    return "customers.csv"


def test_json_stands_alone_on_stdout_and_the_page_lies_beside_it(folder: Path, maturityd: Maturityd) -> None:
    said = maturityd("try", "maturity", a_table(folder), *ORDERED, "--json")

    assert said.code == 0
    assert said.json["classes"] == ["low", "medium", "high"]
    assert said.json["models"]["catboost"]["macro_f1"] > said.json["models"]["majority"]["macro_f1"]
    assert "customers.csv" in (folder / "customers-report.html").read_text(encoding="utf-8")


def test_people_get_a_table_what_it_goes_by_and_the_place_of_the_page(
    folder: Path, maturityd: Maturityd
) -> None:
    said = maturityd("try", "maturity", a_table(folder), *ORDERED, "--report", "page.html")

    assert said.code == 0
    assert "customers.csv, level: 60 rows, 5 folds" in said.out
    assert "goes by: " in said.out
    assert "skipped: xgboost: " in said.out
    assert said.out.endswith("report: page.html\n")


def test_a_wrong_column_is_a_line_on_stderr_and_leaves_nothing_behind(
    folder: Path, maturityd: Maturityd
) -> None:
    before = sorted(folder.iterdir())

    said = maturityd("try", "maturity", a_table(folder), "--label", "levels")

    assert said.code == 1
    assert said.err.startswith('maturityd: customers.csv has no column "levels"; did you mean "level"?')
    assert sorted(folder.iterdir()) == sorted([*before, folder / "customers.csv"])


def test_a_page_that_cannot_be_written_is_said_before_the_work(folder: Path, maturityd: Maturityd) -> None:
    said = maturityd("try", "maturity", a_table(folder), *ORDERED, "--report", "nowhere/page.html")

    assert said.code == 1
    assert "nowhere/page.html cannot be written" in said.err


def test_a_file_that_is_not_there_is_said_so(maturityd: Maturityd) -> None:
    said = maturityd("try", "maturity", "missing.csv", "--label", "level")

    assert (said.code, said.err) == (1, "maturityd: missing.csv cannot be read: No such file or directory\n")
