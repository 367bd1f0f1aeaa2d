"""Decisions that follow from a forecast: their scores, what came true, and the score to decide from.

The score from which a decision is taken is its operating point. With its scores and what came true kept, it
is chosen again without forecasting again. Light on imports: no model is loaded.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models import goals
from models.arrays import packed, unpacked
from models.errors import ArtifactError
from models.found import Found, counted
from models.goals import Choice, Goal, Labels

FALLING = "falling"
ANOMALY = "anomaly"
DECISIONS = (FALLING, ANOMALY)

NOT_KNOWN, NO, YES = -1, 0, 1
"""Whether what was decided came true."""


@dataclass(frozen=True, eq=False)
class Decided:
    """One row per decision that could have been taken, whether it was or not; arrays of one length.

    day: of the anomaly, or the cut of the fall. score: NaN where none is behind it, as of a stop. usual:
    whether the rule takes it that serves where nothing was selected. came_true: YES, NO or NOT_KNOWN.
    """

    account_id: NDArray[np.str_]
    day: NDArray[np.datetime64]
    kind: NDArray[np.str_]
    score: NDArray[np.float64]
    usual: NDArray[np.bool_]
    came_true: NDArray[np.int8]

    @classmethod
    def of(cls, rows: Sequence[tuple[object, ...]]) -> "Decided":
        """From rows in the order of the fields."""
        columns = list(zip(*rows, strict=True)) or [()] * 6
        kinds = ("U18", "datetime64[D]", "U24", "f8", "?", "i1")
        return cls(*(np.array(column, dtype=kind) for column, kind in zip(columns, kinds, strict=True)))

    def to_bytes(self) -> bytes:
        """A numpy archive without pickle."""
        return packed(vars(self))

    @classmethod
    def from_bytes(cls, data: bytes) -> "Decided":
        """raises: ArtifactError where the bytes are something else."""
        try:
            return cls(**unpacked(data, "decisions"))
        except TypeError as error:
            raise ArtifactError(f"the stored decisions cannot be read: {error}") from error

    def take(self, rows: NDArray[np.bool_]) -> "Decided":
        """Some of the rows."""
        return Decided(*(part[rows] for part in vars(self).values()))

    def usually(self) -> Found:
        """What the usual rule got right at one cut, of all whose outcome is known; one promises nothing."""
        known = self.take(self.came_true != NOT_KNOWN)
        return counted(known.usual, known.came_true == YES, np.zeros(len(known.usual), dtype=np.int64))


def pooled(parts: Sequence[Decided]) -> Decided:
    """Decisions of several cuts as one."""
    return Decided(
        *(np.concatenate(columns) for columns in zip(*(vars(each).values() for each in parts), strict=True))
    )


def choose(at_cuts: Sequence[Decided], goal: Goal) -> Choice:
    """The score from which a decision serves a goal best; chosen on the earlier cuts, reported on the newest.

    Decisions of one cut come from one forecast and one season, so what is drawn are cuts: what is promised
    is promised of cuts to come. A score of 0 is never enough. Rows without a score, or whose outcome is not
    known, are left out.

    at_cuts: in time.
    """
    decided = pooled(at_cuts)
    cut = np.repeat(np.arange(len(at_cuts)), [len(each.score) for each in at_cuts])
    judged = np.isfinite(decided.score) & (decided.came_true != NOT_KNOWN)
    known, cut = decided.take(judged), cut[judged]
    enough = known.score[known.score > 0]
    labels = Labels(
        score=known.score,
        truth=known.came_true == YES,
        usual=known.usual,
        ends=(float(enough.min(initial=np.inf)), float(enough.max(initial=0.0))),
        sides="from",
        cluster=cut,
    )
    return goals.choose(labels, goal)
