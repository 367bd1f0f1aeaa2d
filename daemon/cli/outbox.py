"""`outbox list` and `outbox retry`: what waits for Salesforce, and what it refused."""

import typer

from daemon.cli.options import DEFAULT_CONFIG, ConfigPath, Json, print_json, print_lines, print_table
from daemon.clock import SystemClock
from daemon.compose import open_state
from daemon.config import load
from daemon.state import outbox
from daemon.state.engine import read, write

group = typer.Typer(no_args_is_help=True, help="Changes on their way to Salesforce.")


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="outbox")


@group.command("list")
def list_(config: ConfigPath = DEFAULT_CONFIG, json: Json = False) -> None:
    """How many changes are in each state, and the parked ones with Salesforce's reason."""
    with read(open_state(load(config))) as connection:
        states = outbox.count_by_state(connection)
        parked = [
            {
                name: row[name]
                for name in ("object", "record", "gen", "code", "reason", "attempts", "next_try_at")
            }
            for row in outbox.parked(connection)
        ]
    if json:
        print_json(states=states, parked=parked)
        return
    print_lines([f"{state:<11}{count:>8,}" for state, count in sorted(states.items())])
    print_table(
        "parked",
        ("record", "code", "Salesforce says", "tried", "next try"),
        [
            (
                f"{row['object']} {row['record']}",
                row["code"],
                row["reason"],
                row["attempts"],
                row["next_try_at"],
            )
            for row in parked
        ],
    )


@group.command()
def retry(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Let every parked change be tried at the next push."""
    with write(open_state(load(config))) as connection:
        count = outbox.retry_parked(connection, SystemClock().now())
    print_lines([f"{count} parked change(s) will be tried at the next push"])
