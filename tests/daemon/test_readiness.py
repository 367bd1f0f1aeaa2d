"""Readiness: what there is, what it will be worth, and what to do about what is missing."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from daemon.config import Config, load
from daemon.readiness import Readiness, readiness
from daemon.state import registry
from daemon.state.engine import write
from daemon.state.tables import expert_ratings, feedback_events
from models.maturity.expected_quality import CURVE, GUESSING, expected_quality
from models.tables import LEVELS
from tests.conftest import NOW, StillClock
from tests.daemon.cli.conftest import Maturityd
from tests.daemon.cli.conftest import folder as folder  # fixtures
from tests.daemon.cli.conftest import maturityd as maturityd
from tests.daemon.lake.conftest import World, usage
from tests.daemon.lake.conftest import world as world
from tests.daemon.steps.test_forecast import CONFIG
from tests.daemon.test_wanted import id_of
from tests.daemon.test_wanted import run_id as run_id


@pytest.fixture
def config(tmp_path: Path) -> Config:
    text = f"{CONFIG}\n[maturity]\nmin_labels_per_class = 2\n"
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    return load(tmp_path / "config.toml")


def rate(world: World, name: str, level: str, at: datetime = NOW) -> None:
    row = {"event_id": f"{name}{at}", "account_id": id_of(name), "level": level, "at": at}
    with write(world.engine) as connection:
        connection.execute(insert(expert_ratings).values(**row, landed_at=NOW))


def rate_enough(world: World) -> None:
    for name, level in zip("ABCDEF", ("Low", "Low", "Medium", "Medium", "High", "High"), strict=True):
        rate(world, name, level)


def looked(world: World, config: Config) -> Readiness:
    return readiness(config, world.engine, StillClock())


def test_before_the_first_pull_the_way_to_it_is_told(world: World, config: Config) -> None:
    found = looked(world, config)

    assert not found.ready
    assert found.accounts is None
    assert "run `maturityd cycle`" in found.gaps[0].to_do


@pytest.mark.usefixtures("run_id")
def test_labels_that_are_short_are_counted_with_the_way_to_more(world: World, config: Config) -> None:
    rate(world, "A", "Low")
    rate(world, "B", "High")

    found = looked(world, config)

    (gap,) = [gap for gap in found.gaps if gap.stops]
    assert gap.what.endswith("by 1 low, 2 medium, 1 high")
    assert "maturityd labels wanted" in gap.to_do
    assert found.labels[0].counts == {"low": 1, "medium": 0, "high": 1}


@pytest.mark.usefixtures("run_id")
def test_with_enough_labels_of_each_level_it_is_ready(world: World, config: Config) -> None:
    rate_enough(world)

    assert looked(world, config).ready


@pytest.mark.usefixtures("run_id")
def test_feedback_is_counted_and_makes_nobody_ready(world: World, config: Config) -> None:
    for number, name in enumerate("ABCDEF"):
        row = {"event_id": name, "account_id": id_of(name), "value": "Rating right", "at": NOW}
        with write(world.engine) as connection:
            shown = LEVELS[number % 3].title()
            connection.execute(insert(feedback_events).values(**row, shown_rating=shown, landed_at=NOW))

    found = looked(world, config)

    assert (found.labels[0].origin, sum(found.labels[0].counts.values())) == ("feedback", 6)
    assert not found.ready


@pytest.mark.usefixtures("run_id")
def test_labels_that_will_not_count_are_told_apart(world: World, config: Config) -> None:
    rate(world, "A", "Low", NOW - timedelta(days=400))
    rate(world, "B", "Low", NOW - timedelta(days=3))
    rate(world, "B", "High")

    found = looked(world, config)

    assert (found.outdated, found.left_out) == (1, 1)
    assert found.labels[0].counts == {"low": 0, "medium": 0, "high": 1}


@pytest.mark.usefixtures("run_id")
def test_history_and_match_rate_are_told_per_source(world: World, config: Config) -> None:
    world.land("usage_daily", usage("stranger", "2026-11-20", 1.0), source="other")

    found = looked(world, config)

    shares = {(each.source, each.fact): (each.days, each.matched) for each in found.sources}
    assert shares["s", "usage_daily"] == (39, 1.0)
    assert shares["other", "usage_daily"] == (0, 0.0)
    assert any("only 0% of the rows of usage_daily of other" in gap.what for gap in found.gaps)
    assert any("usage_daily of s goes back 39 days" in gap.what for gap in found.gaps)


@pytest.mark.usefixtures("run_id")
def test_features_that_most_accounts_lack_are_named(world: World, config: Config) -> None:
    found = looked(world, config)

    assert found.accounts == 6
    assert found.missing["satisfaction_365d"] == 1.0
    assert "usage_events_per_day_28d" not in found.missing


def test_once_there_was_a_training_its_quality_is_told_instead_of_a_rule_of_thumb(
    world: World, config: Config, run_id: int
) -> None:
    evaluation = {"models": {"catboost": {"macro_f1": 0.6, "n": 150}}}
    new = registry.NewVersion("maturity-1", "maturity", run_id, f"{1:064}", b"", "", evaluation, None)
    with write(world.engine) as connection:
        registry.register(connection, new, NOW)

    measured = looked(world, config).measured

    assert measured is not None
    assert (measured.macro_f1, measured.labels) == (0.6, 150)
    assert measured.error == pytest.approx(0.04, abs=0.001)


def test_a_rule_of_thumb_rises_with_the_labels_and_promises_no_more_than_was_measured() -> None:
    found = [expected_quality(count).at_best for count in range(0, 1000, 10)]

    assert found == sorted(found)
    assert found[-1] == CURVE[-1][1]
    assert expected_quality(100).at_worst == GUESSING


def test_the_command_exits_with_1_until_it_is_ready(maturityd: Maturityd) -> None:
    said, asked = maturityd("readiness"), maturityd("readiness", "--json")

    assert (said.code, asked.code) == (1, 1)
    assert "not ready" in said.out
    assert asked.json["ready"] is False
