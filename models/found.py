"""What a rule that selects some of the labels got right, and what can be promised of it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.confidence import Floats, Ints, clustered_lower_bound, lower_bound

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Found:
    """What a rule that selects some of the labels got right, as counts of labels.

    precision_bound, recall_bound: what each is at least, with 90 % confidence.
    """

    labels: int
    positives: int
    selected: int
    hits: int
    precision_bound: float
    recall_bound: float

    @property
    def accuracy(self) -> float | None:
        wrong = self.selected + self.positives - 2 * self.hits
        return 1 - wrong / self.labels if self.labels else None

    @property
    def precision(self) -> float | None:
        return self.hits / self.selected if self.selected else None

    @property
    def recall(self) -> float | None:
        return self.hits / self.positives if self.positives else None

    @property
    def words(self) -> str:
        """Precision, what is promised of it, and recall."""
        return (
            f"precision {share_in_words(self.precision)} (at least {self.precision_bound:.2f} with 90 % "
            f"confidence), recall {share_in_words(self.recall)}"
        )

    def as_json(self) -> dict[str, Any]:
        derived = ("accuracy", "precision", "recall")
        return {**vars(self), **{name: getattr(self, name) for name in derived}}


def counted(taken: Bools, truth: Bools, cluster: Ints | None = None) -> Found:
    """What a rule that takes these labels got right.

    cluster: (n,); labels of one cluster move together. None: each is drawn alone.
    """
    each = (by_cluster(of, cluster).sum(axis=1, keepdims=True) for of in (truth, taken, taken & truth))
    positives, selected, hits = each
    return Found(
        labels=len(truth),
        positives=int(positives.sum()),
        selected=int(selected.sum()),
        hits=int(hits.sum()),
        precision_bound=float(bound(hits, selected, cluster)[0]),
        recall_bound=float(bound(hits, positives, cluster)[0]),
    )


def by_cluster(of: Bools, cluster: Ints | None) -> Ints:
    """(clusters, n), which labels of each are so; all in one row where each is drawn alone."""
    mine = True if cluster is None else np.unique(cluster)[:, None] == cluster
    return (mine & of[None, :]).astype(np.int64)


def bound(hits: Ints, tried: Ints, cluster: Ints | None) -> Floats:
    """(n,), what shares are at least. hits, tried: (clusters, n)."""
    if cluster is None:
        return lower_bound(hits.sum(axis=0), tried.sum(axis=0))
    return clustered_lower_bound(hits, tried)


def share_in_words(share: float | None) -> str:
    """Two digits; a dash where there was nothing to take a share of."""
    return "–" if share is None else f"{share:.2f}"
