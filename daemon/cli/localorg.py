"""`localorg serve`: the embedded Salesforce-compatible server, for demo and trials."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from daemon.cli.options import print_lines
from daemon.clock import SystemClock

group = typer.Typer(no_args_is_help=True, help="A Salesforce-compatible server on this machine.")


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="localorg")


@group.command()
def serve(
    data: Annotated[Path, typer.Option(help="Folder of the org; made with the standard set-up if missing.")],
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0: any free one.")] = 8443,
    faults: Annotated[
        str, typer.Option(help='What goes wrong on purpose, such as "seed=7 unavailable=0.1 late=0.15".')
    ] = "",
) -> None:
    """Serve an org over TLS on loopback until stopped; says how to log in."""
    # Imported here: reading its grammar takes a second, which no other command should wait for.
    from integrations.localorg import ENTRIES, Address, FaultPlan, serve_forever

    def say(address: Address) -> None:
        print_lines(
            [
                f"the local org answers at {address.url}; trust {address.ca_file}",
                *(f"{who:<15}{words}" for who, words in ENTRIES.items()),
                f"record pages   {address.url}/ in a browser; Ctrl-C ends the org",
            ]
        )
        sys.stdout.flush()

    serve_forever(data, port, SystemClock().now, say, FaultPlan.parse(faults) if faults else None)
