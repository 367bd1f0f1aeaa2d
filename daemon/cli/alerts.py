"""`alerts list` and `alerts test`: what is open, and whether the channels work."""

import typer

from daemon.alerts.book import open_alerts
from daemon.alerts.channels import receivers
from daemon.cli.options import DEFAULT_CONFIG, ConfigPath, Json, print_json, print_lines, print_table
from daemon.clock import SystemClock
from daemon.compose import open_state
from daemon.config import load
from daemon.state.engine import read
from integrations.interfaces import AlertMessage

group = typer.Typer(no_args_is_help=True, help="Alerts.")

COLUMNS = ("severity", "title", "what", "cause", "held_back", "to_do", "times", "since")


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="alerts")


@group.command("list")
def list_(config: ConfigPath = DEFAULT_CONFIG, json: Json = False) -> None:
    """Open alerts, oldest first."""
    with read(open_state(load(config))) as connection:
        rows = [{name: row[name] for name in COLUMNS} for row in open_alerts(connection)]
    if json:
        print_json(alerts=rows)
    else:
        print_table("open alerts", COLUMNS, [tuple(row.values()) for row in rows])


@group.command("test")
def try_channels(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Send a test alert through every channel."""
    found = receivers(load(config))
    message = AlertMessage(
        fingerprint="test",
        status="open",
        severity="info",
        title="Test alert of maturityd",
        what="nothing is wrong: somebody ran `maturityd alerts test`",
        cause="a person wants to know whether this channel works",
        held_back="nothing",
        to_do="nothing",
        since=SystemClock().now(),
    )
    for receiver in found:
        receiver.open().send(message)
        print_lines([f"{receiver.name}: sent"])
    if not found:
        print_lines(["no channel is configured; add one as [alerts.<name>] to config.toml"])
