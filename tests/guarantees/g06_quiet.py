"""G6: what landed is acknowledged in the end, and a run without news sends nothing."""

from daemon.state.outbox import UNFINISHED
from daemon.state.tables import outbox, runs
from tests.guarantees.evidence import Evidence


def check(evidence: Evidence) -> list[str]:
    """Changes of runs before which nothing had changed; and what such a run left open."""
    quiet = {row["id"]: row for row in evidence.rows(runs) if row["slot"] in evidence.quiet}
    done = [gen for gen, row in quiet.items() if row["state"] == "done"]
    found = [
        f"{' '.join(record)} was sent in generation {gen}, without any news"
        for record, gen in evidence.pushed()
        if gen in quiet
    ]
    for row in evidence.rows(outbox):
        if row["gen"] in quiet:
            found.append(f"{row['object']} {row['record']} was queued in {row['gen']}, without any news")
        if done and row["gen"] < max(done) and row["state"] in UNFINISHED:
            found.append(f"{row['object']} {row['record']} of {row['gen']} is still {row['state']}")
    return found
