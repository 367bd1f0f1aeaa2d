"""Made-up figures of the catalogue's own features, for what is measured at a size that no world has."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.features.catalogue import catalogue
from models.features.feature import Catalogue, Feature

SEED = 0
TECHNOLOGIES = ("docker", "maven", "npm")
SHARES = (0.35, 0.7)
"""Of accounts that are at most low, and at most medium."""


def made_up_catalogue(features: int) -> Catalogue:
    """The last so many features of a catalogue with as many topics as that takes."""
    least = len(catalogue((), TECHNOLOGIES))
    topics = [f"topic_{number}" for number in range(max(features - least, 1))]
    return Catalogue(catalogue(topics, TECHNOLOGIES).features[-features:])


def made_up_accounts(known: Catalogue, accounts: int) -> pd.DataFrame:
    """Figures that hang together a little, a tenth of them missing."""
    rng = np.random.default_rng(SEED)
    size = rng.normal(size=accounts)
    return pd.DataFrame({each.name: _column(each, size, rng) for each in known})


def made_up_levels(frame: pd.DataFrame, known: Catalogue) -> NDArray[np.int64]:
    """A level per account, which its numbers tell a good part of."""
    numbers = frame[[each.name for each in known if each.kind == "number"]]
    level = numbers.rank(pct=True).fillna(0.5).to_numpy() @ np.linspace(1, 0, numbers.shape[1])
    level += np.random.default_rng(SEED).normal(size=len(frame))
    return np.digitize(level, np.quantile(level, SHARES))


def _column(feature: Feature, size: NDArray[np.float64], rng: np.random.Generator) -> pd.Series:
    missing = rng.random(len(size)) < 0.1
    if feature.kind == "category":
        values = rng.choice(np.array([f"{feature.name} {i}" for i in range(6)], dtype=object), len(size))
        return pd.Series(np.where(missing, None, values), dtype=object)
    values = np.exp(3 + 0.5 * size + rng.normal(size=len(size)))
    if feature.wording.none:
        values = np.where(rng.random(len(size)) < 0.3, 0.0, np.round(values))
    return pd.Series(np.where(missing, np.nan, values))
