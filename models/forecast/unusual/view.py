"""The newest days of a panel beside a forecast that was made before them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from models.forecast.panel import Floats
from models.forecast.unusual.sizes import beside_all


@dataclass(frozen=True, eq=False)
class View:
    """The newest days against a forecast frozen before them.

    until: the day after the last. expected: (accounts, days), median forecast from the origin; NaN = nothing
    served. actual: (accounts, days).
    sizes: standardised errors; NaN = not measured, muted or too young to be judged.
    muted: (accounts, days) that prove nothing about an account.
    """

    until: date
    expected: Floats
    actual: Floats
    sizes: Floats
    muted: NDArray[np.bool_]

    @classmethod
    def joined(cls, views: Sequence["View"]) -> "View":
        """Of all accounts, from pieces of them."""
        return cls(
            views[0].until,
            *(
                np.concatenate([getattr(view, part) for view in views])
                for part in ("expected", "actual", "sizes", "muted")
            ),
        )

    @property
    def days(self) -> int:
        """Number of columns."""
        return int(self.actual.shape[1])

    @property
    def serves(self) -> NDArray[np.bool_]:
        """(accounts,) whether there was a forecast."""
        return np.array(np.isfinite(self.expected).all(axis=1))

    def day(self, column: np.intp | int) -> date:
        """The day of a column."""
        return self.until - timedelta(days=int(self.days - column))

    def change(self, row: np.intp | int, columns: NDArray[np.intp]) -> float:
        """Actual / expected - 1 over the measured ones of these days."""
        measured = columns[np.isfinite(self.actual[row, columns])]
        expected = float(self.expected[row, measured].sum())
        return float(self.actual[row, measured].sum()) / max(expected, 1.0) - 1

    def beside_all(self) -> "View":
        """The same without what moves all accounts alike."""
        return replace(self, sizes=beside_all(self.sizes))

    def mute(self, days: NDArray[np.bool_]) -> "View":
        """The same without these days of (accounts, at least as many days, the newest last)."""
        muted = self.muted | days[:, days.shape[1] - self.days :]
        return replace(self, sizes=np.where(muted, np.nan, self.sizes).astype(np.float32), muted=muted)
