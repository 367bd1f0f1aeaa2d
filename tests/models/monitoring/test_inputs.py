"""Input checks on a simulated company: quiet while it lives, loud when a source breaks."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from models.features.feature import Catalogue
from models.monitoring.input_profile import Profile, profile
from models.monitoring.inputs import InputAlarm, compare, slow_drift, undisturbed
from models.tables import Snapshot
from tests.models.monitoring.simulated import CATALOGUE, CATEGORIES, NUMBERS, days

ACCOUNTS = 600
Column = Callable[[pd.Series], pd.Series]


@dataclass(frozen=True)
class World:
    """A month of undisturbed runs, and the day after it as it would be."""

    history: list[Profile]
    yesterday: Snapshot
    today: Snapshot

    def alarms(self, today: Snapshot | None = None, tolerance: float = 1.0) -> list[InputAlarm]:
        """Alarms of today's snapshot, or of another in its place."""
        now = profile(today or self.today, CATALOGUE, self.yesterday)
        return compare(now, self.history, CATALOGUE, self.history[0], tolerance=tolerance)

    def with_column(self, feature: str, changed: Column) -> list[InputAlarm]:
        """Alarms about one feature when its column is changed today."""
        frame = self.today.frame.assign(**{feature: changed(self.today.frame[feature].copy())})
        alarms = self.alarms(replace(self.today, frame=frame))
        assert {alarm.feature for alarm in alarms} <= {feature}
        return alarms


@pytest.fixture(scope="module")
def world() -> World:
    snapshots = list(days(ACCOUNTS, 31, seed=7))
    history = [profile(snapshots[0], CATALOGUE)]
    history += [profile(now, CATALOGUE, before) for before, now in pairwise(snapshots[:-1])]
    return World(history, snapshots[-2], snapshots[-1])


def some(share: float, values: pd.Series, changed: pd.Series | float | str) -> pd.Series:
    """The values, with a share of them changed."""
    return values.mask(np.random.default_rng(1).random(len(values)) < share, changed)


def test_two_undisturbed_months_with_a_holiday_ring_at_most_once() -> None:
    runs: list[Profile] = []
    alarms: list[InputAlarm] = []
    previous = None
    for snapshot in days(ACCOUNTS, 60, seed=2):
        now = profile(snapshot, CATALOGUE, previous)
        alarms += compare(now, runs, CATALOGUE, (runs or [now])[0])
        runs.append(now)
        previous = snapshot
        assert not slow_drift(runs, CATALOGUE, runs[0])

    assert len({(alarm.feature, alarm.kind) for alarm in alarms}) <= 1


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda x: x * 1000, id="other unit"),
        pytest.param(lambda x: some(0.2, x, x * 1000), id="other unit in a fifth of the rows"),
        pytest.param(lambda x: some(0.2, x, np.nan), id="a fifth missing"),
        pytest.param(lambda x: x * np.nan, id="all missing"),
        pytest.param(lambda x: x + 0.5 * x.std(), id="shifted by half a standard deviation"),
        pytest.param(lambda x: x.where(x.isna(), 0.0), id="all zero"),
    ],
)
@pytest.mark.parametrize("feature", NUMBERS[::4])
def test_a_broken_number_rings(world: World, feature: str, change: Column) -> None:
    """Level, trend, many zeros, static and gappy numbers, each broken in each way."""
    assert world.with_column(feature, change)


@pytest.mark.parametrize("feature", ["level_0", "trend_1", "sparse_2", "gappy_3"])
def test_frozen_values_ring(world: World, feature: str) -> None:
    stale = world.yesterday.frame[feature]

    alarms = world.with_column(feature, lambda x: stale.reindex(x.index).fillna(x))

    assert [alarm.kind for alarm in alarms] == ["frozen"]


def test_a_static_number_may_stand_still(world: World) -> None:
    assert world.with_column("static_0", lambda x: world.yesterday.frame["static_0"].reindex(x.index)) == []


@pytest.mark.parametrize("feature", CATEGORIES)
def test_a_renamed_level_rings_as_such(world: World, feature: str) -> None:
    alarms = world.with_column(feature, lambda x: x.replace("l2", "L-2"))

    assert [(alarm.kind, alarm.detail) for alarm in alarms] == [("renamed", "l2 became L-2")]


@pytest.mark.parametrize("feature", CATEGORIES)
def test_levels_never_seen_in_training_ring(world: World, feature: str) -> None:
    alarms = world.with_column(feature, lambda x: some(0.03, x, "unheard of"))

    assert ("unseen_levels", "unheard of") in {(alarm.kind, alarm.detail) for alarm in alarms}


def test_a_level_that_stays_unseen_rings_once(world: World) -> None:
    seen = replace(world.yesterday, frame=world.yesterday.frame.assign(class_8="unheard of"))
    tomorrow = replace(world.today, frame=world.today.frame.assign(class_8="unheard of"))
    history = [*world.history[:-1], profile(seen, CATALOGUE)]

    assert compare(profile(tomorrow, CATALOGUE, seen), history, CATALOGUE, history[0]) == []


def test_a_flood_of_levels_rings(world: World) -> None:
    alarms = world.with_column("class_3", lambda x: some(0.03, x, x + x.index.str[-1]))

    assert "more_levels" in {alarm.kind for alarm in alarms}


def test_moved_shares_of_known_levels_ring(world: World) -> None:
    alarms = world.with_column("class_8", lambda x: some(0.1, x, "l0"))

    assert [(alarm.kind, alarm.measure) for alarm in alarms] == [("moved", "level_distance")]


