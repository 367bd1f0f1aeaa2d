"""The choice of an operating point for a stated goal, from held-out predictions alone.

A goal is about one level: "the most recall of high, with a precision of at least .8". What is promised is
promised with 90 % confidence: a cut whose precision merely was .8 on the held-out labels breaks the promise
on new accounts in more than half of all cases, one whose Wilson bound is above .8 in an eighth.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from models.maturity.held_out import HeldOut
from models.maturity.levels import expected_level

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

Measure = Literal["recall", "precision", "f1"]
MEASURES: tuple[Measure, ...] = get_args(Measure)

ONE_SIDED_90 = 1.2815515655446004
FEWEST_SELECTED = 20
"""Labels that a cut must select before anything is promised of it."""

REPORT_SHARE = 1 / 3
"""The newest labels, which nothing is chosen on: they say what the choice is worth."""

MIDDLE_EDGES = 80
"""Edges tried on each side of a level that has neighbours on both."""

CURVE_POINTS = 60

TELL_APART = 1e-6
"""Expected levels closer than this are one: they come from probabilities kept in 16 bits."""


@dataclass(frozen=True)
class Goal:
    """precision, recall: at least so much, with 90 % confidence; None where nothing is promised."""

    maximize: Measure
    level: int
    precision: float | None = None
    recall: float | None = None


@dataclass(frozen=True)
class Found:
    """What a rule that rates some accounts with the goal's level got right, as counts of labels."""

    labels: int
    positives: int
    selected: int
    hits: int

    @property
    def precision(self) -> float | None:
        return self.hits / self.selected if self.selected else None

    @property
    def recall(self) -> float | None:
        return self.hits / self.positives if self.positives else None

    @property
    def precision_bound(self) -> float:
        """What the precision is at least, with 90 % confidence."""
        return float(wilson_bound(np.array(self.hits), np.array(self.selected)))

    @property
    def recall_bound(self) -> float:
        """What the recall is at least, with 90 % confidence."""
        return float(wilson_bound(np.array(self.hits), np.array(self.positives)))

    def as_json(self) -> dict[str, Any]:
        derived = ("precision", "precision_bound", "recall", "recall_bound")
        return {**vars(self), **{name: getattr(self, name) for name in derived}}


@dataclass(frozen=True)
class CurvePoint:
    """The best that can be had at one recall. lower, upper: of the expected levels that are selected;
    None where the level has no neighbour on that side."""

    lower: float | None
    upper: float | None
    found: Found

    def as_json(self) -> dict[str, Any]:
        return {"lower": self.lower, "upper": self.upper, **self.found.as_json()}


@dataclass(frozen=True)
class Choice:
    """cut: None where no cut reaches the goal; then the level cut serves.

    chosen_on: what the cut found on the earlier labels. reported_on: on the newest, with which nothing
        was chosen; by the level cut where there is no other. level_cut: on all labels, by the level cut.
    """

    cut: CurvePoint | None
    reported_on: Found
    level_cut: Found
    curve: tuple[CurvePoint, ...]


def choose(held_out: HeldOut, goal: Goal) -> Choice:
    """The cut on the expected level that is best for the goal.

    The level's accounts are those whose expected level is in an interval, as for the level cut. (A cut on
    the level's own probability finds no more: recall .758 against .761, on 24 made-up sets of 1,800 labels.)

    Chosen on the earlier labels, reported on the newest; both parts in time, then by account.
    """
    expected = expected_level(held_out.shares())
    truth = held_out.level == goal.level
    earlier, newest = parts(held_out)
    highest = held_out.probabilities.shape[1] - 1
    rules = _Rules.of(expected[earlier], truth[earlier], goal.level, highest)
    best = rules.best(goal)
    level_rated = held_out.rating == goal.level
    if best is None:
        reported = _found(level_rated[newest], truth[newest])
    else:
        reported = _found(selects(expected[newest], best.lower, best.upper), truth[newest])
    return Choice(best, reported, _found(level_rated, truth), rules.curve())


def with_cut(cuts: Sequence[float], level: int, cut: CurvePoint | None) -> tuple[float, ...]:
    """Cut points on the expected level with those of one level replaced; never decreasing."""
    changed = list(cuts)
    if cut is not None and cut.lower is not None:
        changed[level - 1] = cut.lower
        changed[: level - 1] = [min(each, cut.lower) for each in changed[: level - 1]]
        changed[level:] = [max(each, cut.lower) for each in changed[level:]]
    if cut is not None and cut.upper is not None:
        changed[level] = cut.upper
        changed[:level] = [min(each, cut.upper) for each in changed[:level]]
        changed[level + 1 :] = [max(each, cut.upper) for each in changed[level + 1 :]]
    return tuple(changed)


