"""How many alarms may be false, over all accounts and days at once."""

import numpy as np
from numpy.typing import NDArray


def accepted(chances: NDArray[np.float64], false_share: float) -> NDArray[np.bool_]:
    """Which tests pass Benjamini-Hochberg at a share of false alarms; NaN is no test."""
    tested = np.sort(chances[np.isfinite(chances)])
    limits = false_share * np.arange(1, len(tested) + 1) / max(len(tested), 1)
    passing = np.flatnonzero(tested <= limits)
    return chances <= tested[passing[-1]] if len(passing) else np.zeros(chances.shape, dtype=bool)
