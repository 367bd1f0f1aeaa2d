"""The choice of cut points for a goal about one level, from held-out predictions alone.

For example "the most recall of high, with a precision of at least .8".
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models import goals
from models.confidence import Ints
from models.goals import Choice, CurvePoint, Labels, Measure
from models.maturity.held_out import HeldOut
from models.maturity.levels import expected_level


@dataclass(frozen=True)
class Goal:
    """precision, recall: at least so much, with 90 % confidence; None where nothing is promised."""

    maximize: Measure
    level: int
    precision: float | None = None
    recall: float | None = None


def choose(held_out: HeldOut, goal: Goal) -> Choice:
    """The cut on the expected level that is best for the goal.

    The level's accounts are those whose expected level is in an interval, as for the level cut. (A cut on
    the level's own probability finds no more: recall .758 against .761, on 24 made-up sets of 1,800 labels.)

    Chosen on the earlier labels, reported on the newest; both parts in time, then by account.
    """
    rows = _in_time(held_out)
    highest = held_out.probabilities.shape[1] - 1
    labels = Labels(
        score=expected_level(held_out.shares())[rows],
        truth=held_out.level[rows] == goal.level,
        usual=held_out.rating[rows] == goal.level,
        ends=(0.0, float(highest)),
        sides="under" if goal.level == 0 else "from" if goal.level == highest else "between",
    )
    return goals.choose(labels, goals.Goal(goal.maximize, goal.precision, goal.recall))


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


def parts(held_out: HeldOut) -> tuple[Ints, Ints]:
    """Row numbers of the earlier labels and of the newest."""
    return goals.parts(_in_time(held_out))


def _in_time(held_out: HeldOut) -> Ints:
    return np.lexsort((held_out.account_id, held_out.at))
