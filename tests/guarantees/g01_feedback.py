"""G1: no feedback is lost that was visible for longer than the lag before a good pull began."""

from datetime import datetime, timedelta

from daemon.state.tables import feedback_events, pulls, runs
from tests.guarantees.evidence import Evidence

SOURCE = "feedback"
WHOLE_SECOND = timedelta(seconds=1)
"""The org tells its own time in whole seconds."""

Said = tuple[str, str, datetime]
"""Account, value, instant."""


def check(evidence: Evidence) -> list[str]:
    """What reps set in the org, and the state lacks after a good pull."""
    until = _heard_until(evidence)
    if until is None:
        return []
    lost = {said for said in _said(evidence) if said[2] <= until}
    lost -= {(row["account_id"], row["value"], row["at"]) for row in evidence.rows(feedback_events)}
    return [
        f'"{value}" of {account} at {at:%H:%M:%S} is not in the state' for account, value, at in sorted(lost)
    ]


def _heard_until(evidence: Evidence) -> datetime | None:
    """The lag before the first attempt of the newest run that pulled feedback to its end."""
    slots = {row["id"]: row["slot"] for row in evidence.rows(runs)}
    good = [
        evidence.begun[slots[row["run_id"]]]
        for row in evidence.rows(pulls)
        if row["source"] == SOURCE and row["state"] == "done"
    ]
    lag = timedelta(minutes=evidence.config.sources[SOURCE].lag_minutes)
    return max(good) - lag - WHOLE_SECOND if good else None


def _said(evidence: Evidence) -> set[Said]:
    return {
        (entry.record_id, str(entry.after["Maturity_Feedback__c"]), datetime.fromisoformat(entry.at))
        for entry in evidence.writes()
        if entry.after.get("Maturity_Feedback__c")
    }
