"""The operating point: what turns raw scores into ratings, chosen on held-out predictions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from models.maturity.levels import expected_level
from models.maturity.metrics import log_losses
from models.maturity.model import calibrated

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STEPS = 200
"""Of the search for offsets; shares are then matched as far as ties allow."""


@dataclass(frozen=True)
class OperatingPoint:
    """For ordered levels: cut points on the expected level; see `MaturityModel`."""

    temperature: float
    cuts: tuple[float, ...]

    def rate(self, raw: Floats) -> tuple[Floats, Ints]:
        """Probabilities (n, levels) and ratings (n,)."""
        probabilities = calibrated(raw, self.temperature)
        return probabilities, np.digitize(expected_level(probabilities), self.cuts)


@dataclass(frozen=True)
class ClassPoint:
    """For classes without an order: the most probable one once log-probabilities got their offsets.

    The probabilities stay as they are.
    """

    temperature: float
    offsets: tuple[float, ...]

    def rate(self, raw: Floats) -> tuple[Floats, Ints]:
        """Probabilities (n, classes) and ratings (n,)."""
        probabilities = calibrated(raw, self.temperature)
        return probabilities, np.argmax(_logs(probabilities) + np.array(self.offsets), axis=1)


def operating_point(raw: Floats, level: Ints) -> OperatingPoint:
    """Choose on held-out raw scores (n, levels) and their true levels (n,)."""
    temperature = choose_temperature(raw, level)
    return OperatingPoint(temperature, choose_cuts(calibrated(raw, temperature), level))


def class_point(raw: Floats, level: Ints) -> ClassPoint:
    """Choose on held-out raw scores (n, classes) and their true classes (n,)."""
    temperature = choose_temperature(raw, level)
    return ClassPoint(temperature, choose_offsets(calibrated(raw, temperature), level))


def choose_point(raw: Floats, level: Ints, *, ordered: bool) -> OperatingPoint | ClassPoint:
    """The operating point that fits the kind of target."""
    return operating_point(raw, level) if ordered else class_point(raw, level)


def choose_temperature(raw: Floats, level: Ints) -> float:
    """The temperature of the least log loss (Guo et al. 2017).

    On ten tables of 205 to 3,000 rows it lowered log loss by .001 on average and the calibration error
    from .035 to .030, and cost no table more than .0002.
    """
    best = minimize_scalar(
        lambda log_t: log_losses(calibrated(raw, float(np.exp(log_t))), level).mean(),
        bounds=(np.log(0.2), np.log(5.0)),
        method="bounded",
    )
    return float(np.exp(best.x))


def choose_cuts(probabilities: Floats, level: Ints) -> tuple[float, ...]:
    """Cut points on the expected level that give each level the share it has among the labels.

    The expected level beats the most probable one for ordered levels: the latter forgets the
    neighbours. Cuts that maximise macro-F1 or kappa on 160 labels move by .11 to .17 from sample to
    sample and do no better on new accounts (macro-F1 .605 against .610 by shares); these move by
    .05 to .09, so ratings do not change because the cuts did.

    probabilities: (n, levels). returns: levels - 1 cuts, not decreasing.
    """
    expected = np.sort(expected_level(probabilities))
    below = np.cumsum(np.bincount(level, minlength=probabilities.shape[1]))[:-1]
    edges = np.concatenate([[0.0], expected, [probabilities.shape[1] - 1.0]])
    return tuple(float(cut) for cut in (edges[below] + edges[below + 1]) / 2)


def choose_offsets(probabilities: Floats, level: Ints) -> tuple[float, ...]:
    """What to add to log-probabilities so that each class is rated as often as it occurs.

    The most probable class leaves rare ones out. On ten tables macro-F1 on new rows was .605 by argmax,
    .614 with the offsets that maximise it on the held-out rows, .618 with these.

    probabilities: (n, classes). returns: (classes,), their mean is 0.
    """
    classes = probabilities.shape[1]
    logs, wanted = _logs(probabilities), np.bincount(level, minlength=classes) / len(level)
    offsets = np.zeros(classes)
    slack = 1.0 / len(level)
    for step in range(STEPS):
        rated = np.bincount(np.argmax(logs + offsets, axis=1), minlength=classes) / len(level)
        offsets += 0.3 * 0.99**step * (np.log(wanted + slack) - np.log(rated + slack))
    return tuple(float(offset) for offset in offsets - offsets.mean())


def _logs(probabilities: Floats) -> Floats:
    logs: Floats = np.log(np.clip(probabilities, 1e-9, None))
    return logs
