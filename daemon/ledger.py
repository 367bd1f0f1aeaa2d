"""The sum of a run: every account seen is in one place, and the places add up."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from sqlalchemy import Connection

from daemon.outputs import KEPT
from daemon.state import outbox
from daemon.state.predictions import predictions_of
from integrations.salesforce.schema import ACCOUNT


@dataclass(frozen=True)
class Ledger:
    """seen = sent + unchanged + parked + waiting + held + excluded + unmatched, in accounts.

    sent: acknowledged by Salesforce in this run, or replaced by a newer run of ours. unchanged: nothing
    material differs. parked: refused by Salesforce. waiting: queued, not yet acknowledged; also what was
    refused for a newer generation that is not ours. held: the last good values stay (held or stale).
    excluded: in the hold-out, rated without showing it. unmatched: no source row found the account; only
    its status is shown.
    """

    seen: int
    sent: int
    unchanged: int
    parked: int
    waiting: int
    held: int
    excluded: int
    unmatched: int

    @property
    def adds_up(self) -> bool:
        """Whether every account is in one place."""
        places: dict[str, int] = asdict(self)
        return sum(places.values()) == 2 * self.seen


def ledger(connection: Connection, run_id: int) -> Ledger:
    """The ledger of a run, from its predictions and what the outbox says of its generation."""
    predictions = predictions_of(connection, run_id)
    states = outbox.states_of_gen(connection, ACCOUNT, run_id)
    standing = outbox.standing(connection, ACCOUNT)
    parked = {record for record, each in standing.items() if each.state == "parked"}
    for record, each in standing.items():
        if each.gen > run_id and states.get(record) == "superseded":
            states[record] = "acked"
    places = Counter(
        _place(row["status"], states.get(account), account in parked) for account, row in predictions.items()
    )
    counts: Mapping[str, int] = places
    return Ledger(
        seen=len(predictions),
        sent=counts.get("sent", 0),
        unchanged=counts.get("unchanged", 0),
        parked=counts.get("parked", 0),
        waiting=counts.get("waiting", 0),
        held=counts.get("held", 0),
        excluded=counts.get("excluded", 0),
        unmatched=counts.get("unmatched", 0),
    )


def _place(status: str, state: str | None, parked: bool) -> str:
    if status in ("excluded", "unmatched"):
        return status
    if status in KEPT:
        return "held"
    if parked:
        return "parked"
    if state is None:
        return "unchanged"
    return "sent" if state == "acked" else "waiting"
