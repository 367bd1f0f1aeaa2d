"""Which anomalies fall due to be told to the customer, and until when."""

from datetime import timedelta

import pytest

from daemon.config import Config
from daemon.config.notices import NoticesTable
from tests.daemon.lake.conftest import World
from tests.daemon.lake.conftest import world as world  # the fixture
from tests.daemon.steps.test_forecast import config as plain  # noqa: F401 - the fixture
from tests.daemon.steps.test_forecast_anomalies import LAST, STRUCK, Morning, kept, land
from tests.daemon.steps.test_forecast_anomalies import morning as morning  # the fixture

ON = NoticesTable(enabled=True)


@pytest.fixture
def config(plain: Config) -> Config:  # noqa: F811
    return plain.model_copy(update={"notices": ON})


def stop_seen(world: World, morning: Morning, days: int, back: int | None = None) -> None:
    """So many mornings after days without use; back: the day on which use is as ever again."""
    morning(LAST + timedelta(days=1))
    for day in range(1, days + 1):
        share = 1.0 if back is not None and day >= back else 0.0
        land(world, LAST + timedelta(days=day), **{STRUCK: share})
        morning(LAST + timedelta(days=day + 1))


def test_a_stop_falls_due_when_it_is_confirmed_and_not_before(world: World, morning: Morning) -> None:
    stop_seen(world, morning, 2)
    before = [row["notice"] for row in kept(world)]
    land(world, LAST + timedelta(days=3), **{STRUCK: 0})
    morning(LAST + timedelta(days=4))

    (row,) = kept(world)
    assert before == [None]
    assert (row["status"], row["notice"]) == ("confirmed", "due")
    assert row["letter"]["subject"] == "no use since 26 February 2026"


def test_a_stop_that_is_over_is_none_to_tell(world: World, morning: Morning) -> None:
    stop_seen(world, morning, 4, back=4)

    (row,) = kept(world)
    assert (row["status"], row["notice"], row["letter"]) == ("recovered", "due", None)


def test_what_the_very_first_look_finds_is_no_news(world: World, morning: Morning) -> None:
    for day in range(1, 5):
        land(world, LAST + timedelta(days=day), **{STRUCK: 0})

    morning(LAST + timedelta(days=5))

    (row,) = kept(world)
    assert (row["status"], row["notice"]) == ("confirmed", None)


class TestSwitchedOnLater:
    """The admin switches notices on while a stop is known."""

    @pytest.fixture
    def config(self, plain: Config) -> Config:  # noqa: F811
        return plain

    def test_what_was_confirmed_before_is_never_told(
        self, world: World, config: Config, morning: Morning
    ) -> None:
        stop_seen(world, morning, 3)
        before = kept(world)
        object.__setattr__(config, "notices", ON)
        land(world, LAST + timedelta(days=4), **{STRUCK: 0})

        morning(LAST + timedelta(days=5))

        (row,) = kept(world)
        assert (before[0]["status"], before[0]["notice"]) == ("confirmed", None)
        assert (row["status"], row["notice"]) == ("confirmed", None)
