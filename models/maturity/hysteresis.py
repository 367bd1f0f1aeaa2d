"""Ratings from expected levels, with a margin in which the last rating stays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NONE = -1
"""No level: no rating before, or no other level close."""


@dataclass(frozen=True)
class Ratings:
    """One row per account.

    level: the rating, an index into LEVELS.
    close_to: the neighbouring level that the evidence also allows ("medium, close to high"), or NONE.
    """

    level: NDArray[np.int64]
    close_to: NDArray[np.int64]


def settle(
    expected: NDArray[np.float64],
    cuts: Sequence[float],
    margin: float,
    previous: NDArray[np.int64] | None = None,
) -> Ratings:
    """Cut the expected level, but keep the last rating while it is within the margin of a cut.

    The evidence allows every level between the one that `expected - margin` falls into and the one
    that `expected + margin` falls into. The last rating stays if it is allowed, else the nearest
    allowed level is taken; without a last rating the cuts alone decide. So a rating changes only
    once the expected level is a margin beyond the cut, and changes back a margin below it.

    expected: (n,), 0 to highest level. cuts: increasing; a level starts at its cut.
    previous: (n,) last ratings, NONE where there is none.
    """
    lowest = np.digitize(expected - margin, cuts)
    highest = np.digitize(expected + margin, cuts)
    level = np.digitize(expected, cuts)
    if previous is not None:
        level = np.where(previous == NONE, level, np.clip(previous, lowest, highest))
    above = np.where(highest > level, level + 1, NONE)
    return Ratings(level, np.where(lowest < level, level - 1, above))
