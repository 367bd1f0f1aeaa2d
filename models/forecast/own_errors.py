"""How far off the fleet an account is by its own past errors, trusted the more the more there are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.forecast.panel import Floats
from models.forecast.profile import median, quantile

QUANTILE = 0.9
LEAST = 0.2
"""Less than this, of an error or of what is usual, says that the days were few."""


@dataclass(frozen=True, eq=False)
class OwnErrors:
    """Past absolute errors of accounts, in units that compare.

    large: (accounts,) the QUANTILE of each; NaN = none. measured: (accounts,) how many there are.
    """

    large: Floats
    measured: NDArray[np.intp]

    @classmethod
    def of(cls, windows: Sequence[Floats], accounts: int) -> "OwnErrors":
        """From signed errors, (accounts, days) of each window; NaN = not measured."""
        if not windows:
            return cls(np.full(accounts, np.nan, dtype=np.float32), np.zeros(accounts, dtype=np.intp))
        pooled = np.abs(np.concatenate(windows, axis=1))
        return cls(quantile(pooled, QUANTILE), np.isfinite(pooled).sum(axis=1))

    @property
    def usual(self) -> float:
        """That of the median account."""
        return float(np.nan_to_num(median(self.large), nan=1.0))

    def widths(self, usual: float, days: int) -> NDArray[np.float64]:
        """(accounts,) multiples of what is usual, shrunk towards 1; 1 for an account without errors.

        days: of own errors that count as much as the fleet's.
        """
        ratio = np.nan_to_num(self.large / max(usual, LEAST), nan=1.0)
        return np.asarray(np.maximum(ratio, LEAST) ** (self.measured / (self.measured + days)))
