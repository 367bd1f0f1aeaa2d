"""G2: no mail, usage day, activity, piece of feedback, score record or customer notice is there twice."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from daemon.lake.reading import LakeReader
from daemon.state.tables import expert_ratings, feedback_events, steps
from tests.guarantees.evidence import SCORE_KEY, Evidence

KEYS = {
    "usage_daily": ("account_id", "day", "technology"),
    "activity": ("activity_id",),
    "emails": ("message_key",),
    "email_topics": ("message_key", "topic"),
    "firmographics": ("account_id", "event_at"),
    "contacts": ("contact_id",),
    "accounts": ("account_id",),
}
"""What may occur once in a fact as models read it."""

PULLS_A_LOOK = 10
"""Reading the lake takes longer than all else together. It only grows: what is there twice stays so."""


def check(evidence: Evidence) -> list[str]:
    """Everything that is there more than once."""
    said = [(row["account_id"], row["value"], row["at"]) for row in evidence.rows(feedback_events)]
    rated = [(row["account_id"], row["level"], row["at"]) for row in evidence.rows(expert_ratings)]
    return [
        *_twice("feedback", said),
        *_twice("expert rating", rated),
        *_twice("score record", _score_records(evidence)),
        *_twice("customer notice", evidence.notices()),
        *evidence.once_per("lake", _pulls_done(evidence) // PULLS_A_LOOK, lake),
    ]


def _score_records(evidence: Evidence) -> list[str]:
    created = (entry for entry in evidence.writes() if entry.action == "create")
    return [str(entry.after[SCORE_KEY]) for entry in created if SCORE_KEY in entry.after]


def _pulls_done(evidence: Evidence) -> int:
    return sum((row["step"], row["state"]) == ("pull", "done") for row in evidence.rows(steps))


def lake(evidence: Evidence) -> list[str]:
    """Rows that models would read twice."""
    found = []
    cut = evidence.clock.now() + timedelta(hours=1)
    with LakeReader(evidence.engine, evidence.config.path(evidence.config.lake.path)) as reader:
        facts = reader.as_of(cut)
        for name, key in KEYS.items():
            columns = getattr(facts, name).select(*key).to_pyarrow().to_pydict()
            found += _twice(name, zip(*columns.values(), strict=True))
    return found


def _twice(what: str, keys: Iterable[object]) -> list[str]:
    return [f"{what} {key} is there {times} times" for key, times in Counter(keys).items() if times > 1]
