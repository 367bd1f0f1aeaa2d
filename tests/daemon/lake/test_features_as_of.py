"""Every feature, through the lake: what is known after the cut changes nothing, whenever it happened.

`FACTS` are known as they happen. `LATE` tells after the cut of what happened before it: further facts, and
other values of facts that were known. Every feature would see it, were it known in time.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from daemon.lake.facts import schema_of
from daemon.state.engine import connect
from daemon.state.tables import metadata
from models.features.snapshot import build
from tests.daemon.lake.conftest import World
from tests.models.features.examples import CATALOGUE, FACTS, LATER, VALUES
from tests.models.features.facts import CUT, Rows, day_ago

every_feature = pytest.mark.parametrize("name", CATALOGUE.names)

AFTER = CUT + timedelta(days=1)
BACK = timedelta(days=30)
"""What `LATER` tells happened at most so long after the cut."""


def moved(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row as if it had happened before the cut."""
    return {
        name: value - BACK if isinstance(value, date) and name != "created_on" else value
        for name, value in row.items()
    }


def other(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with other numbers, under the same key."""
    return {
        name: 0.5 * value + 3 if isinstance(value, float) and name in ("events", "users", "value") else value
        for name, value in row.items()
    }


LATE: Rows = {
    **{name: [moved(row) for row in rows] for name, rows in LATER.items() if name != "accounts"},
    "accounts": [
        {"account_id": one, "created_on": day_ago(1000), "region": "APAC", "segment": "Enterprise"}
        for one in "ABC"
    ],
}
CORRECTED: Rows = {name: [other(row) for row in FACTS[name]] for name in ("usage_daily", "activity")}


def landed(fact: str, rows: Rows, prefix: str, known_at: datetime | None) -> Iterator[dict[str, Any]]:
    """Rows of the examples as a source gives them; without `known_at`, known as they happen."""
    for number, row in enumerate(rows.get(fact, ())):
        account = f"account:{row['account_id']:0<18}"
        happened = row.get("event_at") or _happened(row, known_at)
        given = {
            **row,
            "account_id": f"{row['account_id']:0<18}",
            "identity": f"contact:{row['person']}" if row.get("person") else account,
            "fallback_identity": account,
            "event_at": happened,
            "known_at": known_at or happened,
            "activity_id": f"{prefix}{number}",
            "deleted": False,
            "previous": "Free" if row["account_id"] == "B" else None,
        }
        yield {name: given.get(name) for name in schema_of(fact).names}


def _happened(row: Mapping[str, Any], known_at: datetime | None) -> datetime:
    """Usage: when its day ended. An account: when its record was last changed."""
    if "day" in row:
        return datetime.combine(row["day"], time(), UTC) + timedelta(days=1)
    return CUT - timedelta(days=10 if known_at else 700)


def snapshot(folder: Path, *told: tuple[Rows, str, datetime | None]) -> pd.DataFrame:
    """The features at the cut, from a lake of what is told."""
    folder.mkdir()
    engine = connect(f"sqlite:///{folder / 'state.db'}")
    metadata.create_all(engine)
    world = World(engine, folder / "lake")
    for rows, prefix, known_at in told:
        for fact in rows:
            world.land(fact, *landed(fact, rows, prefix, known_at), now=AFTER)
    with world.read() as lake:
        frame = build(lake.as_of(CUT), CUT, CATALOGUE).frame
    engine.dispose()
    return frame.rename(index=lambda name: name[0])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("as_of")


@pytest.fixture(scope="module")
def known_in_time(folder: Path) -> pd.DataFrame:
    return snapshot(folder / "facts", (FACTS, "f", None))


@pytest.fixture(scope="module")
def told_late(folder: Path) -> pd.DataFrame:
    """What happened after the cut, before it, and otherwise: all of it told after the cut."""
    late = ((LATE, "l", AFTER), (CORRECTED, "f", AFTER), (LATER, "n", None))
    return snapshot(folder / "late", (FACTS, "f", None), *late)


@pytest.fixture(scope="module")
def told_in_time(folder: Path) -> pd.DataFrame:
    in_time = CUT - timedelta(hours=1)
    late = ((LATE, "l", in_time), (CORRECTED, "f", in_time))
    return snapshot(folder / "in_time", (FACTS, "f", None), *late)


@every_feature
def test_what_is_known_after_the_cut_changes_nothing(
    known_in_time: pd.DataFrame, told_late: pd.DataFrame, name: str
) -> None:
    pd.testing.assert_series_equal(known_in_time[name], told_late[name])


@every_feature
def test_the_same_would_be_seen_had_it_been_known(
    known_in_time: pd.DataFrame, told_in_time: pd.DataFrame, name: str
) -> None:
    assert not known_in_time[name].equals(told_in_time[name])


@every_feature
def test_the_lake_gives_the_values_worked_out_by_hand(known_in_time: pd.DataFrame, name: str) -> None:
    """But for tiers, which the lake dates by the account's creation too."""
    for account, expected in zip("ABC", VALUES[name], strict=True):
        value = known_in_time.loc[account, name]
        if isinstance(expected, float | int) and name != "tier_days":
            assert value == pytest.approx(expected, rel=1e-5)
