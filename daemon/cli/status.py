"""`status`: slots, steps, results of the last run, and the ledger."""

from datetime import datetime
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from daemon.alerts.book import open_alerts
from daemon.cli.options import DEFAULT_CONFIG, ConfigPath, Json, print_json, print_lines, print_table
from daemon.clock import SystemClock
from daemon.compose import open_state
from daemon.config import load
from daemon.exits import Exit
from daemon.scheduler import due
from daemon.slots import Schedule, next_slot
from daemon.state import runs
from daemon.state.engine import read

RUNS_SHOWN = 6


def register(app: typer.Typer) -> None:
    app.command()(status)


def status(
    config: ConfigPath = DEFAULT_CONFIG,
    json: Json = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Print nothing; exit 1 if the last run failed.")
    ] = False,
) -> None:
    """Show slots, the steps and results of the last run, and where every account is."""
    settings = load(config)
    schedule = settings.schedule.schedule()
    now = SystemClock().now()
    engine = open_state(settings)
    waiting = due(engine, schedule, now).slot
    with read(engine) as connection:
        document = _document(connection, schedule, now)
    document["due"] = waiting.name if waiting else None
    if json:
        print_json(**document)
    elif not quiet:
        _print(document)
    if quiet and document["runs"] and document["runs"][0]["state"] == "failed":
        raise typer.Exit(Exit.FAILED)


def _document(connection: Connection, schedule: Schedule, now: datetime) -> dict[str, Any]:
    latest = runs.newest(connection, RUNS_SHOWN)
    last = latest[0] if latest else None
    return {
        "next_slot": next_slot(schedule, now).name,
        "runs": [
            {"slot": run.slot, "state": run.state, "reason": run.reason, "cut": run.cut} for run in latest
        ],
        "steps": [dict(row) for row in runs.steps_of(connection, last.id)] if last else [],
        "report": next((run.report for run in latest if run.report), None),
        "alerts": [row["title"] for row in open_alerts(connection)],
    }


def _print(document: dict[str, Any]) -> None:
    print_lines([f"next slot   {document['next_slot']}", f"due now     {document['due'] or '–'}", ""])
    print_table(
        "runs",
        ("slot", "state", "cut", "reason"),
        [(run["slot"], run["state"], run["cut"], run["reason"]) for run in document["runs"]],
    )
    print_table(
        "steps of the last run",
        ("step", "state", "rows", "seconds", "tries", "error"),
        [
            (row["step"], row["state"], row["rows"], _seconds(row), row["attempts"], row["error"])
            for row in document["steps"]
        ],
    )
    if document["report"]:
        print_lines(["", *report_lines(document["report"])])
    print_table("open alerts", ("title",), [(title,) for title in document["alerts"]])


def report_lines(report: dict[str, Any]) -> list[str]:
    """The results of a run in lines for a terminal."""
    ledger = dict(report["ledger"])
    seen = ledger.pop("seen")
    places = " + ".join(f"{count} {place}" for place, count in ledger.items())
    lines = [f"ledger        {seen} seen = {places}"]
    for title, key in (
        ("ratings", "ratings"),
        ("upsell", "upsell"),
        ("health", "health"),
        ("statuses", "statuses"),
    ):
        counted = ", ".join(f"{count} {name}" for name, count in sorted(report[key].items()))
        lines.append(f"{title:<14}{counted or '–'}")
    lines += [
        f"{'slow drift':<14}{each['feature']}: {each['measure']} {each['value']:.2f} from training"
        for each in report.get("drift", [])
    ]
    if report.get("operating_point"):
        lines.append(f"{'ratings by':<14}{report['operating_point']}")
    for source in report["sources"]:
        trouble = f" — {source['error']}" if source["error"] else ""
        lines.append(f"{source['source']:<14}{source['rows']:,} rows, {source['rejected']} rejected{trouble}")
    return lines


def _seconds(row: dict[str, Any]) -> str:
    if row["finished_at"] is None:
        return "–"
    return f"{(row['finished_at'] - row['started_at']).total_seconds():.1f}"
