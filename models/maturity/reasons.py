"""The reasons of a rating, as sentences for a rep: the strongest first, each thing told once."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import nan
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.errors import ModelError
from models.features.feature import Catalogue, Feature
from models.maturity.alike import alike
from models.maturity.attributions import Attributions
from models.maturity.peers import Peers
from models.maturity.sentences import SIMILAR, Cell, Said, say
from models.tables import LEVELS

POINTS_PER_LEVEL = 100 / (len(LEVELS) - 1)

FEWEST_IN_CATEGORY = 10
ALL = ""
"""Stands for every category."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TalkTrack:
    """What a rep may say or ask when a feature is a reason: where it speaks for the customer, and against."""

    up: str = ""
    down: str = ""


@dataclass(frozen=True)
class ReasonSettings:
    """most: reasons per account. of_each: as many of either direction are kept among them, if there are.

    least_points: weaker reasons are left out. surprising_points: below this, one that counts against what
        reps expect of the feature is left out, as is what does not explain its points, such as a usual
        value; above, its sentence says so. lack_points: a lack is told from so many points on.
    barred: features never told. tell_sensitive: whether features marked sensitive are told.
    talk_tracks: by feature.
    """

    most: int = 12
    of_each: int = 3
    least_points: float = 1.0
    surprising_points: float = 5.0
    lack_points: float = 2.0
    barred: frozenset[str] = frozenset()
    tell_sensitive: bool = True
    talk_tracks: Mapping[str, TalkTrack] = field(default_factory=dict)

    def may_tell(self, feature: Feature) -> bool:
        """Whether the feature may be named to a rep at all."""
        barred = feature.name in self.barred or (feature.sensitive and not self.tell_sensitive)
        return feature.told and not barred


@dataclass(frozen=True)
class Reason:
    """One thing that moves the score.

    features: those it stands for, the one told first. group: the name of what they have in common, which
        stays as long as that does. points: their sum, in points of the score.
    sentence: for reps, from a capital letter to a full stop. value, standing: its clauses.
    missing: whether the reason is that we lack the value. surprising: whether its value does not explain by
        itself how it counts, which its sentence then says. sensitive: not to be repeated to the customer.
    talk_track: what the admin suggests to say; may be empty.
    """

    features: tuple[str, ...]
    group: str
    family: str
    points: float
    sentence: str
    value: str
    standing: str
    missing: bool = False
    surprising: bool = False
    sensitive: bool = False
    talk_track: str = ""

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
    groups: Sequence[str] = (),
) -> list[tuple[Reason, ...]]:
    """Reasons of every account, in the order of the frame; an account's strongest first.

    Features of one group are one reason with the sum of their points, told by the strongest member in the
    direction of the sum that can be told without contradicting itself. Missing features are one reason
    where they are missing in the same words. A lack is told where all of these are missing, and never where
    it counts for the customer.

    frame: the model's features, in the model's order: the columns of `found.values` and of `peers`.
    groups: of every feature, as `alike` gives them; measured on the frame where left out.
    raises: ModelError where the shapes differ.
    """
    if not found.values.shape == frame.shape == peers.below.shape:
        raise ModelError(
            f"attributions {found.values.shape}, features {frame.shape} and peers {peers.below.shape} "
            "must have the same accounts and features"
        )
    features = [catalogue[name] for name in frame.columns]
    told = [settings.may_tell(feature) for feature in features]
    points = found.values * POINTS_PER_LEVEL * told
    things = _Things(features, groups or alike(features, frame))
    totals = things.totals(points, frame.notna().to_numpy())
    values = frame.astype(object).where(frame.notna(), None).to_numpy()
    averages = [_averages(frame[each.name], found.expected * POINTS_PER_LEVEL, each) for each in features]
    result = []
    for row in range(len(frame)):
        account = _Account(features, values[row], points[row].tolist(), peers, row, averages)
        result.append(tuple(_chosen(account.reasons(things, totals[row], settings), settings)))
    return result


class _Things:
    """What there is to tell: a group of features, or that figures are missing in the same words.

    names: of the things. members: the features of each, by place. Each feature belongs to two things, its
    group where it has a value and its lack where it has none.
    """

    def __init__(self, features: Sequence[Feature], groups: Sequence[str]) -> None:
        lacks = [feature.wording.missing for feature in features]
        self.names = [*dict.fromkeys(groups), *dict.fromkeys(lacks)]
        self._group = [self.names.index(group) for group in groups]
        self._lack = [self.names.index(lack) for lack in lacks]
        self.members: list[list[int]] = [[] for _ in self.names]
        for i, (group, lack) in enumerate(zip(self._group, self._lack, strict=True)):
            self.members[group].append(i)
            self.members[lack].append(i)

    def totals(self, points: Floats, known: npt.NDArray[np.bool_]) -> Floats:
        """Points of every thing: (n, things)."""
        result = np.zeros((len(points), len(self.names)))
        rows = np.arange(len(points))
        for i, (group, lack) in enumerate(zip(self._group, self._lack, strict=True)):
            result[rows, np.where(known[:, i], group, lack)] += points[:, i]
        return result


def unknown_points(
    found: Attributions,
    frame: pd.DataFrame,
    catalogue: Catalogue,
    settings: ReasonSettings = ReasonSettings(),
) -> Floats:
    """Points that count for an account although they come from what we lack: (n,), 0 or more.

    No reason tells them, since nobody is to be praised for what we do not know.
    """
    features = [catalogue[str(name)] for name in frame.columns]
    told = [settings.may_tell(feature) for feature in features]
    points = pd.DataFrame(found.values * POINTS_PER_LEVEL * told * frame.isna().to_numpy())
    words = [feature.wording.missing for feature in features]
    result: Floats = points.T.groupby(words).sum().T.clip(lower=0).sum(axis=1).to_numpy()
    return result


