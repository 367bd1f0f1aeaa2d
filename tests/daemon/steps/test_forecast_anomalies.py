"""What runs remember of anomalies, and what they hold back when the source is at fault."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from daemon.alerts.book import open_alerts
from daemon.config import Config
from daemon.context import Context
from daemon.slots import Slot
from daemon.state import runs
from daemon.state.engine import read, write
from daemon.state.predictions import forecasts_of
from daemon.state.tables import anomalies
from daemon.steps import forecast
from tests.conftest import StillClock
from tests.daemon.lake.conftest import World, account, usage
from tests.daemon.lake.conftest import world as world  # the fixture
from tests.daemon.steps.test_forecast import config as config  # the fixture

TENANTS = [f"T{number:02}" for number in range(24)]
STRUCK = TENANTS[3]
LAST = date(2026, 2, 25)
"""A Wednesday, up to which everything is as ever."""

Morning = Callable[[date], int]


@pytest.fixture
def morning(world: World, config: Config, clock: StillClock) -> Morning:
    """Runs the step on the morning of a day; the run's id."""
    world.land("accounts", *(account(name, tenant=name) for name in TENANTS))
    for back in range(130):
        land(world, LAST - timedelta(days=back))

    def run(day: date) -> int:
        clock.instant = datetime(day.year, day.month, day.day, 5, 30, tzinfo=UTC)
        slot = Slot(f"{clock.instant:%Y-%m-%dT%H:%M}", clock.instant)
        with write(world.engine) as connection:
            claimed = runs.claim(connection, slot, 1, clock.instant)
            runs.set_cut(connection, claimed.id, clock.instant)
        with read(world.engine) as connection:
            found = runs.find(connection, slot.name)
        assert found is not None
        for _ in range(2):  # a step may be run again
            forecast.run(Context(config, world.engine, clock, found, lambda *_: None))
        return found.id

    return run


def land(world: World, day: date, share: float = 1.0, **shares: float) -> None:
    """A day's usage of every tenant; share: of what it usually is, of all or of those named."""
    world.land(
        "usage_daily",
        *(
            usage(name, day.isoformat(), round(shares.get(name, share) * usual(number, day)))
            for number, name in enumerate(TENANTS)
        ),
    )


def usual(number: int, day: date) -> int:
    return 100 + 10 * day.weekday() + (7 * number + 5 * day.toordinal()) % 13


def kept(world: World) -> list[dict[str, Any]]:
    with read(world.engine) as connection:
        return [dict(row) for row in connection.execute(select(anomalies)).mappings()]


def test_a_stop_is_one_row_from_its_first_sight_to_its_end(world: World, morning: Morning) -> None:
    seen = []
    for days, share in enumerate((0, 0, 0, 1), start=1):
        land(world, LAST + timedelta(days=days), **{STRUCK: share})
        run = morning(LAST + timedelta(days=days + 1))
        seen.append([(row["status"], row["kind"]) for row in kept(world)])

    assert [kind for ((_, kind),) in seen] == ["drop", "stop", "stop", "stop"]
    assert [status for ((status, _),) in seen] == ["open", "open", "confirmed", "recovered"]
    (row,) = kept(world)
    told = [row[name].date() for name in ("opened_at", "confirmed_at", "recovered_at")]
    assert told == [date(2026, 2, 27), date(2026, 3, 1), date(2026, 3, 2)]
    assert row["sentence"] == "Usage stopped on 26 February and is back since 1 March."
    with read(world.engine) as connection:
        (shown,) = forecasts_of(connection, run)[row["account_id"]]["anomalies"]
    assert (shown["status"], shown["sentence"]) == ("recovered", row["sentence"])


def test_a_fault_of_the_source_on_the_newest_day_is_one_alert_and_opens_no_anomaly(
    world: World, morning: Morning
) -> None:
    day = LAST + timedelta(days=1)
    land(world, day, share=0.05)

    morning(day + timedelta(days=1))

    with read(world.engine) as connection:
        (alert,) = open_alerts(connection, "usage")
    assert alert["title"] == "Usage of most accounts was below its forecast on 2026-02-26"
    assert kept(world) == []


def test_a_reload_of_the_source_ends_the_alert_and_leaves_no_anomaly(world: World, morning: Morning) -> None:
    day = LAST + timedelta(days=1)
    land(world, day, share=0.05)
    morning(day + timedelta(days=1))
    land(world, day)
    land(world, day + timedelta(days=1))

    morning(day + timedelta(days=2))

    with read(world.engine) as connection:
        assert open_alerts(connection, "usage") == []
    assert kept(world) == []
