"""How a feature may change between two runs without anything being wrong.

A feature that grows by nature (an age, a running total) drifts in every comparison of distributions,
so it says how it grows instead, and is tested account by account.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


class Expectation(Protocol):
    """What must hold for an account's value in two runs."""

    @property
    def grows(self) -> bool:
        """Whether the expectation takes the place of comparing distributions."""
        ...

    def holds(self, before: Values, now: Values, days: float) -> NDArray[np.bool_]:
        """Which of the values, known in both runs that are `days` apart, are as expected."""
        ...

    def __str__(self) -> str:
        """The expectation in words, for the documentation."""
        ...


@dataclass(frozen=True)
class Constant:
    """The value of an account never changes."""

    grows = True

    def holds(self, before: Values, now: Values, days: float) -> NDArray[np.bool_]:  # noqa: ARG002
        """Unchanged."""
        return np.equal(now, before)

    def __str__(self) -> str:
        return "never changes"


@dataclass(frozen=True)
class Monotone:
    """The value of an account never falls."""

    grows = True

    def holds(self, before: Values, now: Values, days: float) -> NDArray[np.bool_]:  # noqa: ARG002
        """Not smaller than before."""
        return np.greater_equal(now, before)

    def __str__(self) -> str:
        return "never falls"


@dataclass(frozen=True)
class Step:
    """The value grows by `per_day`, give or take `tolerance` over the whole time between the runs."""

    per_day: float
    tolerance: float
    grows = True

    def holds(self, before: Values, now: Values, days: float) -> NDArray[np.bool_]:
        """Grown by the time passed."""
        return np.less_equal(np.abs(now - before - self.per_day * days), self.tolerance)

    def __str__(self) -> str:
        return f"grows by {self.per_day:g} a day"


@dataclass(frozen=True)
class Rate:
    """The value changes by `low` to `high` per day."""

    low: float
    high: float
    grows = True

    def holds(self, before: Values, now: Values, days: float) -> NDArray[np.bool_]:
        """Changed by no less and no more."""
        change = now - before
        return (change >= self.low * days) & (change <= self.high * days)

    def __str__(self) -> str:
        return f"changes by {self.low:g} to {self.high:g} a day"


@dataclass(frozen=True)
class Range:
    """The value lies between `low` and `high`, whatever it was before; distributions are compared too."""

    low: float
    high: float
    grows = False

    def holds(self, before: Values, now: Values, days: float) -> NDArray[np.bool_]:  # noqa: ARG002
        """Inside, ends included."""
        return (now >= self.low) & (now <= self.high)

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}" if np.isfinite(self.high) else f"at least {self.low:g}"


PERCENT = Range(0, 100)
NOT_NEGATIVE = Range(0, float("inf"))
