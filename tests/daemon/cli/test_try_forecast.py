"""`try forecast`: a file in, a table or JSON and a picture out."""

from pathlib import Path

import pytest

from models.forecast import ForecastSettings
from tests.daemon.cli.conftest import Maturityd
from tests.models.forecast.trial.tables import made_up

SHORT = ("--horizon", "28")
"""On 100 days too little is left for a network, which is what takes seconds."""


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    few = ForecastSettings(seeds=1, steps=4, finish_steps=2, batch=16)
    monkeypatch.setattr("models.forecast.ForecastSettings", lambda: few)


def a_table(folder: Path, days: int = 100, accounts: int = 2) -> str:
    made_up(accounts, days).to_csv(folder / "usage-by-day.csv", index=False, sep=";")
    return "usage-by-day.csv"


def test_json_is_the_contract_alone_on_stdout_and_the_plot_lies_beside_it(
    folder: Path, maturityd: Maturityd
) -> None:
    said = maturityd(
        "try", "forecast", a_table(folder, days=126), "--horizon", "14", "--country", "gb", "--json"
    )

    assert said.code == 0
    assert list(said.json) == ["schema_version", "task", "horizon", "n_series", "seed", "models", "skipped"]
    assert (said.json["schema_version"], said.json["task"]) == (1, "forecast")
    assert (said.json["horizon"], said.json["n_series"], said.json["seed"]) == (14, 2, 0)
    assert list(said.json["models"]) == [
        "served", "lstm", "weekday_median", "seasonal_naive", "holt_winters", "prophet",
    ]  # fmt: skip
    for figures in said.json["models"].values():
        assert list(figures) == ["mase", "smape", "coverage80", "seconds"]
    assert said.json["skipped"] == {}
    assert (folder / "usage-by-day-forecast.png").read_bytes().startswith(b"\x89PNG")


def test_people_get_a_table_a_verdict_and_the_place_of_the_plot(folder: Path, maturityd: Maturityd) -> None:
    said = maturityd("try", "forecast", a_table(folder), *SHORT, "--plot", "some.svg")

    assert said.code == 0
    assert "usage-by-day.csv: 2 series, 28 days" in said.out
    assert "Served: MASE " in said.out
    assert "held out: 2024-03-13 to 2024-04-09, 28 days; 72 days before them" in said.out
    assert "read: account account, day day, value events" in said.out
    assert "skipped: lstm: it takes 112 days" in said.out
    assert said.out.endswith("plot: some.svg\n")
    assert (folder / "some.svg").is_file()


def test_with_json_who_is_left_out_is_told_on_stderr(folder: Path, maturityd: Maturityd) -> None:
    frame = made_up(2, 100)
    frame[(frame["account"] == "a") | (frame["day"] < "2024-03-20")].to_csv(folder / "u.csv", index=False)

    said = maturityd("try", "forecast", "u.csv", "--horizon", "14", "--json")

    assert said.json["n_series"] == 1
    assert "left out: b: it ends on 2024-03-19" in said.err


def test_a_single_series_of_any_make_works(folder: Path, maturityd: Maturityd) -> None:
    frame = made_up(1, 100)
    lines = [
        f"{day[8:]}/{day[5:7]}/{day[:4]}\t{n},5" for day, n in zip(frame["day"], frame["events"], strict=True)
    ]
    (folder / "flights.csv").write_text("\n".join(["Date\tNumber of flights", *lines]), encoding="utf-8-sig")

    said = maturityd("try", "forecast", "flights.csv", *SHORT)

    assert said.code == 0
    assert "read: one series, day Date, value Number of flights" in said.out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--account", "acount"), 'usage-by-day.csv has no column "acount"; did you mean "account"?'),
        (("--value", "account"), 'usage-by-day.csv, line 2: "a" in "account" is no number'),
        (
            ("--date", "events"),
            'usage-by-day.csv: the column "events" holds no days; name another with --date',
        ),
        (("--date", "account"), 'usage-by-day.csv, line 2: "a" is no day'),
        (("--horizon", "90"), "take --horizon 44 or less"),
        (("--country", "Germny"), "--country Germny: no holidays are known of it; did you mean DE (Germany)"),
        (("--plot", "nowhere/plot.png"), "there is no folder nowhere"),
        (("--plot", "plot.pdf"), "name it .png or .svg"),
    ],
)
def test_what_cannot_be_is_a_line_on_stderr_before_any_work(
    folder: Path, maturityd: Maturityd, options: tuple[str, ...], said: str
) -> None:
    found = maturityd("try", "forecast", a_table(folder), *options)

    assert (found.code, found.out) == (1, "")
    assert found.err.startswith("maturityd: ")
    assert found.err.count("\n") == 1
    assert said in found.err
    assert not list(folder.glob("*.png"))


def test_neither_config_nor_state_is_asked_for(folder: Path, maturityd: Maturityd) -> None:
    (folder / "config.toml").unlink()

    assert maturityd("try", "forecast", a_table(folder), *SHORT).code == 0
    assert not list(folder.glob("*.db*"))
