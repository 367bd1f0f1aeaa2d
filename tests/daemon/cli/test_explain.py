"""`explain`: what a rep reads, and every feature's points."""

from pathlib import Path

import pytest
from sqlalchemy import update

from daemon.compose import open_state
from daemon.config import load
from daemon.state.engine import write
from daemon.state.tables import predictions
from tests.conftest import NOW
from tests.daemon.cli.conftest import Maturityd
from tests.daemon.explained import ACCOUNTS, Past, figures, trained

FRAME = figures()
MODEL = trained(figures(seed=1))
ONE = ACCOUNTS[0]


@pytest.fixture
def scored(folder: Path) -> Past:
    """A state in which a run has explained every account."""
    config = load(folder / "config.toml")
    past = Past(open_state(config), config.path(config.lake.path))
    run = past.run(NOW)
    past.version("v1", MODEL, run, NOW)
    past.scored(run, NOW, FRAME, "v1", MODEL)
    return past


@pytest.mark.usefixtures("scored")
@pytest.mark.parametrize("given", [ONE, ONE[:15]])
def test_points_of_an_account_add_up_to_its_score(maturityd: Maturityd, given: str) -> None:
    said = maturityd("explain", given, "--json").json

    total = said["start"] + sum(each["points"] for each in said["features"])
    assert said["account_id"] == ONE
    assert total == pytest.approx(said["score"], abs=0.01)
    assert said["features"][0] == {
        "name": "webinars_90d",
        "label": "webinars attended in the last 90 days",
        "value": FRAME.webinars_90d.iloc[0],
        "unit": "webinars",
        "points": said["features"][0]["points"],
    }


@pytest.mark.usefixtures("scored")
def test_a_person_reads_the_rep_s_words_and_then_the_sum(maturityd: Maturityd) -> None:
    said = maturityd("explain", ONE)

    assert said.code == 0
    assert "Medium maturity.\n\nUpsell none: The Team tier already fits." in said.out
    assert said.out.rstrip().split("\n")[-1].startswith("start ")


@pytest.mark.usefixtures("scored")
def test_without_an_account_the_features_of_all_are_ranked(maturityd: Maturityd) -> None:
    said = maturityd("explain", "--json").json

    sizes = [each["mean_points"] for each in said["features"]]
    assert said["accounts"] == len(ACCOUNTS)
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 1


@pytest.mark.usefixtures("scored")
@pytest.mark.filterwarnings("ignore")  # shap's own
def test_a_plot_is_written_beside_the_words(maturityd: Maturityd, folder: Path) -> None:
    assert maturityd("explain", ONE, "--plot", "one.png").code == 0
    assert maturityd("explain", "--plot", "all.svg", "--json").json["accounts"] == len(ACCOUNTS)

    assert (folder / "one.png").read_bytes().startswith(b"\x89PNG")
    assert (folder / "all.svg").exists()


def test_an_account_without_a_rating_says_its_status(maturityd: Maturityd, scored: Past) -> None:
    with write(scored.engine) as connection:
        unrated = {"attributions": None, "rating": "unknown", "status_reason": "This customer is 3 days old."}
        connection.execute(update(predictions).where(predictions.c.account_id == ONE).values(unrated))

    assert "This customer is 3 days old." in maturityd("explain", ONE).out


@pytest.mark.usefixtures("scored")
@pytest.mark.parametrize("given", ["001999999999999AAA", "Acme", ""])
def test_an_account_that_nobody_scored_is_said_so(maturityd: Maturityd, given: str) -> None:
    said = maturityd("explain", given)

    assert said.code == 1
    assert "no run has scored an account" in said.err


def test_before_the_first_run_there_is_nothing_to_explain(maturityd: Maturityd) -> None:
    said = maturityd("explain")

    assert said.code == 1
    assert "nothing is explained yet" in said.err
