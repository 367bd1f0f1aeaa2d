"""The maturity model: trees, temperature, cut points; from a feature table to ratings and attributions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from catboost import CatBoost, CatBoostError, Pool
from numpy.typing import NDArray
from scipy.special import softmax

from models.artifact import Artifact, json_bytes
from models.errors import ArtifactError, TableError
from models.maturity.hysteresis import Ratings, settle
from models.maturity.levels import expected_level

FORMAT = 2
"""Of `maturity.json`; raised whenever an older program could not read a newer model."""

MISSING = "(missing)"
"""What CatBoost is given for a missing category; it takes strings only."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MaturityModel:
    """A trained model. Levels are 0 (low) to `len(cuts)` (highest).

    features: columns taken from a feature table, in this order; all others are ignored.
    categories: the categorical ones among them, each with the values seen in training, sorted.
    cuts: increasing thresholds on the expected level; a level starts at its cut.
    margin: half-width around a cut in which the last rating stays.
    temperature: raw scores are divided by it.
    members: CatBoost models in the `.cbm` format; the mean of their raw scores counts.
    """

    features: tuple[str, ...]
    categories: Mapping[str, tuple[str, ...]]
    cuts: tuple[float, ...]
    margin: float
    temperature: float
    members: tuple[bytes, ...] = field(repr=False)
    _catboosts: tuple[CatBoost, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_catboosts", tuple(_loaded(member) for member in self.members))

    def raw(self, frame: pd.DataFrame) -> Floats:
        """Scores before calibration: (accounts, levels), log-odds up to a constant.

        raises: TableError where the table lacks a feature.
        """
        return mean_scores(self._catboosts, self._pool(frame))

    def probabilities(self, frame: pd.DataFrame) -> Floats:
        """Calibrated probabilities: (accounts, levels), rows sum to 1."""
        return calibrated(self.raw(frame), self.temperature)

    def expected_level(self, frame: pd.DataFrame) -> Floats:
        """(accounts,), 0 to `len(cuts)`."""
        return expected_level(self.probabilities(frame))

    def score(self, frame: pd.DataFrame) -> Floats:
        """(accounts,), the expected level on a scale of 0 to 100."""
        return self.expected_level(frame) * (100.0 / len(self.cuts))

    def ratings(self, expected: Floats, previous: NDArray[np.int64] | None = None) -> Ratings:
        """Levels of accounts from their expected levels and, where there are any, their last ratings."""
        return settle(expected, self.cuts, self.margin, previous)

    def shap_values(self, frame: pd.DataFrame) -> Floats:
        """Attributions of the raw scores: (accounts, levels, features + 1), the last being the base.

        Sums over the last axis are `raw(frame)`, to rounding.
        """
        return mean_shap_values(self._catboosts, self._pool(frame))

    def to_artifact(self) -> Artifact:
        about = {
            "format": FORMAT,
            "features": self.features,
            "categories": self.categories,
            "cuts": self.cuts,
            "margin": self.margin,
            "temperature": self.temperature,
            "members": len(self.members),
        }
        trees = {_file_name(number): member for number, member in enumerate(self.members)}
        return Artifact({"maturity.json": json_bytes(about), **trees})

    @classmethod
    def from_artifact(cls, artifact: Artifact) -> "MaturityModel":
        """The model whose `to_artifact` this is; its predictions are equal bit by bit.

        raises: ArtifactError where it is no maturity model, or one of another release.
        """
        about = artifact.json("maturity.json")
        if about.get("format") != FORMAT:
            raise ArtifactError(
                f"model {artifact.digest[:12]} has the format {about.get('format')}, this release reads "
                f"{FORMAT}; train again or run the release that wrote it"
            )
        return cls(
            features=tuple(about["features"]),
            categories={name: tuple(values) for name, values in about["categories"].items()},
            cuts=tuple(about["cuts"]),
            margin=about["margin"],
            temperature=about["temperature"],
            members=tuple(artifact.file(_file_name(number)) for number in range(about["members"])),
        )

    def _pool(self, frame: pd.DataFrame) -> Pool:
        table = prepared(frame, self.features, self.categories)
        return Pool(table, cat_features=list(self.categories))


def mean_scores(members: Sequence[CatBoost], asked: Pool) -> Floats:
    """Raw scores, log-odds up to a constant: (n, classes). Of two classes CatBoost scores the second only."""
    raws = [member.predict(asked, prediction_type="RawFormulaVal") for member in members]
    mean: Floats = np.mean(raws, axis=0)
    return mean if mean.ndim == 2 else np.column_stack([np.zeros_like(mean), mean])


def mean_shap_values(members: Sequence[CatBoost], asked: Pool) -> Floats:
    """(n, classes, features + 1); sums over the last axis are `mean_scores`."""
    values = [member.get_feature_importance(asked, type="ShapValues") for member in members]
    mean: Floats = np.mean(values, axis=0)
    return mean if mean.ndim == 3 else np.stack([np.zeros_like(mean), mean], axis=1)


def _loaded(member: bytes) -> CatBoost:
    catboost = CatBoost()
    try:
        catboost.load_model(blob=member)
    except CatBoostError as error:
        raise ArtifactError(f"the trees cannot be read: {error}") from error
    return catboost


def _file_name(member: int) -> str:
    return f"trees-{member}.cbm"


def calibrated(raw: Floats, temperature: float) -> Floats:
    """Probabilities from raw scores: (n, levels)."""
    probabilities: Floats = softmax(raw / temperature, axis=1)
    return probabilities


def is_categorical(column: "pd.Series[Any]") -> bool:
    """Whether a snapshot's column holds categories: numbers are float64 there, categories object."""
    return not pd.api.types.is_numeric_dtype(column.dtype)


def prepared(
    frame: pd.DataFrame, features: tuple[str, ...], categories: Mapping[str, tuple[str, ...]]
) -> pd.DataFrame:
    """The features of a table as CatBoost takes them, missing categories named.

    raises: TableError where the table lacks a feature.
    """
    absent = [name for name in features if name not in frame.columns]
    if absent:
        raise TableError(f"the feature table lacks {', '.join(absent)}; the model was trained with them")
    columns = {
        name: frame[name].astype(object).where(frame[name].notna(), MISSING).astype(str).astype(object)
        if name in categories
        else frame[name].astype(float)
        for name in features
    }
    return pd.DataFrame(columns)
