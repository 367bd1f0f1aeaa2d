"""Options that many commands share, and how they print."""

import getpass
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from daemon.progress import LoggedSteps, Steps, TerminalSteps

SCHEMA_VERSION = 1
"""Of every `--json` answer; raised when a key changes its meaning or goes."""

ConfigPath = Annotated[Path, typer.Option("--config", help="The config.toml to go by.")]
DEFAULT_CONFIG = Path("config.toml")
By = Annotated[str | None, typer.Option(help="Who does it, for the record; default: this machine's user.")]
Reason = Annotated[str, typer.Option(help="Why, for the record.")]
Plot = Annotated[
    Path | None, typer.Option(help="Also draw it into this file (.png or .svg).", dir_okay=False)
]
ListOnly = Annotated[bool, typer.Option("--list", help="Show every cell that is kept; train nothing.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


def shown_steps() -> Steps:
    """Bars on a terminal, log lines otherwise."""
    return TerminalSteps() if sys.stderr.isatty() else LoggedSteps()


def user() -> str:
    """Who runs the command, as far as this machine knows."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's user may have no name
        return "unknown"


def print_json(**content: Any) -> None:
    """One JSON document on stdout."""
    document = {"schema_version": SCHEMA_VERSION, **content}
    sys.stdout.write(json.dumps(document, default=_plain, indent=2) + "\n")


UNFOLDED = 10_000
"""Characters a row of a table may have where it goes into a file or another program."""


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table on stdout, on a terminal folded to its width between words; texts of other systems are
    printed as they are, never as markup."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else UNFOLDED)
    if not rows:
        console.print(f"{title}: none", markup=False)
        return
    console.print(title, markup=False, style="italic")
    table = Table(box=None, pad_edge=False)
    for place, column in enumerate(columns):
        words = any(" " in _cell(row[place]) for row in rows)
        table.add_column(column, overflow="fold", no_wrap=not words)
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    console.print(table)


def print_lines(lines: Sequence[str]) -> None:
    """Plain lines on stdout."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M UTC")
    return escape(str(value))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)
