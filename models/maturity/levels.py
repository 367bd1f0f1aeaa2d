"""Levels as numbers: what is expected of probabilities, and how common each is."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def expected_level(probabilities: Floats) -> Floats:
    """p_medium + 2 p_high, or its like for another number of levels: (n, levels) to (n,)."""
    return probabilities @ np.arange(probabilities.shape[1], dtype=float)


def level_shares(level: Ints, levels: int) -> Floats:
    """How common each level is, none of them impossible: (levels,)."""
    counts = np.bincount(level, minlength=levels) + 1.0
    shares: Floats = counts / counts.sum()
    return shares
