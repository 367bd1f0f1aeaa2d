"""The operating points of a forecast: from which scores a fall is told and an anomaly raised."""

from dataclasses import dataclass

import numpy as np

from models.forecast.health import FALL_AT
from models.forecast.unusual.anomalies import Anomaly
from models.forecast.unusual.false_alarms import Rule, accepted, as_rare_as

RAREST = 1e-300
ROUNDING = 1e-9
"""What a chance may lose on its way to a score and back."""


@dataclass(frozen=True)
class Points:
    """falling: `fall_score`. anomaly: `rarity`; None: as many as pass at a share of false alarms."""

    falling: float = FALL_AT
    anomaly: float | None = None

    @property
    def rule(self) -> Rule:
        """What is raised of all that is rare."""
        return accepted if self.anomaly is None else as_rare_as(float(10.0**-self.anomaly) * (1 + ROUNDING))


USUAL = Points()
"""What serves where nothing was selected."""


def rarity(one: Anomaly) -> float:
    """Powers of ten by which an anomaly is rare: 3 is a chance of one in a thousand.

    NaN where it was not judged by chance.
    """
    return float(-np.log10(max(one.chance, RAREST))) if one.chance > 0 else float("nan")
