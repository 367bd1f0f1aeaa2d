"""Whether the features of a run are as those of the runs before: effect sizes with floors, no p-values.

Accounts move together, so tests of hypotheses ring in most undisturbed runs, at any level and with any
correction. Here the change of a measure is held against a floor, and against what this very feature did
in the last four weeks. The floors were set on simulated months of 10,000 accounts; double them
(`tolerance=2`) on public holidays and in the run after. A feature that grows by nature is tested account
by account instead.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

import numpy as np

from models.features.expect import Step
from models.features.feature import Catalogue, Feature
from models.monitoring.input_measures import (
    Movement,
    category_movements,
    drift,
    level_distance,
    number_movements,
)
from models.monitoring.input_profile import CategoryProfile, NumberProfile, Profile

FLOORS = {
    "distance": 0.2,
    "mean": 0.2,
    "log_sd": 0.5,
    "log_size": 0.25,
    "zero_share": 0.05,
    "missing_share": 0.03,
    "level_distance": 0.02,
}
"""By measure. `distance` (Wasserstein) and `mean` are in standard deviations of the training table."""

FEW_ACCOUNTS = 5
"""So many accounts may always change sides: a share's floor is no less, however few accounts there are."""

SHARES = ("zero_share", "missing_share", "level_distance")

HISTORY = timedelta(days=28)
FEWEST_CHANGES = 7
NEW_TOLERANCE = 2.0
"""Factor on the floors of a feature with fewer past changes, whose own movements are not known yet."""

NOISE = 4.0
"""A change may be so many times the 90th percentile of the past changes."""

UNSEEN_SHARE = 0.005
MORE_LEVELS_TIMES, MORE_LEVELS = 1.2, 3
RENAMED_ALIKE = 0.25
FROZEN = 0.2
FEWEST_MOVES = 20
AS_EXPECTED = 0.99
DRIFT_BOUNDS = {"psi": 0.25, "distance": 0.4, "level_distance": 0.25}
DRIFT_RUNS = 3
DRIFT_ACCOUNTS = 200
"""With fewer accounts chance alone moves a distribution as far."""

T = TypeVar("T")


@dataclass(frozen=True)
class InputAlarm:
    """A feature that is not as it was.

    source: the fact it mainly comes from; alarms of one source have one cause, so tell them as one.
    kind: `moved`, `unseen_levels`, `more_levels`, `renamed`, `frozen`, `unexpected` or (slow) `drift`.
    measure: what was compared. before, now: its values; of a distance, the last one and this one, and of
        `drift`, 0 and the distance.
    threshold: the change of a `moved` measure that was allowed, else the bound of `now`.
    detail: the levels concerned, as they stand in the data; empty for numbers.
    """

    source: str
    feature: str
    kind: str
    measure: str
    before: float
    now: float
    threshold: float
    detail: str = ""


def compare(
    current: Profile,
    history: Sequence[Profile],
    catalogue: Catalogue,
    reference: Profile,
    *,
    tolerance: float = 1.0,
) -> list[InputAlarm]:
    """Alarms of this run against the one before, ordered by source.

    history: undisturbed earlier runs, oldest first; the last is the one compared with, and the snapshot
        behind it the `previous` of the current profile. Without any there is no alarm.
    reference: the profile of the table that the model in use was trained on (of the first snapshot
        while there is no model): it gives the scale, the bounds of outliers and the levels seen.
    tolerance: factor on all floors.
    """
    if not history:
        return []
    runs = [run for run in history[:-1] if run.as_of >= current.as_of - HISTORY]
    runs += [history[-1], current]
    alarms = (_alarms(feature, runs, reference, tolerance) for feature in catalogue)
    return _by_source(alarm for found in alarms for alarm in found)


def undisturbed(current: Profile, previous: Profile, features: Collection[str]) -> Profile:
    """This run's profile with some features as they were in the one before.

    What history keeps of a run with alarms: the next run is then compared with the last usual values, so
    that the alarm lasts while they are off, and no return to them rings.
    """
    return replace(
        current,
        numbers={
            name: previous.numbers.get(name, one) if name in features else one
            for name, one in current.numbers.items()
        },
        categories={
            name: previous.categories.get(name, one) if name in features else one
            for name, one in current.categories.items()
        },
    )


def slow_drift(recent: Sequence[Profile], catalogue: Catalogue, reference: Profile) -> list[InputAlarm]:
    """Features that were far from the training table in each of the last three runs: for a report, no page.

    recent: the last runs, oldest first; under DRIFT_ACCOUNTS nothing is said. Growing features are compared
        less their growth where it is a `step`, else not at all.
    """
    last = recent[-DRIFT_RUNS:]
    if len(last) < DRIFT_RUNS or last[-1].accounts < DRIFT_ACCOUNTS:
        return []
    found = []
    for feature in catalogue:
        drifts = [_drift(feature, run, reference) for run in last]
        if all(drifts):
            found.append(drifts[-1])
    return _by_source(alarm for alarm in found if alarm)


def _by_source(alarms: Iterable[InputAlarm]) -> list[InputAlarm]:
    return sorted(alarms, key=lambda alarm: alarm.source)


