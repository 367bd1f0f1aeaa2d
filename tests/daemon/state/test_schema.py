"""Migrations: from nothing, again, and against a state of the future."""

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, insert, select, text

from daemon.errors import StateError
from daemon.slots import Slot
from daemon.state import migrations, runs
from daemon.state.engine import read, write
from daemon.state.predictions import predictions_of, replace_predictions
from daemon.state.schema import migrate
from daemon.state.tables import feedback_events, metadata
from integrations.sources.values import LONGEST_TEXT
from tests.conftest import NOW


def test_the_migrations_make_exactly_the_tables_of_the_code(engine: Engine) -> None:
    with read(engine) as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)

    assert differences == []


def test_migrating_twice_changes_nothing(engine: Engine) -> None:
    migrate(engine)


def test_what_is_kept_survives_the_rebuilding_of_its_table(engine: Engine) -> None:
    """SQLite changes a column by copying the table."""
    said = {"event_id": "1", "account_id": "a", "value": "Won", "shown_rating": "High", "at": NOW}
    with write(engine) as connection:
        connection.execute(insert(feedback_events).values(**said, landed_at=NOW))
        history = Config(attributes={"connection": connection})
        history.set_main_option("script_location", str(Path(migrations.__file__).parent))
        command.downgrade(history, "0002")

    migrate(engine)

    with read(engine) as connection:
        (row,) = connection.execute(select(feedback_events)).mappings()
    assert {name: row[name] for name in said} == said


def test_the_longest_words_of_the_crm_are_kept(engine: Engine) -> None:
    """PostgreSQL refuses what is longer than its column."""
    words = "x" * LONGEST_TEXT
    feedback = {"event_id": "1", "account_id": "a", "value": words, "shown_rating": words, "at": NOW}
    rating = {"account_id": "a", "status": "scored", "status_reason": "", "data_as_of": NOW, "rating": "low"}

    with write(engine) as connection:
        connection.execute(insert(feedback_events).values(**feedback, landed_at=NOW))
        run = runs.claim(connection, Slot("2026-11-23T06:30", NOW), 1, NOW)
        replace_predictions(connection, run.id, [{**rating, "tier": words, "suggested_tier": words}])

    with read(engine) as connection:
        assert predictions_of(connection, run.id)["a"]["suggested_tier"] == words


def test_a_state_of_a_newer_program_is_refused(engine: Engine) -> None:
    with write(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(StateError, match="written by a newer maturityd"):
        migrate(engine)
