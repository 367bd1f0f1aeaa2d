"""G7: predictions and outbox agree: what a plan queued, it queued whole, and from predictions of its own run."""

from collections import defaultdict

from sqlalchemy import RowMapping

from daemon.state.tables import outbox, predictions, steps
from tests.guarantees.evidence import Evidence

FIELDS = {"rating": "Maturity_Rating__c", "upsell": "Upsell_Rating__c", "status": "Maturity_Status__c"}
"""Outputs of which every change is sent."""


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
    return [
        f"{account}: run {run} planned with {output} {prediction[output]}, and generation {newest} says {values[field]}"
        for output, field in FIELDS.items()
        if str(values[field]).lower() != prediction[output]
    ]
