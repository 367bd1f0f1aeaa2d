"""How the state is opened, read and written: the same on both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, insert, select, text, update
from sqlalchemy.exc import ProgrammingError, StatementError

from daemon.errors import StateError, StateLost
from daemon.state.engine import SESSION, connect, read, write
from daemon.state.tables import feedback_events, runs, watermarks
from tests.conftest import NOW
from tests.postgresql import Server, end_sessions

ROW = {"source": "usage", "value": "1", "rows": 0, "updated_at": NOW}
COUNT = select(watermarks.c.rows)


@pytest.mark.parametrize("driver", ["postgresql+nothing", "postgresql+pg8000"])
def test_a_driver_that_is_not_installed_is_named(driver: str) -> None:
    with pytest.raises(StateError, match=r"driver that is not installed.*write postgresql\+psycopg"):
        connect(f"{driver}://maturityd@db/state")


def test_a_statement_that_fails_does_not_show_its_values(engine: Engine) -> None:
    """The error goes to logs and alerts as it stands, and a value may be what a rep wrote of a customer."""
    row = {"event_id": "1", "note": "their CTO leaves in May", "at": "not an instant"}

    with pytest.raises(StatementError) as caught, write(engine) as connection:
        connection.execute(insert(feedback_events).values(row))

    assert "CTO" not in str(caught.value)


def test_a_value_that_json_lacks_is_refused_before_it_is_kept(engine: Engine) -> None:
    row = {"id": 1, "slot": "s", "due_at": NOW, "state": "done", "report": {"share": float("nan")}}

    wrong = pytest.raises((StatementError, ValueError), match="not JSON compliant")

    with wrong, write(engine) as connection:
        connection.execute(insert(runs).values(row))


def test_what_is_read_in_a_block_is_one_state(engine: Engine) -> None:
    with write(engine) as connection:
        connection.execute(insert(watermarks).values(ROW))

    with read(engine) as connection:
        before = connection.scalar(COUNT)
        with write(engine) as writer:
            writer.execute(update(watermarks).values(rows=5))
        after = connection.scalar(COUNT)

    assert (before, after) == (0, 0)


def test_who_reads_and_then_writes_loses_nobodys_change(engine: Engine) -> None:
    """Writers take turns, whatever they have read before."""

    def count_up(times: int) -> None:
        for _ in range(times):
            with write(engine) as connection:
                found = connection.scalar(COUNT) or 0
                connection.execute(update(watermarks).values(rows=found + 1))

    with write(engine) as connection:
        connection.execute(insert(watermarks).values(ROW))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count_up, [10] * 4))

    with read(engine) as connection:
        assert connection.scalar(COUNT) == 40


@pytest.fixture
def served(postgresql: Server) -> str:
    """URL of a state on PostgreSQL."""
    return postgresql.new_state()


def test_a_connection_that_ends_in_a_write_leaves_nothing_of_it(served: str) -> None:
    engine = connect(served)

    def interrupted() -> None:
        with write(engine) as connection:
            connection.execute(insert(watermarks).values(ROW))
            end_sessions(served)

    with pytest.raises(StateLost, match="the state does not answer"):
        interrupted()

    with read(engine) as connection:
        assert connection.scalar(COUNT) is None
    engine.dispose()


def test_connections_that_ended_while_nobody_used_them_are_made_anew(served: str) -> None:
    engine = connect(served)
    with read(engine):
        pass

    ended = end_sessions(served)

    with write(engine) as connection:
        connection.execute(insert(watermarks).values(ROW))
    engine.dispose()
    assert ended == 1


def test_a_statement_that_is_wrong_is_not_taken_for_a_lost_connection(served: str) -> None:
    engine = connect(served)

    with pytest.raises(ProgrammingError), read(engine) as connection:
        connection.execute(text("SELECT * FROM nowhere"))
    engine.dispose()


def test_a_database_that_is_gone_is_told_with_the_way_out() -> None:
    engine = connect("postgresql+psycopg://nobody@/nothing?host=/nowhere")

    with pytest.raises(StateLost, match=r"See that the database is up, and \[state\] url"), read(engine):
        pass


def test_who_sleeps_in_a_transaction_is_put_out_of_it(served: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a suspended daemon would keep its successor from writing for ever."""
    monkeypatch.setitem(SESSION, "idle_in_transaction_session_timeout", "200ms")
    sleeper, successor = connect(served), connect(served)

    def sleep_while_another_writes() -> None:
        with write(sleeper) as connection:
            connection.execute(insert(watermarks).values(ROW))
            with write(successor) as other:
                other.execute(insert(watermarks).values(ROW | {"value": "2"}))

    with pytest.raises(StateLost):
        sleep_while_another_writes()

    with read(successor) as connection:
        assert connection.scalar(select(watermarks.c.value)) == "2"
    sleeper.dispose()
    successor.dispose()
