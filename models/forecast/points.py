"""The operating points of a forecast: from which scores a fall is told and an anomaly raised."""

from dataclasses import dataclass

import numpy as np

from models.forecast.anomalies import Anomaly
from models.forecast.health import FALL_AT

RAREST = 1e-300


@dataclass(frozen=True)
class Points:
    """falling: `fall_score`. anomaly: `rarity`; None: as many as pass at a share of false alarms."""

    falling: float = FALL_AT
    anomaly: float | None = None

    @property
    def most_chance(self) -> float | None:
        """The chance of the least rare anomaly that is raised."""
        return None if self.anomaly is None else float(10.0**-self.anomaly)


USUAL = Points()
"""What serves where nothing was selected."""


def rarity(one: Anomaly) -> float:
    """Powers of ten by which an anomaly is rare: 3 is a chance of one in a thousand.

    NaN where it was not judged by chance.
    """
    return float(-np.log10(max(one.chance, RAREST))) if one.chance > 0 else float("nan")
