"""What a share is at least or at most with 90 % confidence, drawn one by one or in clusters.

Members of a cluster move together, so a hundred of them say less than a hundred single draws. Franco, Little,
Louis & Slud 2019 compare intervals for such shares: Wilson's, of as many draws as the clusters are worth, is
one of the two that they recommend.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEVEL = 0.9
ONE_SIDED_90 = 1.2815515655446004
"""Quantile of the normal at LEVEL."""
FEWEST_CLUSTERS = 2
"""Below, how much clusters differ is not known."""


def lower_bound(hits: Ints, tried: Ints) -> Floats:
    """Lower end of the one-sided 90 % interval of a share (Wilson 1927); 0 where nothing was tried."""
    return _wilson(hits, tried, 1.0, ONE_SIDED_90)


def upper_bound(hits: Ints, tried: Ints) -> Floats:
    """Upper end of that interval; 1 where nothing was tried."""
    return 1 - lower_bound(tried - hits, tried)


def clustered_lower_bound(hits: Ints, tried: Ints) -> Floats:
    """The same of what was drawn in clusters; 0 where fewer than FEWEST_CLUSTERS tried anything.

    What was tried is divided by the design effect, by which the share varies more than between single draws
    (Rao & Scott 1992) but never less, and the normal's quantile gives way to Student's, with a degree of
    freedom less than clusters (Korn & Graubard 1998; Dean & Pagano 2015).

    hits, tried: (clusters, n). returns: (n,)
    """
    from scipy.special import stdtrit  # takes its time to load, and single draws do without

    clusters = (tried > 0).sum(axis=0)
    freedom = np.maximum(clusters - 1, 1)
    all_hits, all_tried = hits.sum(axis=0), tried.sum(axis=0)
    share = all_hits / np.maximum(all_tried, 1)
    among_clusters = ((hits - share * tried) ** 2).sum(axis=0) * clusters / freedom
    among_single = all_tried * share * (1 - share)
    effect = np.where(among_single > 0, among_clusters / np.where(among_single > 0, among_single, 1), 1)
    bound = _wilson(all_hits, all_tried, np.maximum(effect, 1), stdtrit(freedom, LEVEL))
    return np.where(clusters >= FEWEST_CLUSTERS, bound, 0.0)


def _wilson(hits: Ints, tried: Ints, effect: Floats | float, deviate: Floats | float) -> Floats:
    """effect: how many of those tried are worth one single draw. deviate: in standard deviations."""
    n = np.maximum(tried, 1) / effect
    share = hits / np.maximum(tried, 1)
    spread = deviate * np.sqrt(share * (1 - share) / n + deviate**2 / (4 * n**2))
    bound: Floats = (share + deviate**2 / (2 * n) - spread) / (1 + deviate**2 / n)
    return np.where(tried > 0, np.clip(bound, 0.0, share), 0.0)
