"""`org plan` and `org apply`: what the org lacks, and making exactly that."""

import typer

from daemon.cli.options import DEFAULT_CONFIG, ConfigPath, Json, print_json, print_lines
from daemon.clock import SystemClock
from daemon.config import Config, load
from daemon.exits import Exit
from daemon.org_setup import assignments, wanted_org
from daemon.salesforce import admin_of
from integrations.salesforce import org as orgs
from integrations.salesforce.client import SalesforceClient

group = typer.Typer(no_args_is_help=True, help="What the org needs: show it, then make it.")


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="org")


@group.command()
def plan(config: ConfigPath = DEFAULT_CONFIG, json: Json = False) -> None:
    """Show what `org apply` would change; changes nothing. Exit code 3 when there is something to do."""
    settings = load(config)
    planned = _plan(settings, _client(settings))
    if json:
        print_json(changes=[str(change) for change in planned.changes], warnings=list(planned.warnings))
    else:
        print_lines([str(planned)])
    if planned.changes:
        raise typer.Exit(Exit.CHANGES_PENDING)


@group.command()
def apply(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Make what `org plan` shows, check it first, and remove nothing."""
    settings = load(config)
    client = _client(settings)
    planned = _plan(settings, client)
    print_lines([str(planned)])
    if planned.changes:
        orgs.apply(client, planned)
        print_lines(["applied"])


def _client(settings: Config) -> SalesforceClient:
    return admin_of(settings, SystemClock())


def _plan(settings: Config, client: SalesforceClient) -> orgs.Plan:
    return orgs.plan(client, wanted_org(settings), assignments(settings))
