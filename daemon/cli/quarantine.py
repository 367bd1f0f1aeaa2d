"""`quarantine list`: rows that could not be read, and why."""

import typer
from sqlalchemy import select

from daemon.cli.options import DEFAULT_CONFIG, ConfigPath, Json, print_json, print_table
from daemon.compose import open_state
from daemon.config import load
from daemon.state.engine import read
from daemon.state.tables import quarantine

group = typer.Typer(no_args_is_help=True, help="Rows that could not be read.")

COLUMNS = ("source", "row", "reason", "times", "first_seen_at", "last_seen_at")


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="quarantine")


@group.command("list")
def list_(config: ConfigPath = DEFAULT_CONFIG, json: Json = False) -> None:
    """Every row in quarantine, newest first."""
    statement = (
        select(*(quarantine.c[name] for name in COLUMNS))
        .where(quarantine.c.resolved_at.is_(None))
        .order_by(quarantine.c.last_seen_at.desc())
    )
    with read(open_state(load(config))) as connection:
        rows = [dict(row) for row in connection.execute(statement).mappings()]
    if json:
        print_json(quarantine=rows)
    else:
        print_table("quarantine", COLUMNS, [tuple(row.values()) for row in rows])
