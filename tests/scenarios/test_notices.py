"""SIGKILL around customer notices, on an org that loses answers and applies requests late: a task each."""

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import insert

from daemon.clock import ShiftedClock
from daemon.state.engine import write
from daemon.state.tables import anomalies, outbox
from demo.world import generate
from tests.scenarios.kills import PRELOAD, Campaign
from tests.scenarios.play import ACCOUNTS, DAYS, FAULTS, TODAY, Play, playing
from tests.scenarios.zygote import Zygote

KILLS, KILLS_A_NOTICE = 40, 4


def fall_due(play: Play, number: int) -> list[str]:
    """A stop of every account, confirmed just now; the keys of the notices."""
    day = TODAY - timedelta(days=number)
    now = play.clock.now()
    row = {
        "kind": "stop", "day": day, "days": 3, "size": -1.0, "chance": 0.0, "value": 0.0, "borne_out": True,
        "status": "confirmed", "withdrawn": False, "sentence": "Usage stopped.", "run_id": 1,
        "opened_at": now, "confirmed_at": now, "notice": "due",
        "letter": {"subject": "no use", "text": "Hello"},
    }  # fmt: skip
    approved = {str(contact["AccountId"]) for contact in play.org.store.find("Contact")}
    accounts = sorted(approved & set(play.accounts()))
    with write(play.evidence.engine) as connection:
        connection.execute(insert(anomalies), [{**row, "account_id": account} for account in accounts])
    return [f"{account}|{day}" for account in accounts]


def test_40_kills_make_every_task_once(tmp_path: Path) -> None:
    world = generate(7, TODAY, "linear", accounts=ACCOUNTS, days=DAYS)
    clock = ShiftedClock(datetime.combine(TODAY - timedelta(days=DAYS / 2), time(4), UTC))
    on = {"notices": {"enabled": "true"}}
    keys: list[str] = []
    with (
        Zygote(*PRELOAD) as zygote,
        playing(tmp_path / "play", world, clock, None, FAULTS, on, snapshots=False) as play,
    ):
        fought = Campaign(play, zygote)
        play.org.store.run('UPDATE "Contact" SET "Usage_Notices__c" = 1')
        fought.go_on(1)
        while fought.kills < KILLS and not fought.violations:
            keys += fall_due(play, len(keys))
            fought.go_on(fought.kills + KILLS_A_NOTICE)
        fought.in_peace(play.clock.now().replace(second=0, microsecond=0))

        assert fought.violations == []
        assert len(keys) > KILLS
        made = Counter(str(task["Maturity_Notice__c"]) for task in play.org.store.find("Task"))
        assert made == Counter(keys)
        states = {row["state"] for row in play.evidence.rows(outbox) if row["object"] == "Task"}
        assert states == {"acked"}
