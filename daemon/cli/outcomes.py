"""`outcomes`: what became of the accounts rated some time ago, beside the hold-out."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from daemon.cli.options import DEFAULT_CONFIG, ConfigPath, Json, print_json, print_lines, print_table
from daemon.clock import SystemClock
from daemon.compose import open_state
from daemon.config import Config, load
from daemon.config.sources import CrmRecordsTable
from daemon.outcomes import ENDS, HELD_OUT, SET_ASIDE, SHOWN, Outcomes, outcomes, recounts
from integrations.sources.crm_records import ACCOUNT_FIELDS
from models.maturity.shares import Difference, Share
from models.tables import LEVELS

RATINGS = (*LEVELS[::-1], None)
"""Highest first, then all together."""


def register(app: typer.Typer) -> None:
    app.command("outcomes")(show)


def show(
    config: ConfigPath = DEFAULT_CONFIG,
    json: Json = False,
    days: Annotated[int, typer.Option(min=1, help="Of ratings at least so many days old.")] = 90,
    listed: Annotated[
        str | None,
        typer.Option("--list", help=f"List the accounts that {', '.join(ENDS)}, and how to re-count."),
    ] = None,
    rating: Annotated[str | None, typer.Option(help=f"With --list: only {', '.join(LEVELS)}.")] = None,
) -> None:
    """Show how many of the accounts rated then upgraded, shrank or left since, beside those held out.

    Only against held-out accounts does a difference say what showing the ratings did.
    """
    if listed is not None and listed not in ENDS:
        raise typer.BadParameter(f"one of {', '.join(ENDS)}", param_hint="--list")
    if rating is not None and rating not in LEVELS:
        raise typer.BadParameter(f"one of {', '.join(LEVELS)}", param_hint="--rating")
    settings = load(config)
    found = outcomes(settings, open_state(settings), SystemClock().now(), days)
    accounts = _listed(settings, found, listed, rating) if listed else None
    if json:
        print_json(**_document(found), **(accounts or {}))
        return
    _print(found)
    if accounts:
        _print_list(accounts)


def _document(found: Outcomes) -> dict[str, Any]:
    rows = [
        {
            "rating": rating or "all",
            "group": group,
            "accounts": len(found.of(group, rating)),
            **{end: _plain(found.share(end, group, rating)) for end in ENDS},
        }
        for rating in RATINGS
        for group in (SHOWN, HELD_OUT)
    ]
    effects = [
        {"rating": rating or "all", "end": end, **asdict(effect)}
        for rating in RATINGS
        for end in ENDS
        if (effect := found.effect(end, rating))
    ]
    aside = {end: sum(fate.end == end for fate in found.fates) for end in SET_ASIDE}
    return {"slot": found.slot, "cut": found.cut, "outcomes": rows, "effects": effects, "set_aside": aside}


def _plain(share: Share) -> dict[str, Any]:
    return {
        "count": share.count,
        "share": share.value if share.of else None,
        "low": share.low,
        "high": share.high,
    }


def _listed(settings: Config, found: Outcomes, end: str, rating: str | None) -> dict[str, Any]:
    crm = next((each for each in settings.sources.values() if isinstance(each, CrmRecordsTable)), None)
    account = crm.account if crm else "Account"
    tier_field = {**ACCOUNT_FIELDS, **(crm.account_fields if crm else {})}["tier"]
    fates = [*found.of(SHOWN, rating), *found.of(HELD_OUT, rating)]
    queries = recounts(fates, end, settings.tiers, account, tier_field) if tier_field else []
    return {
        "end": end,
        "accounts": [asdict(fate) for fate in fates if fate.end == end],
        "recounts": [asdict(query) for query in queries],
    }


def _print(found: Outcomes) -> None:
    rows = [
        (
            rating or "all",
            group,
            len(found.of(group, rating)),
            *(_words(found.share(end, group, rating)) for end in ENDS),
        )
        for rating in RATINGS
        for group in (SHOWN, HELD_OUT)
        if found.of(group, rating)
    ]
    print_table(f"accounts as rated at {found.slot}", ("rating", "group", "accounts", *ENDS), rows)
    aside = [f"{count} {end}" for end in SET_ASIDE if (count := sum(f.end == end for f in found.fates))]
    if aside:
        print_lines([f"set aside: {', '.join(aside)}"])
    effects = [
        (rating or "all", *(_points(found.effect(end, rating)) for end in ENDS))
        for rating in RATINGS
        if found.effect(ENDS[0], rating)
    ]
    if effects:
        print_table("shown less held out, in points, with a 95 % interval", ("rating", *ENDS), effects)
    else:
        print_lines(
            [
                "none of these accounts was held out ([maturity] hold_out_share): the figures say what "
                "became of them, not what showing their ratings did"
            ]
        )


def _print_list(accounts: dict[str, Any]) -> None:
    print_table(
        f"accounts that {accounts['end']}",
        ("account", "group", "rating", "tier then", "tier now"),
        [
            (each["account_id"], each["group"], each["rating"], each["tier_then"], each["tier_now"])
            for each in accounts["accounts"]
        ],
    )
    what = "stayed" if accounts["end"] == "left" else accounts["end"]
    for query in accounts["recounts"]:
        print_lines([f"to re-count in the CRM: {query['count']} {what} by", query["soql"]])


def _words(share: Share) -> str:
    return f"{share.count} ({share.value:.0%}, {share.low:.0%}–{share.high:.0%})" if share.of else "–"


def _points(effect: Difference | None) -> str:
    if effect is None:
        return "–"
    return f"{100 * effect.value:+.0f} ({100 * effect.low:+.0f} to {100 * effect.high:+.0f})"
