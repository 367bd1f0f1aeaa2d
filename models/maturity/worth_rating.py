"""Which accounts an expert should rate first: those the model is least sure of, and unlike each other.

With a model of 100 labels, 60 more so chosen gave macro-F1 .014 +- .018 above 60 at random on four of the
demo's worlds (`python -m benchmarks.labels FOLDER 1`). Before there is a model no gain is shown.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.maturity.model import is_categorical

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

AXES = 10
"""Accounts are compared along so many principal axes: a hundred features repeat each other."""


@dataclass(frozen=True)
class Wanted:
    """An account to rate. row: of the frame.

    uncertainty: entropy of its probabilities, 0 (sure) to 1 (all levels alike); None without a model.
    distance: to the nearest account rated or picked before it, in typical distances between accounts.
    """

    row: int
    uncertainty: float | None
    distance: float


def worth_rating(
    frame: pd.DataFrame, rated: Flags, eligible: Flags, probabilities: Floats | None, count: int
) -> list[Wanted]:
    """Pick accounts one by one, each the largest in uncertainty x distance; deterministic.

    Without a model distance alone decides (farthest first, Gonzalez 1985), beginning in the middle.

    frame: features. rated: (n,) accounts with a label. eligible: (n,) who may be picked.
    probabilities: (n, levels), or None where no model is in use.
    """
    places = _places(frame)
    unsure = np.ones(len(frame)) if probabilities is None else entropy(probabilities)
    near = _nearest(places, places[rated]) if rated.any() else -np.linalg.norm(places, axis=1)
    open_ = eligible & ~rated
    picked: list[Wanted] = []
    for _ in range(min(count, int(open_.sum()))):
        row = int(np.argmax(np.where(open_, unsure * near, -np.inf)))
        uncertainty = None if probabilities is None else float(unsure[row])
        picked.append(Wanted(row, uncertainty, float(max(near[row], 0.0))))
        open_[row] = False
        apart = np.linalg.norm(places - places[row], axis=1)
        near = apart if not rated.any() and len(picked) == 1 else np.minimum(near, apart)
    return picked


def entropy(probabilities: Floats) -> Floats:
    """(n,), 0 where one level is certain, 1 where all are alike."""
    shares = np.clip(probabilities, 1e-12, None)
    found: Floats = -(shares * np.log(shares)).sum(axis=1) / np.log(probabilities.shape[1])
    return found


def _places(frame: pd.DataFrame) -> Floats:
    """(n, axes): where accounts stand; 1 is the typical distance from the middle.

    From ranks, which no outlier stretches; what is missing stands in the middle.
    """
    numbers = frame[[name for name in frame if not is_categorical(frame[name])]]
    standing = (numbers.rank(pct=True) - 0.5).fillna(0.0).to_numpy()
    standing = standing - standing.mean(axis=0)
    left, sizes, _ = np.linalg.svd(standing, full_matrices=False)
    places = left[:, :AXES] * sizes[:AXES]
    typical = float(np.median(np.linalg.norm(places, axis=1)))
    found: Floats = places / typical if typical > 0 else places
    return found


def _nearest(places: Floats, others: Floats) -> Floats:
    """(n,), the distance to the nearest of the others."""
    squares = (places**2).sum(axis=1)[:, None] + (others**2).sum(axis=1)[None, :] - 2 * places @ others.T
    found: Floats = np.sqrt(np.clip(squares, 0.0, None)).min(axis=1)
    return found
