"""The reasons of a rating, as sentences for a rep: the strongest first, each thing told once."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pandas as pd

from models.errors import ModelError
from models.features.feature import Catalogue, Feature
from models.maturity.attributions import Attributions
from models.maturity.peers import Peers
from models.maturity.sentences import Cell, Said, say
from models.tables import LEVELS

POINTS_PER_LEVEL = 100 / (len(LEVELS) - 1)


@dataclass(frozen=True)
class ReasonSettings:
    """most: reasons per account. least_points: weaker ones are left out.

    unexpected_points: a reason that counts against what reps expect of the feature, or a lack that counts
        for the customer, is left out below this, and says so above it.
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
    groups = [feature.group_name for feature in features]
    told = np.array([_may_be_told(feature, settings) for feature in features])
    points = found.values * POINTS_PER_LEVEL * told
    values = frame.astype(object).where(frame.notna(), None).to_numpy()
    result = []
    for row in range(len(frame)):
        account = _Account(
            features, groups, values[row].tolist(), points[row].tolist(), _standing(peers, row)
        )
        result.append(tuple(islice(account.reasons(settings), settings.most)))
    return result


@dataclass(frozen=True)
class _Account:
    """One account, feature by feature.

    values: None where missing. points: 0 where a feature must not be told.
    standing: below, above, zeros, same, count of `Peers`.
    """

    features: list[Feature]
    groups: list[str]
    values: list[float | str | None]
    points: list[float]
    standing: list[tuple[float, float, float, float, int]]

    def reasons(self, settings: ReasonSettings) -> Iterator[Reason]:
        """The account's reasons, the strongest first."""
        members = defaultdict(list)
        for i, value in enumerate(self.values):
            if self.points[i]:
                members[self.features[i].wording.missing if value is None else self.groups[i]].append(i)
        totals = [(sum(self.points[i] for i in group), group) for group in members.values()]
        for total, group in sorted(totals, key=lambda each: -abs(each[0])):
            if abs(total) < settings.least_points:
                return
            reason = self._reason(group, total, settings)
            if reason:
                yield reason

    def _reason(self, group: list[int], total: float, settings: ReasonSettings) -> Reason | None:
        """The group in the words of its strongest member that can be told, if any can."""
        arrow = 1 if total > 0 else -1
        ranked = sorted(group, key=lambda i: -arrow * self.points[i])
        teller = ranked[0]
        said = self._said(teller, arrow)
        for other in ranked[1:]:
            if said.agrees or arrow * self.points[other] <= 0:
                break
            another = self._said(other, arrow)
            if another.agrees:
                teller, said = other, another
        missing = self.values[teller] is None
        if not said.agrees and abs(total) < settings.unexpected_points:
            return None
        return Reason(
            features=(self.features[teller].name, *(self.features[i].name for i in ranked if i != teller)),
            family=self.features[teller].family,
            points=total,
            sentence=said.sentence("" if said.agrees else _UNEXPECTED[arrow, missing]),
            value=said.value,
            standing=said.standing.removeprefix("; "),
            missing=missing,
        )

    def _said(self, i: int, arrow: int) -> Said:
        return say(self.features[i], Cell(self.values[i], *self.standing[i]), arrow)


def _standing(peers: Peers, row: int) -> list[tuple[float, float, float, float, int]]:
    columns = (peers.below, peers.above, peers.zeros, peers.same, peers.count)
    return list(zip(*(column[row].tolist() for column in columns), strict=True))


_UNEXPECTED = {
    (1, True): "; that does not count against them here",
    (1, False): "; seen together with the rest, it still counts for a higher rating",
    (-1, False): "; seen together with the rest, it still counts against a higher rating",
}
"""(direction, missing) -> how a sentence ends that is not what reps expect."""


def _may_be_told(feature: Feature, settings: ReasonSettings) -> bool:
    return feature.name not in settings.barred and (settings.tell_sensitive or not feature.sensitive)
