"""Which cells of the grid a score is chosen from."""

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import Engine

from daemon.errors import VersionError
from daemon.forecast_selection import find
from daemon.state import forecast_grid as grid
from daemon.state.engine import read, write
from daemon.this_release import this_release
from models.decisions import ANOMALY, DECISIONS, Decided
from models.goals import Choice, Goal
from tests.conftest import NOW

IN_USE = {"steps": 300}
A_CUT = 40


def keep(engine: Engine, days_ago: int, release: str | None) -> None:
    """A cell at a cut, whose higher half of scores came true."""
    cell = grid.Cell(
        key=f"{days_ago} {release}",
        cut=NOW - timedelta(days=days_ago),
        held_out_days=30,
        training_digest="",
        parameters=IN_USE,
        scores={},
        decided={},
        seconds=1.0,
        finished_at=NOW,
        release=release,
    )
    scores = np.linspace(2, 4, A_CUT)
    decided = Decided.of([("001", NOW.date(), "spike", each, False, int(each > 3)) for each in scores])
    with write(engine) as connection:
        grid.keep(connection, cell, b"", dict.fromkeys(DECISIONS, decided))


def chosen(engine: Engine) -> Choice:
    with read(engine) as connection:
        return find(connection, ANOMALY, Goal("recall", precision=0.5), IN_USE).choice


def test_cells_of_another_release_are_not_chosen_from(engine: Engine) -> None:
    """The same score may mean something else there."""
    for days_ago in (40, 70):
        keep(engine, days_ago, "the one before")
    keep(engine, 100, None)
    with pytest.raises(VersionError, match="run: maturityd grid forecast"):
        chosen(engine)

    for days_ago in (40, 70, 130):
        keep(engine, days_ago, this_release())

    assert chosen(engine).clusters == 2
    assert chosen(engine).usual.labels == 3 * A_CUT


def test_of_cuts_that_judge_the_same_days_the_newest_counts(engine: Engine) -> None:
    """As there are some after [forecast.grid] every_days was changed."""
    for days_ago in (40, 44, 68, 90, 100):
        keep(engine, days_ago, this_release())

    assert chosen(engine).clusters == 2
    assert chosen(engine).usual.labels == 3 * A_CUT
