"""The tiny world with models: what its config spends on them, and how its slots are played."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from daemon.cycle import STEPS
from daemon.slots import Slot
from daemon.state import registry
from daemon.state.engine import write
from demo.world import tiny
from integrations.salesforce.schema import FIELDS, SCORE_FIELDS, SCORE_KEY
from tests.scenarios.play import TODAY, Play, Standstill, playing

WHOLE = "tests.scenarios.attempt:whole"
PRELOAD = (
    "tests.scenarios.attempt",
    *(f"daemon.steps.{name}" for name in STEPS),
    "torch",
    "catboost",
    "ibis.backends.duckdb",
    "holidays",
    "ruptures",
    "prophet",
    "statsmodels.tsa.api",
)
SMALL_BUDGETS = {
    "maturity": {"min_labels_per_class": 4, "max_trees": 40, "training_every_days": 60, "threads": 1},
    "forecast": {
        "seeds": 1, "steps": 20, "finish_steps": 5, "warm_steps": 5, "baseline_accounts": 2, "threads": 1,
    },
}  # fmt: skip

MORNING, BETWEEN, NOON = time(5, 30), time(8, 30), time(11)
"""UTC; BETWEEN is when reps look at what the morning left."""


def at(moment: time) -> datetime:
    """An instant of the world's last day."""
    return datetime.combine(TODAY, moment, UTC)


@contextmanager
def tiny_company(folder: Path, state: str | None = None, seed: int = 1) -> Iterator[Play]:
    """The tiny world on its last day, before the morning's slot; time stands still between its moments.

    state: URL of an empty one; None: SQLite.
    """
    clock = Standstill(at(time(4)))
    with playing(folder, tiny(seed, TODAY), clock, state, changed=SMALL_BUDGETS) as play:
        yield play


def order(play: Play, slot: Slot, kill_after: str | None = None) -> Mapping[str, Any]:
    """What a child is told."""
    now = play.clock.now().isoformat()
    return {**play.spec(slot, None, quiet=True), "now": now, "kill_after": kill_after}


def promote_by_hand(play: Play) -> None:
    """Forty accounts teach too little for the gate, rightly. An admin who takes the risk gives a champion."""
    with write(play.evidence.engine) as connection:
        newest = registry.versions(connection, "maturity")[0]
        registry.promote(connection, newest.version, "promoted by hand", play.clock.now())


def talk(play: Play, pieces: int) -> None:
    """Reps set feedback on some accounts between the slots, minute by minute."""
    play.clock.move_to(at(BETWEEN))
    for _ in range(pieces):
        play.clock.move_to(play.clock.now() + timedelta(minutes=1))
        play.say_something()


def shown(play: Play) -> dict[str, Any]:
    """All that the org holds of our work: every mapped field of every account, and the score records."""
    fields = ", ".join(spec.name for spec in FIELDS if spec.object == "Account")
    accounts = play.org.query(f"SELECT Id, {fields} FROM Account")  # noqa: S608 known names
    recorded = ", ".join(spec.name for spec in SCORE_FIELDS)
    scores = play.org.query(f"SELECT {recorded} FROM Maturity_Score__c")  # noqa: S608
    return {str(row["Id"]): row for row in accounts} | {str(row[SCORE_KEY]): row for row in scores}
