"""The demo's table of results: ratings, models beside baselines, ledger, feedback, alerts, cost."""

import resource
from collections.abc import Mapping
from typing import Any

from daemon.cli.options import print_lines, print_table
from daemon.cli.status import report_lines
from demo.reps import record_path
from demo.stage import Stage
from demo.story import Told, worth_showing
from demo.truth import against_truth

MATURITY_METRICS = ("macro_f1", "accuracy", "log_loss", "ece", "qwk")
FORECAST_METRICS = ("mase", "smape", "coverage80", "seconds", "n_series")


def print_results(stage: Stage, told: Told) -> None:
    """Everything that happened, in tables, and where to look at it."""
    report = told.noon.report or {}
    for run in (told.morning, told.noon):
        print_lines(["", f"slot {run.slot}: {run.state}" + (f" — {run.reason}" if run.reason else "")])
        if run.report:
            print_lines(report_lines(dict(run.report)))
    if not report:
        return
    print_lines([""])
    _print_models("maturity, on held-out labels, by time", report["models"]["maturity"], MATURITY_METRICS)
    _print_models("usage forecast, on held-back days", report["models"]["forecast"], FORECAST_METRICS)
    print_table(
        "ratings against the truth of this made-up world, on accounts that no expert ever rated",
        ("guess", "accounts", "macro_f1"),
        [(name, accounts, f"{score:.3f}") for name, accounts, score in against_truth(stage)],
    )
    _print_feedback(told, report)
    print_table(
        "alerts received by the webhook",
        ("status", "severity", "title"),
        [(alert["status"], alert["severity"], alert["title"]) for alert in told.inbox.alerts],
    )
    print_table(
        "cost on this machine",
        ("chapter", "seconds"),
        [(chapter, f"{seconds:.0f}") for chapter, seconds in told.seconds.items()],
    )
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rep = stage.people.reps[0]
    print_lines(
        [
            f"memory peak {peak_mb:,.0f} MB",
            "",
            f"record page  {stage.address.url}{record_path(worth_showing(stage))}",
            f"log in as    {rep.username}, password {rep.secret}",
        ]
    )


def _print_models(title: str, model: dict[str, Any] | None, metrics: tuple[str, ...]) -> None:
    if not model or not model["evaluation"]:
        print_lines([f"{title}: no model"])
        return
    models = model["evaluation"]["models"]
    rows = [(name, *(_figure(scores.get(metric)) for metric in metrics)) for name, scores in models.items()]
    print_table(title, ("model", *metrics), rows)
    print_lines([f"the gate: {model['decision']}", ""])


def _print_feedback(told: Told, report: Mapping[str, Any]) -> None:
    labels, outcomes = report["labels"], report["outcomes"]
    kinds = ", ".join(f"{count} {name}" for name, count in sorted(outcomes.items()))
    print_lines(
        [
            f"feedback     {told.feedback} set on the record page",
            f"labels       {labels.get('feedback', 0)} of them, beside {labels.get('expert', 0)} of experts",
            f"outcomes     {sum(outcomes.values())} of them, of an upsell: {kinds or '–'}",
            "",
        ]
    )


def _figure(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
