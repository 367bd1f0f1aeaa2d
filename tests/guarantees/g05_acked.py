"""G5: acknowledged means landed: the org's log holds a write for every acknowledged record and generation."""

from daemon.state.tables import acked, outbox
from tests.guarantees.evidence import GEN, Evidence


def check(evidence: Evidence) -> list[str]:
    """What is acknowledged and never reached the org."""
    said = [row for row in evidence.rows(outbox) if row["state"] == "acked"] + evidence.rows(acked)
    claimed = {((row["object"], row["record"]), row["gen"]) for row in said if row["object"] in GEN}
    tasks = {row["record"] for row in said if row["object"] not in GEN}
    return [
        f"{' '.join(record)} is acknowledged in generation {gen}, which never landed"
        for record, gen in sorted(claimed - set(evidence.pushed()))
    ] + [
        f"the task of notice {key} is acknowledged, and was never made"
        for key in sorted(tasks - set(evidence.notices()))
    ]