def selects(expected: Floats, lower: float | None, upper: float | None) -> Bools:
    """(n,), whether a rule takes an account."""
    above = np.ones(len(expected), dtype=bool) if lower is None else expected >= lower
    taken: Bools = above if upper is None else above & (expected < upper)
    return taken


def wilson_bound(hits: Ints, tried: Ints) -> Floats:
    """Lower end of the one-sided 90 % interval of a share (Wilson 1927); 0 where nothing was tried."""
    n = np.maximum(tried, 1).astype(float)
    share = hits / n
    spread = ONE_SIDED_90 * np.sqrt(share * (1 - share) / n + ONE_SIDED_90**2 / (4 * n**2))
    bound: Floats = (share + ONE_SIDED_90**2 / (2 * n) - spread) / (1 + ONE_SIDED_90**2 / n)
    return np.where(tried > 0, np.clip(bound, 0.0, share), 0.0)


@dataclass(frozen=True)
class _Rules:
    """Every interval that is tried, with what it found: arrays of one length."""

    lower: Floats
    upper: Floats
    selected: Ints
    hits: Ints
    labels: int
    positives: int

    @classmethod
    def of(cls, expected: Floats, truth: Bools, level: int, highest: int) -> "_Rules":
        """Intervals between distinct expected levels, with NaN for an open side."""
        order = np.argsort(expected, kind="stable")
        values, hits = expected[order], np.concatenate([[0], np.cumsum(truth[order])])
        places = np.flatnonzero(np.diff(values, prepend=-np.inf) > TELL_APART)
        if level == 0:
            first, last = np.zeros(len(places), dtype=np.int64), places
        elif level == highest:
            first, last = places, np.full(len(places), len(values))
        else:
            some = places[np.unique(np.linspace(0, len(places) - 1, MIDDLE_EDGES).astype(int))]
            first, last = (each.ravel() for each in np.meshgrid(some, some))
            first, last = first[first < last], last[first < last]
        edges = np.concatenate([[0.0], values, [float(highest)]])
        middles = (edges[:-1] + edges[1:]) / 2
        return cls(
            lower=np.full(len(first), np.nan) if level == 0 else middles[first],
            upper=np.full(len(first), np.nan) if level == highest else middles[last],
            selected=last - first,
            hits=hits[last] - hits[first],
            labels=len(values),
            positives=int(truth.sum()),
        )

    def best(self, goal: Goal) -> CurvePoint | None:
        """The best rule that keeps all that is promised; the stricter of equals."""
        bound = wilson_bound(self.hits, self.selected)
        kept = self.selected >= FEWEST_SELECTED
        if goal.precision is not None:
            kept &= bound >= goal.precision
        if goal.recall is not None:
            kept &= wilson_bound(self.hits, np.full_like(self.hits, self.positives)) >= goal.recall
        if not kept.any():
            return None
        worth = {
            "recall": self.hits.astype(float),
            "precision": bound,
            "f1": 2 * self.hits / (self.selected + self.positives),
        }[goal.maximize]
        rows = np.flatnonzero(kept)
        return self._point(rows[np.lexsort((self.selected[rows], -worth[rows]))[0]])

    def curve(self) -> tuple[CurvePoint, ...]:
        """For each number of hits the rule with the best bound, by rising recall."""
        bound = wilson_bound(self.hits, self.selected)
        order = np.lexsort((-bound, self.hits))
        first = order[np.flatnonzero(np.diff(self.hits[order], prepend=-1) > 0)]
        shown = first[np.unique(np.linspace(0, len(first) - 1, min(CURVE_POINTS, len(first))).astype(int))]
        return tuple(self._point(row) for row in shown if self.selected[row] > 0)

    def _point(self, row: np.int64) -> CurvePoint:
        lower, upper = (
            None if np.isnan(side[row]) else float(side[row]) for side in (self.lower, self.upper)
        )
        found = Found(self.labels, self.positives, int(self.selected[row]), int(self.hits[row]))
        return CurvePoint(lower, upper, found)


def parts(held_out: HeldOut) -> tuple[Ints, Ints]:
    """Row numbers of the earlier labels and of the newest."""
    order = np.lexsort((held_out.account_id, held_out.at))
    split = len(order) - int(len(order) * REPORT_SHARE)
    return order[:split], order[split:]


def _found(taken: Bools, truth: Bools) -> Found:
    return Found(len(truth), int(truth.sum()), int(taken.sum()), int((taken & truth).sum()))
