"""The reasons of a rating, as sentences for a rep: the strongest first, each thing told once."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.errors import ModelError
from models.features.feature import Catalogue, Feature
from models.maturity.attributions import Attributions
from models.maturity.peers import Peers
from models.maturity.sentences import Cell, say
from models.tables import LEVELS

POINTS_PER_LEVEL = 100 / (len(LEVELS) - 1)

Floats = npt.NDArray[np.float64]
Members = npt.NDArray[np.intp]


@dataclass(frozen=True)
class ReasonSettings:
    """most: reasons per account. least_points: weaker ones are left out.

    unexpected_points: a reason that counts against what reps expect of the feature is left out below
        this, and says so above it.
    barred: features never told. tell_sensitive: whether features marked sensitive are told.
    """

    most: int = 15
    least_points: float = 0.5
    unexpected_points: float = 3.0
    barred: frozenset[str] = frozenset()
    tell_sensitive: bool = True


@dataclass(frozen=True)
class Reason:
    """One thing that moves the score.

    features: those it stands for, the one told first. points: their sum, in points of the score.
    sentence: for reps, from a capital letter to a full stop. value, standing: its clauses.
    missing: whether the reason is that we lack the value.
    """

    features: tuple[str, ...]
    family: str
    points: float
    sentence: str
    value: str
    standing: str
    missing: bool

    @property
    def direction(self) -> str:
        """`up` or `down`."""
        return "up" if self.points > 0 else "down"


def find_reasons(
    found: Attributions,
    frame: pd.DataFrame,
    catalogue: Catalogue,
    peers: Peers,
    settings: ReasonSettings = ReasonSettings(),
) -> list[tuple[Reason, ...]]:
    """Reasons of every account, in the order of the frame.

    Features of one group (of one name but for the window, or of one documented group) are one reason with
    the sum of their points, told by the strongest member in the direction of the sum that can be told
    without contradicting itself. Missing features are one reason where they are missing in the same words.

    frame: the model's features, in the model's order: the columns of `found.values` and of `peers`.
    raises: ModelError where the shapes differ.
    """
    if not found.values.shape == frame.shape == peers.below.shape:
        raise ModelError(
            f"attributions {found.values.shape}, features {frame.shape} and peers {peers.below.shape} "
            "must have the same accounts and features"
        )
    features = [catalogue[name] for name in frame.columns]
    told = np.array([_may_be_told(feature, settings) for feature in features])
    points = found.values * POINTS_PER_LEVEL * told
    missing = frame.isna().to_numpy()
    groups = _members([feature.group_name for feature in features])
    lacks = _members([feature.wording.missing for feature in features])
    sums = np.hstack([_sums(points * ~missing, groups), _sums(points * missing, lacks)])
    table = _Table(features, frame.to_numpy(dtype=object), missing, points, peers, settings)
    return [
        tuple(islice(table.reasons(row, sums[row], [*groups, *lacks], len(groups)), settings.most))
        for row in range(len(frame))
    ]


@dataclass(frozen=True)
class _Table:
    """What there is to tell: values and missing (n, f), points (n, f), 0 where a feature must not be told."""

    features: list[Feature]
    values: npt.NDArray[np.object_]
    missing: npt.NDArray[np.bool_]
    points: Floats
    peers: Peers
    settings: ReasonSettings

    def reasons(self, row: int, sums: Floats, members: list[Members], lacking_from: int) -> Iterator[Reason]:
        """The account's reasons, the strongest first. Members from `lacking_from` on are told as missing."""
        for i in np.argsort(-np.abs(sums), kind="stable"):
            if abs(sums[i]) < self.settings.least_points or sums[i] == 0:
                return
            there = members[i][self.missing[row, members[i]] == (i >= lacking_from)]
            reason = self._reason(row, there, float(sums[i]))
            if reason:
                yield reason

    def _reason(self, row: int, members: Members, total: float) -> Reason | None:
        """The group in the words of its strongest member that can be told, if any can."""
        arrow = 1 if total > 0 else -1
        ranked = members[np.argsort(-arrow * self.points[row, members], kind="stable")]
        said = [
            (i, say(self.features[i], self._cell(row, i), arrow))
            for i in ranked
            if self._pushes(row, i, arrow)
        ]
        agreeing = [(i, what) for i, what in said if what.agrees or self.missing[row, i]]
        if not agreeing and abs(total) < self.settings.unexpected_points:
            return None
        teller, what = (agreeing or said)[0]
        ending = "" if what.agrees else _UNEXPECTED[arrow, bool(self.missing[row, teller])]
        return Reason(
            features=(self.features[teller].name, *(self.features[i].name for i in ranked if i != teller)),
            family=self.features[teller].family,
            points=total,
            sentence=what.sentence(ending),
            value=what.value,
            standing=what.standing.removeprefix("; "),
            missing=bool(self.missing[row, teller]),
        )

    def _pushes(self, row: int, i: int, arrow: int) -> bool:
        return bool(arrow * self.points[row, i] > 0)

    def _cell(self, row: int, i: int) -> Cell:
        peers = self.peers
        return Cell(
            value=None if self.missing[row, i] else self.values[row, i],
            below=float(peers.below[row, i]),
            above=float(peers.above[row, i]),
            zeros=float(peers.zeros[row, i]),
            same=float(peers.same[row, i]),
            peers=int(peers.count[row, i]),
        )


_UNEXPECTED = {
    (1, True): "; that does not count against them here",
    (-1, True): "",
    (1, False): "; seen together with the rest, it still counts for a higher rating",
    (-1, False): "; seen together with the rest, it still counts against a higher rating",
}
"""(direction, missing) -> how a sentence ends that is not what reps expect."""


def _may_be_told(feature: Feature, settings: ReasonSettings) -> bool:
    return feature.name not in settings.barred and (settings.tell_sensitive or not feature.sensitive)


def _members(keys: list[str]) -> list[Members]:
    """Positions of equal keys, in the order in which the keys first occur."""
    return [np.flatnonzero([key == other for other in keys]) for key in dict.fromkeys(keys)]


def _sums(points: Floats, groups: list[Members]) -> Floats:
    return np.column_stack([points[:, members].sum(axis=1) for members in groups])
