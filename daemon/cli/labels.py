"""`labels`: which to look at again, and whom to rate next."""

from dataclasses import asdict
from typing import Annotated

import typer

from daemon.cli.options import DEFAULT_CONFIG, ConfigPath, Json, print_json, print_lines, print_table
from daemon.clock import SystemClock
from daemon.compose import open_state
from daemon.config import load

group = typer.Typer(no_args_is_help=True, help="What the model learns from.")

Top = Annotated[int, typer.Option(min=1, help="List at most so many.")]


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="labels")


@group.command()
def suspicious(config: ConfigPath = DEFAULT_CONFIG, json: Json = False, top: Top = 20) -> None:
    """List expert and outcome labels that models which did not know them contradict, the worst first.

    Nothing is dropped: look at them, and rate an account anew in the CRM where the label is wrong.
    """
    from daemon.label_review import review  # loads numpy, which other commands do without

    settings = load(config)
    found = review(settings, open_state(settings), SystemClock().now())
    shown = found.suspicions[:top]
    if json:
        counts = {"labels": found.labels, "judged": found.judged, "doubtful": len(found.suspicions)}
        print_json(**counts, suspicious=[asdict(each) for each in shown])
        return
    print_table(
        "labels to look at again",
        ("account", "name", "given", "by", "at", "held out, the model says", "because"),
        [
            (
                each.account_id,
                each.name,
                f"{each.given} ({each.origin})",
                each.by,
                each.at,
                f"{each.likeliest} {each.p_likeliest:.0%}, {each.given} {each.p_given:.0%}",
                each.reasons[0] if each.reasons else None,
            )
            for each in shown
        ],
    )
    print_lines(
        [
            f"{len(found.suspicions)} of {found.judged} labels with a held-out prediction are contradicted "
            f"({found.labels} labels in all); all of them stay in use"
        ]
    )


@group.command()
def wanted(config: ConfigPath = DEFAULT_CONFIG, json: Json = False, top: Top = 20) -> None:
    """List the accounts that experts should rate first: those the model is least sure of, all different.

    Before there is a model: accounts that together stand for all others.
    """
    from daemon.wanted import wanted_accounts  # loads the model libraries, which other commands do without

    settings = load(config)
    found = wanted_accounts(settings, open_state(settings), SystemClock(), top)
    if json:
        print_json(wanted=[asdict(each) for each in found])
        return
    print_table(
        "accounts to rate first",
        ("account", "name", "owner", "why"),
        [(each.account_id, each.name, each.owner_id, each.why) for each in found],
    )
