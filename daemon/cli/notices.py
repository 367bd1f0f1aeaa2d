"""`notices`: of which anomalies customers are to be told, and what became of the tasks."""

import typer

from daemon.cli.options import DEFAULT_CONFIG, ConfigPath, Json, print_json, print_table
from daemon.compose import open_state
from daemon.config import load
from daemon.state import anomalies, outbox
from daemon.state.engine import read
from integrations.salesforce.schema import TASK


def register(app: typer.Typer) -> None:
    app.command("notices")(notices)


def notices(config: ConfigPath = DEFAULT_CONFIG, json: Json = False) -> None:
    """List customer notices, newest first: due, queued or lapsed; and the state of their tasks."""
    with read(open_state(load(config, features=False))) as connection:
        tasks = outbox.states(connection, TASK)
        found = [
            {
                **{name: row[name] for name in ("account_id", "kind", "day", "confirmed_at", "notice")},
                "task": tasks.get(row["notice_key"]),
            }
            for row in anomalies.with_notice(connection)
        ]
    if json:
        print_json(notices=found)
    else:
        heads = ("account", "kind", "first day", "confirmed", "notice", "task")
        print_table("notices", heads, [tuple(each.values()) for each in found])
