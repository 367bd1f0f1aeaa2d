"""Usage becomes panels as it was known at a cut, whatever is read at a time."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from daemon.lake.reading import LakeReader
from daemon.usage import usage_panels
from tests.daemon.lake.conftest import World, account, usage
from tests.daemon.lake.conftest import world as world  # the fixture

CUT = datetime(2026, 2, 20, 5, tzinfo=UTC)


@pytest.fixture
def landed(world: World) -> World:
    """A is measured with gaps, B once, C never; X is no account."""
    world.land("accounts", *(account(name, tenant=name, country="DE") for name in "CAB"))
    days = [f"2026-02-{day:02d}" for day in range(3, 19) if day != 9]
    rows = [usage("A", day, float(number), users=3.0) for number, day in enumerate(days)]
    rows += [usage("A", "2026-02-18", 4.0, users=5.0) | {"technology": "maven"}]
    rows += [usage("B", "2026-02-19", 7.0), usage("X", "2026-01-01", 1.0)]
    world.land("usage_daily", *rows)
    return world


def test_a_panel_begins_with_the_first_measured_day_of_an_account(landed: World) -> None:
    with LakeReader(landed.engine, landed.lake) as reader:
        events, breadths = usage_panels(reader, CUT)

    assert [name[0] for name in events.account_ids] == ["A", "B", "C"]
    assert (events.start, events.until) == (date(2026, 2, 3), date(2026, 2, 20))
    assert np.isnan(events.values[2]).all()
    np.testing.assert_array_equal(events.values[0, [0, 1, 6, 7, -2, -1]], [0, 1, np.nan, 6, 14 + 4, np.nan])
    np.testing.assert_array_equal(breadths["users"].values[:2, -2:], [[5, np.nan], [np.nan, np.nan]])
    np.testing.assert_array_equal(breadths["technologies"].values[:2, -2:], [[2, np.nan], [np.nan, 1]])


def test_how_many_days_are_read_at_a_time_changes_nothing(
    landed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LakeReader(landed.engine, landed.lake) as reader:
        at_once = usage_panels(reader, CUT)
        monkeypatch.setattr("daemon.usage.READ_DAYS", 3)
        bit_by_bit = usage_panels(reader, CUT)

    for one, other in zip(
        (at_once[0], *at_once[1].values()), (bit_by_bit[0], *bit_by_bit[1].values()), strict=True
    ):
        assert (one.account_ids, one.start, one.until) == (other.account_ids, other.start, other.until)
        np.testing.assert_array_equal(one.values, other.values)


def test_only_the_newest_days_of_a_breadth_are_read(landed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daemon.usage.BREADTH_DAYS", 5)

    with LakeReader(landed.engine, landed.lake) as reader:
        events, breadths = usage_panels(reader, CUT)

    assert events.days == 17
    assert breadths["users"].start == date(2026, 2, 15)


def test_without_any_usage_panels_have_no_days(world: World) -> None:
    world.land("accounts", account("A", tenant="A"))

    with LakeReader(world.engine, world.lake) as reader:
        events, breadths = usage_panels(reader, CUT)

    assert (events.days, len(events.account_ids)) == (0, 1)
    assert {each.days for each in breadths.values()} == {0}
