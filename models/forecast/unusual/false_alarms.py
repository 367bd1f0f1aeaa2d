"""How many alarms may be false, over all accounts and days at once."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Rule = Callable[[NDArray[np.float64], float], NDArray[np.bool_]]
"""What is raised of so many chances, at a share of false alarms."""

SUSPECT = 0.01
"""Chance up to which something may be an anomaly, if an operating point has it so."""


def accepted(chances: NDArray[np.float64], false_share: float) -> NDArray[np.bool_]:
    """Which tests pass Benjamini-Hochberg at a share of false alarms; NaN is no test."""
    tests = int(np.isfinite(chances).sum())
    rarest = np.sort(chances[chances <= false_share])  # the others pass at no rank
    limits = false_share * np.arange(1, len(rarest) + 1) / max(tests, 1)
    passing = np.flatnonzero(rarest <= limits)
    return chances <= rarest[passing[-1]] if len(passing) else np.zeros(chances.shape, dtype=bool)


def as_rare_as(most_chance: float) -> Rule:
    """Whatever is as rare or rarer is raised, whichever the share."""
    return lambda chances, _: chances <= most_chance


def suspected(chances: NDArray[np.float64], false_share: float) -> NDArray[np.bool_]:
    """Whatever some operating point may raise."""
    return accepted(chances, false_share) | (chances <= SUSPECT)
