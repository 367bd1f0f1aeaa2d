"""How rare an error of a size is, by a sample of errors of its kind."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from models.forecast.panel import Floats
from models.forecast.profile import quantile
from models.forecast.unusual.sizes import FLEET_ACCOUNTS

TOLERATED = 1.25
"""So many times wider days are by chance, and by what really happens to a few of the accounts."""
LEAST_ERRORS = 50
UNKNOWN = 2.0
"""Half-bands taken for usual where a sample is too small."""


@dataclass(frozen=True)
class Tail:
    """How errors thin out: as Student's t does.

    edge: share of errors that fixes how wide the t is; most of what is real is beyond. freedom: its degrees
        of freedom, the same for every sample: what is far out in one was often real.
    """

    edge: float
    freedom: int


@dataclass(frozen=True)
class Rareness:
    """Chance of an error at least as large, on either side. usual: size that a share `edge` stay below."""

    tail: Tail
    usual: float

    @classmethod
    def of(cls, sample: Sequence[Floats], tail: Tail) -> "Rareness":
        """From errors (accounts, days) of several times."""
        if sum(int(np.isfinite(sizes).sum()) for sizes in sample) < LEAST_ERRORS:
            return cls(tail, UNKNOWN)
        uncalmed = cls(tail, reach(sample, tail.edge) or UNKNOWN)
        return cls(tail, reach([uncalmed.calmed(sizes) for sizes in sample], tail.edge) or UNKNOWN)

    def chance(self, sizes: Floats) -> NDArray[np.float64]:
        """(accounts, days) chance per error; NaN stays NaN."""
        width = self.usual / student.isf((1 - self.tail.edge) / 2, self.tail.freedom)
        far = np.abs(self.calmed(sizes)).astype(np.float64) / width
        return np.asarray(2 * student.sf(far, self.tail.freedom))

    def calmed(self, sizes: Floats) -> Floats:
        """Errors as they would be on a usual day: smaller where those of all accounts are scattered wider."""
        many = np.isfinite(sizes).sum(axis=0) >= FLEET_ACCOUNTS
        wider = quantile(np.abs(sizes).T, self.tail.edge) / (TOLERATED * self.usual)
        return (sizes / np.maximum(np.where(many, wider, 1), 1)).astype(np.float32)


def reach(sample: Sequence[Floats], share: float) -> float:
    """The size that so large a share of all errors stay below; 0 where there are none."""
    pooled = np.concatenate([np.abs(sizes).ravel() for sizes in sample] or [np.empty(0, dtype=np.float32)])
    return float(np.nan_to_num(quantile(pooled, share)))
