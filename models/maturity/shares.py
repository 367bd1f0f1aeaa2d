"""Shares of accounts and their differences, with intervals that hold for small groups."""

from dataclasses import dataclass
from math import sqrt

Z = 1.959964
"""Two-sided 95 %."""


@dataclass(frozen=True)
class Share:
    """`count` of `of` accounts.

    low, high: 95 % interval of the share (Wilson 1927); 0 and 1 where `of` is 0.
    """

    count: int
    of: int

    @property
    def value(self) -> float:
        """The share as found; NaN where `of` is 0."""
        return self.count / self.of if self.of else float("nan")

    @property
    def low(self) -> float:
        return self._bound(-1)

    @property
    def high(self) -> float:
        return self._bound(1)

    def _bound(self, side: int) -> float:
        if not self.of:
            return 0.0 if side < 0 else 1.0
        n, p = self.of, self.value
        middle = p + Z**2 / (2 * n)
        width = Z * sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
        return min(max((middle + side * width) / (1 + Z**2 / n), 0.0), 1.0)


@dataclass(frozen=True)
class Difference:
    """One share less another. low, high: 95 % interval (Newcombe 1998, method 10)."""

    value: float
    low: float
    high: float


def difference(one: Share, other: Share) -> Difference | None:
    """`one` less `other`; None where one of them is of nobody."""
    if not (one.of and other.of):
        return None
    value = one.value - other.value
    down = sqrt((one.value - one.low) ** 2 + (other.high - other.value) ** 2)
    up = sqrt((one.high - one.value) ** 2 + (other.value - other.low) ** 2)
    return Difference(value, value - down, value + up)
