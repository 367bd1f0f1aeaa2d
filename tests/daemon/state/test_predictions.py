"""Predictions of ten thousand accounts: what is asked for is looked up, and written piece by piece."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from daemon.slots import Slot
from daemon.state import profiles, runs
from daemon.state.engine import read, write
from daemon.state.predictions import (
    amend_predictions,
    forecasts_of,
    health_of,
    last_planned,
    predictions_of,
    reasons_of,
    replace_forecasts,
    replace_predictions,
)
from daemon.state.upsert import ROWS_A_STATEMENT
from tests.conftest import NOW

SEVERAL = 2 * ROWS_A_STATEMENT + 1


def run(connection: Connection, number: int, rows: list[dict[str, Any]]) -> int:
    """A planned run with these predictions."""
    claimed = runs.claim(connection, Slot(f"slot {number}", NOW), 1, NOW)
    replace_predictions(connection, claimed.id, rows)
    runs.start_step(connection, claimed.id, "plan", NOW)
    runs.end_step(connection, claimed.id, "plan", NOW, {"state": "done"})
    return claimed.id


def prediction(account: str, **more: Any) -> dict[str, Any]:
    row = {"status": "scored", "status_reason": "", "data_as_of": NOW, "rating": "high"}
    return {"account_id": account, **row, **more}


def forecast(account: str) -> dict[str, Any]:
    said = {"served_by": "lstm", "start": NOW.date(), "health": "stable", "sentence": ""}
    return {"account_id": account, **said, "anomalies": [], "series": {}}


@contextmanager
def statements(engine: Engine) -> Iterator[list[tuple[str, int]]]:
    """What is sent to the database meanwhile, each with how many rows."""
    seen: list[tuple[str, int]] = []

    def note(_c: Any, _u: Any, statement: str, parameters: Any, _x: Any, many: bool) -> None:
        seen.append((statement, len(parameters) if many else 1))

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_a_run_that_was_held_is_not_the_last_planned(engine: Engine) -> None:
    with write(engine) as connection:
        shown = run(connection, 1, [prediction("a")])
        held = run(connection, 2, [prediction("a", status="held")])
        profiles.keep(connection, held, profiles.HELD, {"since": NOW.isoformat()})

    with read(engine) as connection:
        assert last_planned(connection) == shown


@pytest.mark.parametrize("state_url", ["sqlite"], indirect=True)
def test_the_last_planned_run_is_found_without_a_walk_through_predictions(engine: Engine) -> None:
    """They are half a gigabyte after a month."""
    with statements(engine) as seen, read(engine) as connection:
        last_planned(connection, before=9)
    with read(engine) as connection:
        told = connection.connection.driver_connection.execute(f"EXPLAIN QUERY PLAN {seen[-1][0]}", EXAMPLE)
        plan = [row[-1] for row in told]

    assert not [line for line in plan if "predictions" in line or line.startswith("SCAN")]


EXAMPLE = ("plan", "done", "held", 9, 1, 0)


def test_reasons_are_those_of_the_run_that_each_account_stands_at(engine: Engine) -> None:
    with write(engine) as connection:
        first = run(connection, 1, [prediction(name, reasons=[{"n": 1}]) for name in ("a", "b", "c")])
        second = run(connection, 2, [prediction(name, reasons=[{"n": 2}]) for name in ("a", "b")])

    with statements(engine) as seen, read(engine) as connection:
        found = reasons_of(connection, {"a": first, "b": second, "new": second, "gone": 99})

    assert {account: (row["status"], row["reasons"]) for account, row in found.items()} == {
        "a": ("scored", [{"n": 1}]),
        "b": ("scored", [{"n": 2}]),
    }
    assert not [
        statement for statement, _ in seen if "reasons_rich" in statement or "attributions" in statement
    ]


def test_many_rows_are_written_piece_by_piece(engine: Engine) -> None:
    """PostgreSQL ends a session that says nothing for long in a transaction, while rows are made ready."""
    names = [f"a{number}" for number in range(SEVERAL)]
    with write(engine) as connection:
        number = run(connection, 1, [])

    with statements(engine) as seen, write(engine) as connection:
        replace_predictions(connection, number, [prediction(name) for name in names])
        amend_predictions(connection, number, [{"account_id": name, "upsell": "low"} for name in names])
        replace_forecasts(connection, number, (forecast(name) for name in names))

    pieces = [rows for statement, rows in seen if statement.split()[0] in ("INSERT", "UPDATE")]
    assert sum(pieces) == 3 * SEVERAL
    assert max(pieces) <= ROWS_A_STATEMENT
    with read(engine) as connection:
        assert {row["upsell"] for row in predictions_of(connection, number).values()} == {"low"}
        assert len(forecasts_of(connection, number)) == SEVERAL


def test_rows_are_made_when_those_before_them_are_written(engine: Engine) -> None:
    """The days of all accounts' forecasts at once would take gigabytes."""
    written: list[int] = []

    def made() -> Iterator[dict[str, Any]]:
        for number in range(SEVERAL):
            written.append(sum(statement.startswith("INSERT INTO forecasts") for statement, _ in seen))
            yield forecast(f"a{number}")

    with statements(engine) as seen, write(engine) as connection:
        replace_forecasts(connection, run(connection, 1, []), made())

    assert written[::ROWS_A_STATEMENT] == [0, 1, 2]


def test_health_is_read_without_the_days_of_the_forecast(engine: Engine) -> None:
    with write(engine) as connection:
        number = run(connection, 1, [])
        replace_forecasts(connection, number, [forecast("b"), forecast("a") | {"health": "negative"}])

    with statements(engine) as seen, read(engine) as connection:
        found = health_of(connection, number)

    assert list(found.items()) == [("a", "negative"), ("b", "stable")]
    assert not [statement for statement, _ in seen if "series" in statement]
