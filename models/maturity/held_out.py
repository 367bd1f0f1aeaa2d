"""Held-out predictions: what comparisons of models and the choice of an operating point go by.

Light on imports: choosing an operating point loads no model.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.arrays import packed, unpacked
from models.errors import ArtifactError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class HeldOut:
    """Predictions of held-out labels, one row each: what `select` and paired comparisons need.

    probabilities: (n, levels) uint16, p x 65535 (error below 1e-5). rating: (n,), by cut points that
        were chosen on other blocks.
    """

    account_id: NDArray[np.str_]
    at: NDArray[np.datetime64]
    level: Ints
    rating: Ints
    probabilities: NDArray[np.uint16]

    def to_bytes(self) -> bytes:
        """A numpy archive without pickle."""
        return packed(vars(self))

    @classmethod
    def from_bytes(cls, data: bytes) -> "HeldOut":
        """raises: ArtifactError where the bytes are something else."""
        try:
            return cls(**unpacked(data, "held-out predictions"))
        except TypeError as error:
            raise ArtifactError(f"the stored held-out predictions cannot be read: {error}") from error

    @property
    def labels(self) -> "HeldOutLabels":
        """The labels without their predictions."""
        return HeldOutLabels(self.account_id, self.at, self.level)

    def shares(self) -> Floats:
        """The probabilities as floats; rows sum to 1."""
        values = self.probabilities.astype(float)
        normed: Floats = values / values.sum(axis=1, keepdims=True)
        return normed


@dataclass(frozen=True)
class HeldOutLabels:
    """What was predicted, kept once for all models of one training set."""

    account_id: NDArray[np.str_]
    at: NDArray[np.datetime64]
    level: Ints

    def to_bytes(self) -> bytes:
        """A numpy archive without pickle."""
        return packed(vars(self))

    @classmethod
    def from_bytes(cls, data: bytes) -> "HeldOutLabels":
        """raises: ArtifactError where the bytes are something else."""
        try:
            return cls(**unpacked(data, "held-out labels"))
        except TypeError as error:
            raise ArtifactError(f"the stored held-out labels cannot be read: {error}") from error

    def predicted(self, rating: bytes, probabilities: bytes) -> HeldOut:
        """With predictions: int8, and little-endian uint16 row by row."""
        return HeldOut(
            account_id=self.account_id,
            at=self.at,
            level=self.level,
            rating=np.frombuffer(rating, dtype=np.int8).astype(np.int64),
            probabilities=np.frombuffer(probabilities, dtype="<u2").reshape(len(self.level), -1),
        )
