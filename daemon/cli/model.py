"""`model list`: every version, its held-out metrics, and what the gate said."""

import typer

from daemon.cli.options import DEFAULT_CONFIG, ConfigPath, Json, print_json, print_table
from daemon.compose import open_state
from daemon.config import load
from daemon.state import registry
from daemon.state.engine import read

group = typer.Typer(no_args_is_help=True, help="Model versions.")


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="model")


@group.command("list")
def list_(config: ConfigPath = DEFAULT_CONFIG, json: Json = False) -> None:
    """Model versions, newest first."""
    with read(open_state(load(config))) as connection:
        versions = registry.versions(connection)
    if json:
        print_json(versions=[vars(version) for version in versions])
        return
    rows = [
        (each.version, each.task, each.state, each.created_at, each.live_from, each.reason)
        for each in versions
    ]
    print_table("models", ("version", "task", "state", "trained", "live from", "the gate"), rows)
