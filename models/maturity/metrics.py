"""How good ratings and probabilities are on held-out labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ECE_BINS = 15


@dataclass(frozen=True)
class Metrics:
    """On n held-out labels; shares in 0..1.

    log_loss: nats per label. ece: expected calibration error of the most probable level, 15 bins.
    qwk: quadratic weighted kappa. precision, recall: per level; NaN where a level was never rated,
        or never occurs.
    """

    n: int
    accuracy: float
    macro_f1: float
    log_loss: float
    ece: float
    qwk: float
    precision: tuple[float, ...]
    recall: tuple[float, ...]


def measure(probabilities: Floats, rating: Ints, level: Ints) -> Metrics:
    """All metrics. probabilities: (n, levels). rating: (n,), what would be shown. level: (n,), the truth."""
    cells = confusion(level, rating, probabilities.shape[1])
    hits = np.diag(cells)
    return Metrics(
        n=len(level),
        accuracy=float(hits.sum() / cells.sum()),
        macro_f1=float(macro_f1(cells)),
        log_loss=float(log_losses(probabilities, level).mean()),
        ece=calibration_error(probabilities, level),
        qwk=float(weighted_kappa(cells)),
        precision=tuple(_share(hits, cells.sum(axis=0))),
        recall=tuple(_share(hits, cells.sum(axis=1))),
    )


def confusion(level: Ints, rating: Ints, levels: int) -> Floats:
    """(true level, rating) counts."""
    cells = np.bincount(level * levels + rating, minlength=levels * levels)
    return cells.reshape(levels, levels).astype(float)


def macro_f1(cells: Floats) -> Floats:
    """Mean F1 over the levels that are rated or present. cells: (..., true, rated)."""
    hits = np.einsum("...kk->...k", cells)
    either = cells.sum(axis=-1) + cells.sum(axis=-2)
    f1 = 2 * hits / np.maximum(either, 1)
    mean: Floats = f1.sum(axis=-1) / np.maximum((either > 0).sum(axis=-1), 1)
    return mean


def weighted_kappa(cells: Floats) -> Floats:
    """Cohen's kappa with quadratic weights; 0 where chance and ratings agree. cells: (..., true, rated)."""
    levels = np.arange(cells.shape[-1])
    distance = np.subtract.outer(levels, levels) ** 2.0
    chance = cells.sum(axis=-1)[..., :, None] * cells.sum(axis=-2)[..., None, :]
    expected = (distance * chance).sum(axis=(-2, -1)) / cells.sum(axis=(-2, -1))
    observed = (distance * cells).sum(axis=(-2, -1))
    kappa: Floats = np.where(expected > 0, 1 - observed / np.maximum(expected, 1e-12), 0.0)
    return kappa


def log_losses(probabilities: Floats, level: Ints) -> Floats:
    """(n,), in nats; probabilities below 1e-6 count as that."""
    losses: Floats = -np.log(np.clip(probabilities[np.arange(len(level)), level], 1e-6, None))
    return losses


def calibration_error(probabilities: Floats, level: Ints) -> float:
    """Expected calibration error of the most probable level, equal-width bins (Guo et al. 2017)."""
    return _gap(probabilities.max(axis=1), probabilities.argmax(axis=1) == level)


def calibration_noise(probabilities: Floats, seed: int, draws: int = 1000) -> float:
    """The calibration error that perfect probabilities stay under in 99 % of label sets of this size.

    With 150 labels in 15 bins that is some .13: a bound that ignores it calls every model miscalibrated,
    and one that a perfect model breaks in every twentieth training stops good ones twice a month.
    """
    confidence = probabilities.max(axis=1)
    hits = np.random.default_rng(seed).random((draws, len(confidence))) < confidence
    return float(np.quantile([_gap(confidence, row) for row in hits], 0.99))


def as_json(metrics: Metrics) -> Mapping[str, Any]:
    """Plain values, NaN as None."""
    return {
        name: _plain(value) if not isinstance(value, tuple) else [_plain(v) for v in value]
        for name, value in vars(metrics).items()
    }


def _gap(confidence: Floats, hit: NDArray[np.bool_]) -> float:
    bins = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    surplus = np.bincount(bins, weights=confidence - hit, minlength=ECE_BINS)
    return float(np.abs(surplus).sum() / len(confidence))


def _share(part: Floats, whole: Floats) -> list[float]:
    return [float(p / w) if w else float("nan") for p, w in zip(part, whole, strict=True)]


def _plain(value: float) -> float | None:
    return None if np.isnan(value) else value
