"""G8: a slot has one run, which comes to its end once."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from daemon.state.tables import runs, steps
from tests.guarantees.evidence import Evidence

Ends = Mapping[tuple[str, str], datetime]
"""Slot and step ("" for the run itself) to when it was done."""


def check(evidence: Evidence) -> list[str]:
    """Slots with two runs, ends that were taken back or repeated, and runs done without their steps."""
    slots = Counter(row["slot"] for row in evidence.rows(runs))
    found = [f"slot {slot} has {times} runs" for slot, times in slots.items() if times > 1]
    now = ends(evidence)
    for (slot, step), at in evidence.ends.items():
        if now.get((slot, step)) != at:
            what = f"step {step}" if step else "the run"
            found.append(f"{what} of slot {slot} was done at {at:%H:%M:%S}, and then again or no more")
    names = {row["id"]: row for row in evidence.rows(runs)}
    for row in evidence.rows(steps):
        run = names[row["run_id"]]
        if run["state"] == "done" and row["state"] != "done":
            found.append(f"slot {run['slot']} is done, and its step {row['step']} is {row['state']}")
    return found


def ends(evidence: Evidence) -> Ends:
    """What is done by now, and since when."""
    slots = {row["id"]: row["slot"] for row in evidence.rows(runs)}
    done = {(row["slot"], ""): row["finished_at"] for row in evidence.rows(runs) if row["state"] == "done"}
    for row in evidence.rows(steps):
        if row["state"] == "done":
            done[slots[row["run_id"]], row["step"]] = row["finished_at"]
    return done
