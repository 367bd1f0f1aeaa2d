"""report: the run's ledger and results, kept with the run, as `status` shows them; alerts go out."""

from collections import Counter
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection

from daemon import training_sets
from daemon.alerts.book import open_alerts
from daemon.context import Context, Done
from daemon.decision_point import score_in_force
from daemon.errors import StepFailed
from daemon.labels import heard_until
from daemon.ledger import ledger
from daemon.operating_point import choice_for, choice_in_words
from daemon.state import outbox, profiles, pulls, registry, runs
from daemon.state.engine import read, write
from daemon.state.predictions import health_of, predictions_of
from models.decisions import DECISIONS


def run(context: Context) -> Done:
    """raises: StepFailed where the ledger does not add up: some account was lost on the way."""
    with read(context.engine) as connection:
        report = _report(connection, context)
    if not report["adds_up"]:
        raise StepFailed(f"the ledger does not add up: {report['ledger']}; keep the state and report this")
    lake = context.config.path(context.config.lake.path)
    keep_days = context.config.maturity.reproducible_days
    training_sets.prune(context.engine, lake, context.clock.now(), keep_days)
    with write(context.engine) as connection:
        runs.keep_report(connection, context.run.id, report)
    return Done(report["ledger"]["seen"])


def _report(connection: Connection, context: Context) -> dict[str, Any]:
    run_id = context.run.id
    counted = ledger(connection, run_id)
    predictions = predictions_of(connection, run_id)
    heard = heard_until(connection, context.config.feedback, context.cut)
    return {
        "ledger": asdict(counted),
        "adds_up": counted.adds_up,
        "ratings": Counter(row["rating"] for row in predictions.values()),
        "statuses": Counter(row["status"] for row in predictions.values()),
        "upsell": Counter(row["upsell"] for row in predictions.values()),
        "health": Counter(health_of(connection, run_id).values()),
        "labels": Counter(label.origin for label in heard.labels),
        "outcomes": Counter(outcome.value for outcome in heard.outcomes),
        "sources": [
            asdict(pull) | {"finished_at": pull.finished_at.isoformat()}
            for pull in pulls.of_run(connection, run_id)
        ],
        "outbox": outbox.count_by_state(connection),
        "models": {task: _model(connection, task, run_id) for task in ("maturity", "forecast")},
        "operating_point": _operating_point(connection, context),
        "decided_from": {each: score_in_force(connection, each, context.cut) for each in DECISIONS},
        "drift": (profiles.of_run(connection, run_id, "drift") or {"features": []})["features"],
        "alerts": [row["title"] for row in open_alerts(connection)],
    }


def _operating_point(connection: Connection, context: Context) -> str | None:
    """What the goal in force comes to with the model in use; None where no goal is selected."""
    used = registry.champion(connection, "maturity")
    found = None if used is None else choice_for(connection, used, context.cut)
    return None if found is None else choice_in_words(*found)


def _model(connection: Connection, task: str, run_id: int) -> dict[str, Any] | None:
    """What the run trained, and what is in use."""
    trained = registry.of_run(connection, task, run_id)
    used = registry.champion(connection, task)
    if trained is None and used is None:
        return None
    shown = trained or used
    return {
        "trained": trained.version if trained else None,
        "decision": trained.reason if trained else None,
        "champion": used.version if used else None,
        "evaluation": shown.evaluation if shown else None,
    }