@pytest.mark.parametrize(
    ("feature", "change"),
    [
        ("age", lambda x: x - 30),
        ("age", lambda x: x * 24),
        ("total", lambda x: some(0.05, x, x / 2)),
    ],
)
def test_a_growing_feature_that_grows_otherwise_rings(world: World, feature: str, change: Column) -> None:
    alarms = world.with_column(feature, change)

    assert "unexpected" in {alarm.kind for alarm in alarms}


def test_an_alarm_names_the_source_and_what_was_allowed(world: World) -> None:
    alarms = {a.measure: a for a in world.with_column("class_20", lambda x: some(0.3, x, None))}

    alarm = alarms["missing_share"]
    assert (alarm.source, alarm.before, alarm.threshold) == ("class", 0.0, 0.03)
    assert alarm.now == pytest.approx(0.3, abs=0.05)


def test_alarms_are_ordered_by_source(world: World) -> None:
    """A source that breaks breaks all of its features; they stand together."""
    broken = world.today.frame.assign(**dict.fromkeys(NUMBERS, 0.0))

    sources = [alarm.source for alarm in world.alarms(replace(world.today, frame=broken))]

    assert sources == sorted(sources)
    assert {"level", "sparse", "gappy"} <= set(sources)


def test_double_floors_let_a_holiday_pass(world: World) -> None:
    dip = replace(world.today, frame=world.today.frame.assign(static_0=lambda t: t.static_0 - 0.3))

    assert world.alarms(dip)
    assert not world.alarms(dip, tolerance=2)


def test_the_first_run_has_nothing_to_compare_with(world: World) -> None:
    assert compare(profile(world.today, CATALOGUE), [], CATALOGUE, world.history[0]) == []


def test_a_new_feature_rings_neither_when_it_comes_nor_when_it_goes(world: World) -> None:
    fewer = Catalogue(tuple(f for f in CATALOGUE if f.name != "level_0"))
    before = profile(world.yesterday, fewer)
    now = profile(world.today, CATALOGUE)

    assert compare(now, [before], CATALOGUE, before) == []
    assert compare(before, [now], CATALOGUE, now) == []


def test_a_profile_is_stored_as_text_and_comes_back_equal(world: World) -> None:
    stored = world.history[-1].to_json()

    assert Profile.from_json(stored) == world.history[-1]
    assert len(stored) < 1500 * len(CATALOGUE)


def test_a_handful_of_accounts_is_described_without_distributions() -> None:
    """Shares remain, and five accounts may change sides without an alarm."""
    first, second = days(12, 2, seed=3)
    gone = replace(second, frame=second.frame.assign(level_0=lambda t: some(0.3, t.level_0, np.nan)))
    before = profile(first, CATALOGUE)

    assert before.numbers["level_0"].quantiles == ()
    assert compare(profile(gone, CATALOGUE, first), [before], CATALOGUE, before) == []


def _drifted(world: World, runs: int) -> list[Profile]:
    moved = world.today.frame.assign(trend_0=lambda t: t.trend_0 + 0.8, class_3="l1")
    return [
        profile(replace(world.today, as_of=world.today.as_of + timedelta(days=day), frame=moved), CATALOGUE)
        for day in range(runs)
    ]


def test_drift_from_training_is_told_after_three_runs(world: World) -> None:
    quiet = world.history[-1:]

    assert slow_drift(quiet + _drifted(world, 2), CATALOGUE, world.history[0]) == []
    drifts = slow_drift(quiet + _drifted(world, 3), CATALOGUE, world.history[0])
    assert {(alarm.feature, alarm.kind) for alarm in drifts} == {("trend_0", "drift"), ("class_3", "drift")}


def test_growth_is_no_drift_from_training(world: World) -> None:
    """Half a year later every account is half a year older, and nothing else."""
    later = world.today.as_of + timedelta(days=180)
    frame = world.today.frame.assign(age=lambda t: t.age + 180, total=lambda t: t.total + 500)
    runs = [profile(Snapshot(later, frame, ""), CATALOGUE)] * 3

    assert slow_drift(runs, CATALOGUE, world.history[0]) == []


def test_an_age_that_stopped_is_a_drift_from_training(world: World) -> None:
    later = replace(world.today, as_of=world.today.as_of + timedelta(days=700))

    alarms = slow_drift([profile(later, CATALOGUE)] * 3, CATALOGUE, world.history[0])

    assert [alarm.feature for alarm in alarms] == ["age"]


@pytest.mark.parametrize("feature", [NUMBERS[0], CATEGORIES[0]])
def test_an_alarm_lasts_until_the_values_are_as_they_were_and_their_return_does_not_ring(
    world: World, feature: str
) -> None:
    """History keeps what rang as it was before."""
    other = (lambda x: x * 1000) if feature in NUMBERS else (lambda x: x + " plc")
    broken = replace(
        world.today, frame=world.today.frame.assign(**{feature: other(world.today.frame[feature])})
    )
    bad = profile(broken, CATALOGUE, world.yesterday)
    history = [*world.history, undisturbed(bad, world.history[-1], {feature})]
    next_day = broken.as_of + timedelta(days=1)
    still_bad = profile(replace(broken, as_of=next_day), CATALOGUE, broken)
    repaired = profile(replace(world.today, as_of=next_day), CATALOGUE, broken)

    lasting = {alarm.feature for alarm in compare(still_bad, history, CATALOGUE, history[0])}
    after = {
        alarm.feature
        for alarm in compare(repaired, history, CATALOGUE, history[0])
        if alarm.kind not in ("frozen", "unexpected")
    }

    assert feature in lasting
    assert feature not in after


def test_a_feature_that_history_never_had_is_kept_as_it_is(world: World) -> None:
    now = profile(world.today, CATALOGUE, world.yesterday)
    before = replace(world.history[-1], numbers={}, categories={})

    assert undisturbed(now, before, set(CATALOGUE.names)) == now
