"""G7: predictions and outbox agree: a plan queues all of its run's changes, or none."""

from collections import defaultdict

from sqlalchemy import RowMapping

from daemon.state.tables import outbox, predictions, steps
from tests.guarantees.evidence import Evidence

FIELDS = {"rating": "Maturity_Rating__c", "upsell": "Upsell_Rating__c", "status": "Maturity_Status__c"}
"""Outputs of which every change is sent."""

SHOWN = {"excluded": {"rating": "unknown", "upsell": "none"}}
"""What is shown instead of the prediction, by status."""

KEPT = ("held", "stale")
"""Of accounts with these statuses the last good values stay, and the status alone is sent."""

SCORE, MATERIAL_POINTS = "Maturity_Score__c", 2.0
"""Of the score, a move of so many points is."""


def check(evidence: Evidence) -> list[str]:
    """Changes without a prediction, and predictions that differ from what the org holds or will hold."""
    predicted = defaultdict(dict)
    for row in evidence.rows(predictions):
        predicted[row["run_id"]][row["account_id"]] = row
    queued: dict[str, dict[int, RowMapping]] = defaultdict(dict)
    found = []
    for row in evidence.rows(outbox):
        if row["account_id"] not in predicted[row["gen"]]:
            found.append(f"{row['object']} {row['record']}: generation {row['gen']} has no prediction")
        if row["object"] == "Account":
            queued[row["record"]][row["gen"]] = row
    planned = {
        row["run_id"] for row in evidence.rows(steps) if (row["step"], row["state"]) == ("plan", "done")
    }
    planned |= {gen for changes in queued.values() for gen in changes}
    for run in sorted(planned):
        for account, prediction in predicted[run].items():
            found += _unlike(account, prediction, queued[account])
    return found


def _unlike(account: str, prediction: RowMapping, changes: dict[int, RowMapping]) -> list[str]:
    """How the newest change up to the prediction's run differs from it."""
    run = prediction["run_id"]
    newest = max((gen for gen in changes if gen <= run), default=None)
    if newest is None:
        return [f"{account}: run {run} planned, and nothing was ever queued"]
    values = changes[newest]["values"]
    shown = {**prediction, **SHOWN.get(prediction["status"], {})}
    kept = prediction["status"] in KEPT
    scores = (values[SCORE], None if kept else prediction["score"])
    if None not in scores and abs(scores[0] - scores[1]) >= MATERIAL_POINTS:
        return [f"{account}: score of run {run} is {scores[1]}, {scores[0]} in generation {newest}"]
    return [
        f"{account}: {output} of run {run} is {shown[output]}, {values[field]} in generation {newest}"
        for output, field in FIELDS.items()
        if str(values[field]).lower() != shown[output] and (output == "status" or not kept)
    ]
