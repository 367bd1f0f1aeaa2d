"""Which features say nearly the same, so that a rep is told one of them."""

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from models.features.feature import Feature

JOIN, PART = 0.8, 0.7
"""Rank correlation from which two features of a family count as one, and below which two that did part."""

FEWEST_ACCOUNTS = 30
"""With a value of both; fewer show no correlation."""


def alike(
    features: Sequence[Feature], frame: pd.DataFrame, together: Collection[frozenset[str]] = ()
) -> list[str]:
    """The group of every feature: equal names, one thing told.

    One group are features that differ only in their window, those of one documented group, and numbers of
    one family whose ranks are correlated beyond JOIN, whatever the sign. What hangs together through a
    third is together.

    frame: the features' values. together: pairs that were in one group last time. They part only below
        PART, so that no pair comes and goes with every run.
    returns: per feature, the documented group of the first feature it is together with.
    """
    groups = [feature.group_name for feature in features]
    places = {feature.name: i for i, feature in enumerate(features)}
    for names in _numbers_by_family(features):
        ranks = frame[names].rank()
        strength = ranks.corr(min_periods=FEWEST_ACCOUNTS).abs().to_numpy()
        for i, j in np.argwhere(np.triu(strength >= PART, k=1)):
            pair = frozenset((names[i], names[j]))
            if strength[i, j] >= JOIN or pair in together:
                kept, joined = groups[places[names[i]]], groups[places[names[j]]]
                groups = [kept if group == joined else group for group in groups]
    return groups


def _numbers_by_family(features: Sequence[Feature]) -> list[list[str]]:
    families: dict[str, list[str]] = {}
    for feature in features:
        if feature.kind == "number":
            families.setdefault(feature.family, []).append(feature.name)
    return list(families.values())
