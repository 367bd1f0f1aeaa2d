"""What a model says about the days ahead: a median and a band, per account."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.forecast.panel import Floats


@dataclass(frozen=True, eq=False)
class Paths:
    """Forecasts from one origin.

    median, low, high: (accounts, horizon), events per day; low to high is the 80 % band as the model
        itself sees it, before calibration. A row of NaN: the model does not serve that account.
    """

    median: Floats
    low: Floats
    high: Floats

    @property
    def serves(self) -> NDArray[np.bool_]:
        """(accounts,) whether there is a forecast."""
        return np.array(np.isfinite(self.median).all(axis=1))

    def spread(self, above: NDArray[np.bool_] | bool) -> Floats:
        """Half-width of the band on the asked side of the median, with a floor for counts.

        The floor is half the standard deviation of a Poisson count of that size: a band of nothing
        around a steady small number would call every other count impossible.
        """
        floor = 0.5 * np.sqrt(np.maximum(self.median, 0.25))
        return np.maximum(np.where(above, self.high - self.median, self.median - self.low), floor)

    def widened(self, widths: Floats) -> "Paths":
        """The same medians with the band of each account (accounts,) times as wide."""
        below, above = (self.spread(side) * widths[:, None] for side in (False, True))
        return Paths(self.median, self.median - below, self.median + above)

    def first(self, days: int) -> "Paths":
        """The first days ahead, copied: the others need not be kept in memory for them."""
        return Paths(*(part[:, :days].copy() for part in (self.median, self.low, self.high)))

    def take(self, rows: NDArray[np.intp]) -> "Paths":
        """Some of the accounts."""
        return Paths(self.median[rows], self.low[rows], self.high[rows])
