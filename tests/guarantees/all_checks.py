"""All checkers, as they are run after every kill."""

from tests.guarantees import (
    g01_feedback,
    g02_duplicates,
    g03_watermarks,
    g04_order,
    g05_acked,
    g06_quiet,
    g07_atomic,
    g08_slots,
)
from tests.guarantees.evidence import Evidence

CHECKS = {
    "G1": g01_feedback.check,
    "G2": g02_duplicates.check,
    "G3": g03_watermarks.check,
    "G4": g04_order.check,
    "G5": g05_acked.check,
    "G6": g06_quiet.check,
    "G7": g07_atomic.check,
    "G8": g08_slots.check,
}


def violations(evidence: Evidence) -> list[str]:
    """Every promise broken, under its name; what is done by now must stay so at the next look."""
    found = [f"{name}: {each}" for name, check in CHECKS.items() for each in check(evidence)]
    evidence.ends = g08_slots.ends(evidence)
    return found
