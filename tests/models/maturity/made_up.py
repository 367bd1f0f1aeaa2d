"""Made-up accounts with every feature of the catalogue."""

import numpy as np
import pandas as pd

from models.features.catalogue import catalogue
from models.features.feature import Catalogue, Feature
from models.maturity.attributions import Attributions

CATALOGUE: Catalogue = catalogue(("high_availability", "cancellation"), ("docker", "maven"))
HOSTILE = '=HYPERLINK("x") & <script>alert(1)</script>\u202e\n'


def made_up_frame(n: int, seed: int = 0) -> pd.DataFrame:
    """n accounts; a tenth of the values is missing, a fifth of those that may be 0 is 0."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame({feature.name: _column(feature, n, rng) for feature in CATALOGUE})


def made_up_attributions(frame: pd.DataFrame, seed: int = 0, size: float = 0.03) -> Attributions:
    """Random attributions from a starting point in the middle."""
    values = np.random.default_rng(seed).normal(scale=size, size=frame.shape)
    start = np.full(len(frame), 1.0)
    return Attributions(values, start, start + values.sum(axis=1))


def _column(feature: Feature, n: int, rng: np.random.Generator) -> pd.Series:
    missing = rng.random(n) < 0.1
    if feature.kind == "category":
        values = rng.choice(np.array(["North", "South", HOSTILE], dtype=object), n)
        return pd.Series(np.where(missing, None, values), dtype=object)
    values = rng.lognormal(2, 2, n)
    if feature.unit in {"%", "out of 10"} and not feature.wording.falling:
        values = rng.uniform(1, 100 if feature.unit == "%" else 10, n)
    if feature.wording.falling:
        values *= rng.choice([-1, 1], n)
    if feature.wording.none:
        values[rng.random(n) < 0.2] = 0
    return pd.Series(np.where(missing, np.nan, values))
