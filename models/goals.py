"""A goal for a decision by a score, and the interval of the score that serves it best on held-out truth.

What is promised is promised with 90 % confidence: a cut whose precision merely was .8 on the held-out labels
breaks the promise on new accounts in more than half of all cases, one whose Wilson bound is above .8 in an
eighth. Labels that come in clusters count as the fewer single ones that they are worth.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np

from models.confidence import Floats, Ints, upper_bound
from models.found import Bools, Found, bound, by_cluster, counted

Measure = Literal["recall", "precision", "f1"]
MEASURES: tuple[Measure, ...] = get_args(Measure)

Sides = Literal["from", "under", "between"]
"""Which scores an interval takes: those from a lower end on, those under an upper end, or both."""

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
        clusters: in which the labels came that it was chosen on; None where each was drawn alone.
    """

    cut: CurvePoint | None
    reported_on: Found
    usual: Found
    curve: tuple[CurvePoint, ...]
    clusters: int | None = None


@dataclass(frozen=True, eq=False)
class Labels:
    """Scores of a decision beside what was true; rows in time.

    score: (n,). truth: (n,). usual: (n,), whether the usual rule selects. ends: least and greatest score
        that can be selected. sides: which end of an interval is open. cluster: (n,), never decreasing;
        labels of one cluster move together. None: each is drawn alone.
    """

    score: Floats
    truth: Bools
    usual: Bools
    ends: tuple[float, float]
    sides: Sides
    cluster: Ints | None = None

    def parts(self) -> tuple["Labels", "Labels"]:
        """The earlier labels and the newest; of clusters each is in one of them, the last in the newest."""
        if self.cluster is None:
            earlier, newest = parts(np.arange(len(self.score)))
        else:
            clusters = np.unique(self.cluster)
            held_back = max(1, int(len(clusters) * REPORT_SHARE))
            is_newest = np.isin(self.cluster, clusters[-held_back:])
            earlier, newest = np.flatnonzero(~is_newest), np.flatnonzero(is_newest)
        return self._take(earlier), self._take(newest)

    def found_by(self, taken: Bools) -> Found:
        """What a rule that takes these labels got right."""
        return counted(taken, self.truth, self.cluster)

    def _take(self, rows: Ints) -> "Labels":
        cluster = None if self.cluster is None else self.cluster[rows]
        return replace(
            self, score=self.score[rows], truth=self.truth[rows], usual=self.usual[rows], cluster=cluster
        )


def choose(labels: Labels, goal: Goal) -> Choice:
    """The interval of the score that is best for the goal: chosen on the earlier labels, reported on the
    newest."""
    earlier, newest = labels.parts()
    rules = _Rules.of(earlier)
    best = rules.best(goal)
    taken = newest.usual if best is None else selects(newest.score, best.lower, best.upper)
    return Choice(
        cut=best,
        reported_on=newest.found_by(taken),
        usual=labels.found_by(labels.usual),
        curve=rules.curve(),
        clusters=None if earlier.cluster is None else len(np.unique(earlier.cluster)),
    )


def speaks_against(newest: Found, goal: Goal) -> tuple[str, ...]:
    """Which promises of a goal, precision or recall, labels refute with 90 % confidence on which nothing was
    chosen.

    Each label counts as drawn alone, since all may be of one cluster: a warning comes rather too early.
    """
    asked = {"precision": (goal.precision, newest.selected), "recall": (goal.recall, newest.positives)}
    return tuple(
        name
        for name, (promised, tried) in asked.items()
        if promised is not None and upper_bound(np.array(newest.hits), np.array(tried)) < promised
    )


def parts(in_time: Ints) -> tuple[Ints, Ints]:
    """Rows that are ordered in time, as the earlier ones and the newest."""
    split = len(in_time) - int(len(in_time) * REPORT_SHARE)
    return in_time[:split], in_time[split:]


def selects(score: Floats, lower: float | None, upper: float | None) -> Bools:
    """(n,), whether a rule takes an account."""
    above = np.ones(len(score), dtype=bool) if lower is None else score >= lower
    taken: Bools = above if upper is None else above & (score < upper)
    return taken


@dataclass(frozen=True)
class _Rules:
    """Every interval that is tried, with what it found: arrays of one length."""

    lower: Floats
    upper: Floats
    selected: Ints
    hits: Ints
    precision_bound: Floats
    recall_bound: Floats
    labels: int
    positives: int

    @classmethod
    def of(cls, labels: Labels) -> "_Rules":
        """Intervals between distinct scores, with NaN for an open side."""
        order = np.argsort(labels.score, kind="stable")
        values, cluster = labels.score[order], None if labels.cluster is None else labels.cluster[order]
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
        all_hits, all_labels = (
            np.cumsum(np.pad(by_cluster(each, cluster), ((0, 0), (1, 0))), axis=1)
            for each in (labels.truth[order], np.ones(len(order), dtype=bool))
        )
        hits, selected = (each[:, last] - each[:, first] for each in (all_hits, all_labels))
        positives = all_hits[:, -1:]
        return cls(
            lower=np.full(len(first), np.nan) if labels.sides == "under" else middles[first],
            upper=np.full(len(first), np.nan) if labels.sides == "from" else middles[last],
            selected=selected.sum(axis=0),
            hits=hits.sum(axis=0),
            precision_bound=bound(hits, selected, cluster),
            recall_bound=bound(hits, np.broadcast_to(positives, hits.shape), cluster),
            labels=len(values),
            positives=int(positives.sum()),
        )

    def best(self, goal: Goal) -> CurvePoint | None:
        """The best rule that keeps all that is promised; the stricter of equals."""
        kept = self.selected >= FEWEST_SELECTED
        if goal.precision is not None:
            kept &= self.precision_bound >= goal.precision
        if goal.recall is not None:
            kept &= self.recall_bound >= goal.recall
        if not kept.any():
            return None
        worth = {
            "recall": self.hits.astype(float),
            "precision": self.precision_bound,
            "f1": 2 * self.hits / (self.selected + self.positives),
        }[goal.maximize]
        rows = np.flatnonzero(kept)
        return self._point(rows[np.lexsort((self.selected[rows], -worth[rows]))[0]])

    def curve(self) -> tuple[CurvePoint, ...]:
        """For each number of hits the rule with the best bound, by rising recall."""
        order = np.lexsort((-self.precision_bound, self.hits))
        first = order[np.flatnonzero(np.diff(self.hits[order], prepend=-1) > 0)]
        shown = first[np.unique(np.linspace(0, len(first) - 1, min(CURVE_POINTS, len(first))).astype(int))]
        return tuple(self._point(row) for row in shown if self.selected[row] > 0)

    def _point(self, row: np.int64) -> CurvePoint:
        lower, upper = (
            None if np.isnan(side[row]) else float(side[row]) for side in (self.lower, self.upper)
        )
        found = Found(
            self.labels,
            self.positives,
            int(self.selected[row]),
            int(self.hits[row]),
            float(self.precision_bound[row]),
            float(self.recall_bound[row]),
        )
        return CurvePoint(lower, upper, found)
