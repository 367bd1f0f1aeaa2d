"""What `notices` lists."""

from datetime import date
from pathlib import Path

from sqlalchemy import insert

from daemon.compose import open_state
from daemon.config import load
from daemon.slots import Slot
from daemon.state import outbox, runs
from daemon.state.engine import write
from daemon.state.outbox import Queued
from daemon.state.tables import anomalies
from integrations.interfaces import OutgoingChange
from tests.conftest import NOW
from tests.daemon.cli.conftest import Maturityd

ACCOUNT = "001000000000001AAA"


def test_it_lists_what_is_told_or_to_be_told_and_leaves_out_the_rest(
    folder: Path, maturityd: Maturityd
) -> None:
    anomaly = {
        "account_id": ACCOUNT, "kind": "stop", "days": 4, "size": -1.0, "chance": 0.0, "value": 0.0,
        "borne_out": True, "status": "confirmed", "withdrawn": False, "sentence": "Usage stopped.",
        "run_id": 1, "opened_at": NOW, "confirmed_at": NOW,
    }  # fmt: skip
    rows = [
        {**anomaly, "day": date(2026, 11, 2), "notice": None, "notice_key": None},
        {**anomaly, "day": date(2026, 11, 12), "notice": "queued", "notice_key": "k"},
        {**anomaly, "day": date(2026, 11, 13), "notice": "due", "notice_key": None},
    ]
    with write(open_state(load(folder / "config.toml"))) as connection:
        runs.claim(connection, Slot("2026-11-23T06:30", NOW), 1, NOW)
        connection.execute(insert(anomalies), rows)
        change = OutgoingChange("Task", "k", 1, {}, "Maturity_Notice__c")
        outbox.enqueue(connection, [Queued(change, ACCOUNT)], NOW)

    said = maturityd("notices", "--json")

    listed = [(each["day"], each["notice"], each["task"]) for each in said.json["notices"]]
    assert listed == [("2026-11-13", "due", None), ("2026-11-12", "queued", "pending")]