def _averages(column: "pd.Series[Any]", scores: Floats, feature: Feature) -> dict[str, float]:
    """Average score by category, of categories that are not too small to tell; empty for a number."""
    if feature.kind == "number":
        return {}
    grouped = pd.Series(scores, column.index).groupby(column)
    shown = grouped.mean()[grouped.size() >= FEWEST_IN_CATEGORY]
    return {ALL: float(scores.mean()), **{str(value): float(mean) for value, mean in shown.items()}}


def _chosen(reasons: Iterable[Reason], settings: ReasonSettings) -> list[Reason]:
    """The strongest, but so many of either direction as are to be kept; the strongest first.

    reasons: the strongest first; no more of them are asked for than it takes.
    """
    ordered: list[Reason] = []
    sides: dict[str, list[int]] = {"up": [], "down": []}
    for i, reason in enumerate(reasons):
        ordered.append(reason)
        sides[reason.direction].append(i)
        if len(ordered) >= settings.most and min(map(len, sides.values())) >= settings.of_each:
            break
    kept = {i for side in sides.values() for i in side[: settings.of_each]}
    others = [i for i in range(len(ordered)) if i not in kept]
    kept.update(others[: max(0, settings.most - len(kept))])
    return [ordered[i] for i in sorted(kept)]


@dataclass(frozen=True)
class _Account:
    """One account, feature by feature.

    values: None where missing. points: 0 where a feature must not be told. row: of the account in `peers`.
    averages: per category feature the average score by value, and under ALL that of everybody.
    """

    features: list[Feature]
    values: Sequence[float | str | None]
    points: list[float]
    peers: Peers
    row: int
    averages: Sequence[Mapping[str, float]]

    def reasons(self, things: _Things, totals: Floats, settings: ReasonSettings) -> Iterator[Reason]:
        """The account's reasons, the strongest first. totals: points of every thing."""
        for i in np.argsort(-np.abs(totals), kind="stable").tolist():
            total = float(totals[i])
            if not total or abs(total) < settings.least_points:
                return
            reason = self._reason(things.names[i], things.members[i], total, settings)
            if reason:
                yield reason

    def _reason(
        self, name: str, members: Sequence[int], total: float, settings: ReasonSettings
    ) -> Reason | None:
        """A thing in the words of its strongest feature that can be told, if any can."""
        lack = name == self.features[members[0]].wording.missing
        if lack and any(self.values[i] is not None for i in members):
            return None  # what we have some of we do not lack
        group = [i for i in members if self.points[i] and (self.values[i] is None) == lack]
        arrow = 1 if total > 0 else -1
        ranked = sorted(group, key=lambda i: -arrow * self.points[i])
        teller, said = self._teller(ranked, arrow)
        missing = self.values[teller] is None
        least = settings.lack_points if missing else 0.0 if said.agrees else settings.surprising_points
        if abs(total) < least or (missing and arrow > 0):
            return None
        ending = SURPRISING[arrow] if said.opposed else "" if said.agrees else TOGETHER[arrow]
        ranked = [teller, *(i for i in ranked if i != teller)]
        return Reason(
            features=tuple(self.features[i].name for i in ranked),
            group=name,
            family=self.features[teller].family,
            points=total,
            sentence=said.sentence(ending),
            value=said.value,
            standing=said.standing.removeprefix("; "),
            missing=missing,
            surprising=bool(ending),
            sensitive=self.features[teller].sensitive and not missing and not self._has_none(teller),
            talk_track="" if missing else self._talk_track(ranked, arrow, settings),
        )

    def _teller(self, ranked: list[int], arrow: int) -> tuple[int, Said]:
        """The first that agrees among those in the direction of the arrow; else the first."""
        first = self._said(ranked[0], arrow)
        if not first.agrees:
            for other in ranked[1:]:
                if arrow * self.points[other] <= 0:
                    break
                said = self._said(other, arrow)
                if said.agrees:
                    return other, said
        return ranked[0], first

    def _said(self, i: int, arrow: int) -> Said:
        peers, at = self.peers, (self.row, i)
        group, home = peers.groups[peers.group[at]], peers.groups[peers.home[self.row]]
        cell = Cell(
            value=self.values[i],
            below=float(peers.below[at]),
            above=float(peers.above[at]),
            zeros=float(peers.zeros[at]),
            same=float(peers.same[at]),
            peers=int(peers.count[at]),
            all_below=float(peers.all_below[at]),
            all_above=float(peers.all_above[at]),
            all_customers=int(peers.all_count[at]),
            average=self.averages[i].get(str(self.values[i]), nan),
            all_average=self.averages[i].get(ALL, nan),
            among=SIMILAR if group == home and not group.everybody else group.name,
        )
        return say(self.features[i], cell, arrow)

    def _has_none(self, i: int) -> bool:
        """Whether the account has none of what the feature counts: nobody wrote or said that."""
        wording = self.features[i].wording
        return self.values[i] == 0 and bool(wording.none) and not wording.falling

    def _talk_track(self, ranked: Collection[int], arrow: int, settings: ReasonSettings) -> str:
        """Of the feature told, or of the first of the others that has one."""
        for i in ranked:
            track = settings.talk_tracks.get(self.features[i].name)
            if track:
                return track.up if arrow > 0 else track.down
        return ""


SURPRISING = {
    1: "; usually a weak sign, but here it goes with a higher rating",
    -1: "; usually a good sign, but here it goes with a lower rating",
}
"""Direction -> how a sentence ends that counts the other way than reps expect."""

TOGETHER = {
    1: "; together with its other figures, this goes with a higher rating",
    -1: "; together with its other figures, this goes with a lower rating",
}
"""Direction -> how a sentence ends whose value says nothing by itself."""
