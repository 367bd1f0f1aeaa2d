"""Ratings before there is a model, and of accounts whose rating is not shown."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import RowMapping

from daemon.config import load
from daemon.context import Context
from daemon.hold_out import held_out
from daemon.slots import Slot
from daemon.state import runs
from daemon.state.engine import read, write
from daemon.state.predictions import predictions_of
from daemon.state.tables import pulls
from daemon.steps import score
from tests.conftest import NOW, StillClock
from tests.daemon.lake.conftest import World, account, usage
from tests.daemon.lake.conftest import world as world  # the fixture
from tests.daemon.steps.test_forecast import CONFIG

NAMES = [f"A{number:02}x" for number in range(33)]

Scored = Callable[[str], dict[str, RowMapping]]


@pytest.fixture
def scored(world: World, tmp_path: Path) -> Scored:
    """Runs the step under these [maturity] settings; gives the predictions. No model was ever trained."""
    world.land("accounts", *(account(name, tenant=name) for name in NAMES))
    days = [date(2026, 11, 22) - timedelta(days=back) for back in range(30)]
    rows = [
        usage(name, str(day), 10.0 * number, known_at=NOW)
        for number, name in enumerate(NAMES)
        for day in days
    ]
    world.land("usage_daily", *rows, now=NOW)

    def run(settings: str) -> dict[str, RowMapping]:
        (tmp_path / "config.toml").write_text(f"{CONFIG}[maturity]\n{settings}\n", encoding="utf-8")
        with write(world.engine) as connection:
            claimed = runs.claim(connection, Slot("2026-11-23T06:30", NOW), 1, NOW)
            runs.set_cut(connection, claimed.id, NOW)
            pulled = {"source": "crm", "state": "done", "rows": 0, "rejected": 0, "finished_at": NOW}
            connection.execute(pulls.insert().values(run_id=claimed.id, **pulled))
        with read(world.engine) as connection:
            found = runs.find(connection, "2026-11-23T06:30")
        assert found is not None
        config = load(tmp_path / "config.toml")
        score.run(Context(config, world.engine, StillClock(), found, lambda *_: None))
        with read(world.engine) as connection:
            return predictions_of(connection, found.id)

    return run


def test_without_a_model_ratings_are_unknown_unless_the_admin_wants_a_guess(scored: Scored) -> None:
    found = scored("")

    assert {row["rating"] for row in found.values()} == {"unknown"}


def test_a_first_guess_is_provisional_says_so_and_has_no_score(scored: Scored) -> None:
    found = scored('provisional = "standing"')

    most, least = (found[f"{name:0<18}"] for name in (NAMES[-1], NAMES[0]))
    assert (most["rating"], most["status"], most["score"]) == ("high", "provisional", None)
    assert "no model" in most["status_reason"]
    assert "highest third" in most["status_reason"]
    assert least["rating"] == "low"
    assert len(most["status_reason"]) <= 255


def test_a_first_guess_of_the_hold_out_stays_unseen(scored: Scored) -> None:
    found = scored('provisional = "standing"\nhold_out_share = 0.3')

    hidden = held_out(found, 0.3)
    assert {account for account, row in found.items() if row["status"] == "excluded"} == hidden
    assert {found[account]["rating"] for account in hidden} <= {"low", "medium", "high"}
