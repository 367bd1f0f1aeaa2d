"""`localorg serve`: the embedded Salesforce-compatible server, for demo and trials."""

from pathlib import Path
from typing import Annotated

import typer

from daemon.clock import SystemClock
from integrations.localorg.server import serve_forever

group = typer.Typer(no_args_is_help=True, help="A Salesforce-compatible server on this machine.")


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="localorg")


@group.command()
def serve(
    data: Annotated[Path, typer.Option(help="Folder of the org; made with the standard set-up if missing.")],
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 8443,
) -> None:
    """Serve an org over TLS on loopback until stopped."""
    serve_forever(data, port, SystemClock().now)