def _alarms(
    feature: Feature, runs: Sequence[Profile], reference: Profile, tolerance: float
) -> list[InputAlarm]:
    """Alarms of one feature: the last of the runs against the one before."""
    current, name = runs[-1], feature.name
    few = FEW_ACCOUNTS / max(current.accounts, 1)
    floors = {measure: tolerance * max(floor, few * (measure in SHARES)) for measure, floor in FLOORS.items()}
    if feature.kind == "category":
        levels = _unbroken([run.categories.get(name) for run in runs])
        trained = reference.categories.get(name)
        if len(levels) < 2 or trained is None:
            return []
        found = _of_levels(feature, levels[-2], levels[-1], trained, tolerance * max(UNSEEN_SHARE, few))
        if not found:
            found = _moved(feature, category_movements(levels), floors)
        return found + _frozen(feature, [one.changed_share for one in levels], current.paired)
    numbers = _unbroken([run.numbers.get(name) for run in runs])
    scale = reference.numbers.get(name)
    if len(numbers) < 2 or scale is None:
        return []
    movements = number_movements(numbers, scale)
    if feature.expect is not None and feature.expect.grows:
        movements = {"missing_share": movements["missing_share"]}
    return [
        *_moved(feature, movements, floors),
        *_frozen(feature, [one.changed_share for one in numbers], current.paired),
        *_unexpected(feature, numbers[-1]),
    ]


def _unbroken(profiles: Sequence[T | None]) -> list[T]:
    """The last profiles in a row that there are: a feature may be younger than the history."""
    kept: list[T] = []
    for one in reversed(profiles):
        if one is None:
            break
        kept.insert(0, one)
    return kept


def _moved(
    feature: Feature, movements: Mapping[str, Movement], floors: Mapping[str, float]
) -> list[InputAlarm]:
    """Measures whose last change is beyond its floor and beyond what the feature did before."""
    alarms = []
    for measure, movement in movements.items():
        past, change = movement.changes[:-1], movement.changes[-1]
        past = past[~np.isnan(past)]
        usual, allowed = 0.0, NEW_TOLERANCE * floors[measure]
        if len(past) >= FEWEST_CHANGES:
            usual = float(np.median(past))
            allowed = max(floors[measure], NOISE * float(np.quantile(np.abs(past - usual), 0.9)))
        if abs(change - usual) > allowed:
            before, now = (float(value) for value in movement.values[-2:])
            alarms.append(_alarm(feature, "moved", measure, before, now, allowed))
    return alarms


def _of_levels(
    feature: Feature, before: CategoryProfile, now: CategoryProfile, trained: CategoryProfile, least: float
) -> list[InputAlarm]:
    """Levels renamed, never seen in training, or grown many. least: share of accounts that matters."""
    for new in now.shares.keys() - before.shares.keys():
        for lost in before.shares.keys() - now.shares.keys():
            old_share, share = before.shares[lost], now.shares[new]
            if share > least and abs(share - old_share) <= RENAMED_ALIKE * old_share:
                names = f"{lost} became {new}"
                return [_alarm(feature, "renamed", "level_share", old_share, share, least, names)]
    alarms = []
    unseen = {level: share for level, share in now.shares.items() if level not in trained.shares}
    known_unseen = sum(share for level, share in before.shares.items() if level not in trained.shares)
    if known_unseen <= least < sum(unseen.values()):
        names, share = ", ".join(sorted(unseen)), sum(unseen.values())
        alarms.append(_alarm(feature, "unseen_levels", "level_share", known_unseen, share, least, names))
    many = max(MORE_LEVELS_TIMES * len(before.shares), len(before.shares) + MORE_LEVELS)
    if len(now.shares) > many:
        alarms.append(_alarm(feature, "more_levels", "levels", len(before.shares), len(now.shares), many))
    return alarms


def _frozen(feature: Feature, changed: Sequence[float | None], paired: int) -> list[InputAlarm]:
    """Values that stand still although many of them use to change from run to run."""
    past = [share for share in changed[:-1] if share is not None]
    now = changed[-1]
    if now is None or len(past) < FEWEST_CHANGES:
        return []
    usual = float(np.median(past))
    if usual * paired >= FEWEST_MOVES and now < FROZEN * usual:
        return [_alarm(feature, "frozen", "changed_share", usual, now, FROZEN * usual)]
    return []


def _unexpected(feature: Feature, now: NumberProfile) -> list[InputAlarm]:
    """Accounts whose values did not change as the feature's `expect` says."""
    if now.expected_share is None or now.expected_share >= AS_EXPECTED:
        return []
    return [_alarm(feature, "unexpected", "expected_share", 1.0, now.expected_share, AS_EXPECTED)]


def _drift(feature: Feature, run: Profile, reference: Profile) -> InputAlarm | None:
    """The measure furthest beyond its bound, if one is."""
    measures: dict[str, float] = {}
    if feature.name in run.categories and feature.name in reference.categories:
        trained = reference.categories[feature.name]
        measures = {"level_distance": level_distance(trained.shares, run.categories[feature.name].shares)}
    elif feature.name in run.numbers and feature.name in reference.numbers:
        grown = _grown(feature, (run.as_of - reference.as_of) / timedelta(days=1))
        if grown is not None:
            measures = drift(run.numbers[feature.name], reference.numbers[feature.name], grown)
    beyond = {measure: value / DRIFT_BOUNDS[measure] for measure, value in measures.items()}
    worst = max(beyond, key=lambda measure: beyond[measure], default="")
    if not worst or beyond[worst] <= 1:
        return None
    return _alarm(feature, "drift", worst, 0.0, measures[worst], DRIFT_BOUNDS[worst])


def _grown(feature: Feature, days: float) -> float | None:
    """What every account has grown by since training; None where nobody can say."""
    if feature.expect is None or not feature.expect.grows:
        return 0.0
    return feature.expect.per_day * days if isinstance(feature.expect, Step) else None


def _alarm(
    feature: Feature, kind: str, measure: str, before: float, now: float, threshold: float, detail: str = ""
) -> InputAlarm:
    return InputAlarm(feature.sources[0], feature.name, kind, measure, before, now, threshold, detail)
