"""`identity`: how many rows of each source found their account, and which did not."""

import typer

from daemon.cli.options import DEFAULT_CONFIG, ConfigPath, Json, print_json, print_table
from daemon.compose import open_state
from daemon.config import load


def register(app: typer.Typer) -> None:
    app.command()(identity)


def identity(config: ConfigPath = DEFAULT_CONFIG, json: Json = False) -> None:
    """Show how many landed rows found their account, and the identities that most often did not."""
    from daemon.lake.reading import LakeReader  # takes a second, which no other command should wait for

    settings = load(config)
    with LakeReader(open_state(settings), settings.path(settings.lake.path)) as lake:
        rates = lake.match_rates()
    if json:
        print_json(identity=[vars(rate) for rate in rates])
        return
    print_table(
        "rows that found their account",
        ("source", "fact", "rows", "matched", "most often unmatched"),
        [
            (rate.source, rate.fact, rate.rows, rate.matched, ", ".join(rate.unmatched) or None)
            for rate in rates
        ],
    )
