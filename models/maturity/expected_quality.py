"""What to expect of a model before there is one, by the number of labels: a rule of thumb."""

from dataclasses import dataclass

GUESSING = 0.33
"""Macro-F1 of ratings drawn by lot, of three levels."""

CURVE = ((60, 0.59), (150, 0.60), (250, 0.62), (350, 0.62))
"""Expert labels, and macro-F1 against the truth of accounts never labelled.

Mean over four of the demo's worlds with a signal, +- .02: `python -m benchmarks.labels FOLDER 1`.
"""


@dataclass(frozen=True)
class Expected:
    """at_worst: where the data hold no signal. at_best: as in worlds made to hold one. Both macro-F1."""

    labels: int
    at_worst: float
    at_best: float


def expected_quality(labels: int) -> Expected:
    """Between guessing and what the demo's worlds show for so many labels; straight lines in between."""
    below = [point for point in CURVE if point[0] <= labels]
    above = [point for point in CURVE if point[0] > labels]
    if not below:
        return Expected(labels, GUESSING, CURVE[0][1])
    if not above:
        return Expected(labels, GUESSING, CURVE[-1][1])
    (few, low), (many, high) = below[-1], above[0]
    return Expected(labels, GUESSING, low + (high - low) * (labels - few) / (many - few))
