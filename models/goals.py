"""A goal for a decision by a score, and the interval of the score that serves it best on held-out truth.

What is promised is promised with 90 % confidence: a cut whose precision merely was .8 on the held-out labels
breaks the promise on new accounts in more than half of all cases, one whose Wilson bound is above .8 in an
eighth.
"""

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

Measure = Literal["recall", "precision", "f1"]
MEASURES: tuple[Measure, ...] = get_args(Measure)

Sides = Literal["from", "under", "between"]
"""Which scores an interval takes: those from a lower end on, those under an upper end, or both."""

ONE_SIDED_90 = 1.2815515655446004
FEWEST_SELECTED = 20
"""Labels that a cut must select before anything is promised of it."""

REPORT_SHARE = 1 / 3
"""The newest labels, which nothing is chosen on: they say what the choice is worth."""

MIDDLE_EDGES = 80
"""Edges tried for each end of an interval that has two."""

CURVE_POINTS = 60

TELL_APART = 1e-6
"""Scores closer than this are one: they come from probabilities kept in 16 bits."""


@dataclass(frozen=True)
class Goal:
    """precision, recall: at least so much, with 90 % confidence; None where nothing is promised."""

    maximize: Measure
    precision: float | None = None
    recall: float | None = None


@dataclass(frozen=True)
class Found:
    """What a rule that selects some of the labels got right, as counts of labels."""

    labels: int
    positives: int
    selected: int
    hits: int

    @property
    def accuracy(self) -> float | None:
        wrong = self.selected + self.positives - 2 * self.hits
        return 1 - wrong / self.labels if self.labels else None

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

    @property
    def words(self) -> str:
        """Precision, what is promised of it, and recall."""
        return (
            f"precision {share_in_words(self.precision)} (at least {self.precision_bound:.2f} with 90 % "
            f"confidence), recall {share_in_words(self.recall)}"
        )

    def as_json(self) -> dict[str, Any]:
        derived = ("accuracy", "precision", "precision_bound", "recall", "recall_bound")
        return {**vars(self), **{name: getattr(self, name) for name in derived}}


@dataclass(frozen=True)
class CurvePoint:
    """The best that can be had at one recall. lower, upper: of the scores that are selected; None where
    that side is open."""

    lower: float | None
    upper: float | None
    found: Found

    def as_json(self) -> dict[str, Any]:
        return {"lower": self.lower, "upper": self.upper, **self.found.as_json()}


@dataclass(frozen=True)
class Choice:
    """cut: None where no cut reaches the goal; then the usual rule serves.

    reported_on: what it found on the newest labels, on which nothing was chosen; what the usual rule found
        there where there is no cut. usual: on all labels, by the rule that serves where nothing was selected.
    """

    cut: CurvePoint | None
    reported_on: Found
    usual: Found
    curve: tuple[CurvePoint, ...]


@dataclass(frozen=True, eq=False)
class Labels:
    """Scores of a decision beside what was true; rows in time.

    score: (n,). truth: (n,). usual: (n,), whether the usual rule selects. ends: least and greatest score
        that can be selected. sides: which end of an interval is open.
    """

    score: Floats
    truth: Bools
    usual: Bools
    ends: tuple[float, float]
    sides: Sides


def choose(labels: Labels, goal: Goal) -> Choice:
    """The interval of the score that is best for the goal: chosen on the earlier labels, reported on the
    newest."""
    rows = np.arange(len(labels.score))
    earlier, newest = parts(rows)
    rules = _Rules.of(labels, earlier)
    best = rules.best(goal)
    if best is None:
        reported = counted(labels.usual[newest], labels.truth[newest])
    else:
        taken = selects(labels.score[newest], best.lower, best.upper)
        reported = counted(taken, labels.truth[newest])
    return Choice(best, reported, counted(labels.usual, labels.truth), rules.curve())


def parts(in_time: Ints) -> tuple[Ints, Ints]:
    """Rows that are ordered in time, as the earlier ones and the newest."""
    split = len(in_time) - int(len(in_time) * REPORT_SHARE)
    return in_time[:split], in_time[split:]


def selects(score: Floats, lower: float | None, upper: float | None) -> Bools:
    """(n,), whether a rule takes an account."""
    above = np.ones(len(score), dtype=bool) if lower is None else score >= lower
    taken: Bools = above if upper is None else above & (score < upper)
    return taken


def counted(taken: Bools, truth: Bools) -> Found:
    """What a rule that takes these labels got right."""
    return Found(len(truth), int(truth.sum()), int(taken.sum()), int((taken & truth).sum()))


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
    def of(cls, labels: Labels, rows: Ints) -> "_Rules":
        """Intervals between distinct scores, with NaN for an open side."""
        score, truth = labels.score[rows], labels.truth[rows]
        order = np.argsort(score, kind="stable")
        values, hits = score[order], np.concatenate([[0], np.cumsum(truth[order])])
        places = np.flatnonzero(np.diff(values, prepend=-np.inf) > TELL_APART)
        places = places[values[places] >= labels.ends[0]]
        if labels.sides == "under":
            first, last = np.zeros(len(places), dtype=np.int64), places
        elif labels.sides == "from":
            first, last = places, np.full(len(places), len(values))
        else:
            some = places[np.unique(np.linspace(0, len(places) - 1, MIDDLE_EDGES).astype(int))]
            first, last = (each.ravel() for each in np.meshgrid(some, some))
            first, last = first[first < last], last[first < last]
        edges = np.clip(np.concatenate([[-np.inf], values, [np.inf]]), *labels.ends)
        middles = (edges[:-1] + edges[1:]) / 2
        return cls(
            lower=np.full(len(first), np.nan) if labels.sides == "under" else middles[first],
            upper=np.full(len(first), np.nan) if labels.sides == "from" else middles[last],
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
        counts = Found(self.labels, self.positives, int(self.selected[row]), int(self.hits[row]))
        return CurvePoint(lower, upper, counts)


def share_in_words(share: float | None) -> str:
    """Two digits; a dash where there was nothing to take a share of."""
    return "–" if share is None else f"{share:.2f}"
