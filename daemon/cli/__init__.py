"""The command line: one file per group of commands; a command parses, calls one function, prints."""

import sys

import typer

from daemon import logs
from daemon.errors import ConfigError, DaemonError, LeaseLost, StateLost
from daemon.exits import Exit
from integrations.errors import IntegrationError, Retryable, SetupError
from models.errors import ModelError


def commands() -> typer.Typer:
    """All commands."""
    from daemon.cli import (
        alerts,
        catalog,
        check,
        cycle,
        explain,
        grid,
        identity,
        labels,
        localorg,
        model,
        org,
        outbox,
        outcomes,
        quarantine,
        readiness,
        release,
        select,
        status,
        try_,
    )

    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="Rates each customer's maturity, says why, forecasts usage, and keeps Salesforce up to date.",
    )
    groups = (
        cycle,
        status,
        explain,
        check,
        readiness,
        catalog,
        org,
        outbox,
        quarantine,
        identity,
        labels,
        outcomes,
        grid,
        select,
        model,
        alerts,
        release,
        try_,
        localorg,
    )
    for group in groups:
        group.register(app)
    return app


def main() -> None:
    """Entry point: runs a command and turns errors into a line on stderr and an exit code."""
    logs.set_up()
    try:
        commands()()
    except (ConfigError, SetupError) as error:
        _stop(error, Exit.CONFIGURATION)
    except (Retryable, LeaseLost, StateLost) as error:
        _stop(error, Exit.TRY_LATER)
    except (DaemonError, IntegrationError, ModelError) as error:
        _stop(error, Exit.FAILED)


def _stop(error: Exception, code: Exit) -> None:
    sys.stderr.write(f"maturityd: {error}\n")
    sys.exit(code)
