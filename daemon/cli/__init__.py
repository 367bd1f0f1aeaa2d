"""The command line: one file per group of commands; a command parses, calls one function, prints."""

import sys
from importlib import import_module

import typer

from daemon import logs
from daemon.errors import ConfigError, DaemonError, LeaseLost, StateLost
from daemon.exits import Exit
from integrations.errors import IntegrationError, Retryable, SetupError
from models.errors import ModelError

GROUPS = (
    "cycle", "status", "explain", "forecast", "check", "readiness", "catalog", "org", "outbox", "notices",
    "quarantine", "identity", "labels", "outcomes", "grid", "select", "model", "alerts", "release", "try",
    "localorg",
)  # fmt: skip
"""Commands, in the order of the help; each is a module of this package, `cycle` with `run` beside it."""


def commands(asked: str | None = None) -> typer.Typer:
    """All commands; or those of the group asked for, where it is one, since the others take time to load."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        callback=_nothing,
        help="Rates each customer's maturity, says why, forecasts usage, and keeps Salesforce up to date.",
    )
    for group in [asked] if asked in GROUPS else GROUPS:
        name = "try_" if group == "try" else group
        import_module(f"{__name__}.{name}").register(app)
    return app


def _nothing() -> None:
    """A command by itself stays a command of `maturityd`: Typer would run an only one without its name."""


def main() -> None:
    """Entry point: runs a command and turns errors into a line on stderr and an exit code."""
    logs.set_up()
    try:
        commands(next(iter(sys.argv[1:]), None))()
    except (ConfigError, SetupError) as error:
        _stop(error, Exit.CONFIGURATION)
    except (Retryable, LeaseLost, StateLost) as error:
        _stop(error, Exit.TRY_LATER)
    except (DaemonError, IntegrationError, ModelError) as error:
        _stop(error, Exit.FAILED)


def _stop(error: Exception, code: Exit) -> None:
    sys.stderr.write(f"maturityd: {error}\n")
    sys.exit(code)
