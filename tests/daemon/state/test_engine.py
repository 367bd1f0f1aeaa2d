"""How the state is opened."""

import pytest
from sqlalchemy import Engine, insert
from sqlalchemy.exc import StatementError

from daemon.state.engine import write
from daemon.state.tables import feedback_events


def test_a_statement_that_fails_does_not_show_its_values(engine: Engine) -> None:
    """The error goes to logs and alerts as it stands, and a value may be what a rep wrote of a customer."""
    row = {"event_id": "1", "note": "their CTO leaves in May", "at": "not an instant"}

    with pytest.raises(StatementError) as caught, write(engine) as connection:
        connection.execute(insert(feedback_events).values(row))

    assert "CTO" not in str(caught.value)
