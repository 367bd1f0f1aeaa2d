"""Which of several labels about one account count, and how much.

Two labels of an account are about one moment where they are less than WINDOW apart, or meet the same
snapshot. Of one moment:

1. of one person, or one origin whose person is not known, the newest counts; it supersedes the others;
2. an expert overrules an outcome, and both overrule feedback: who gives it has seen the rating;
3. people of one origin who remain all count, each with his weight divided by how many they are.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from models.tables import Label

WINDOW = timedelta(days=28)
"""Labels of one account closer than this are about one moment."""

RANK = {"expert": 2, "outcome": 1, "feedback": 0}
"""Which origin is believed where several speak of one moment."""


@dataclass(frozen=True)
class Placed:
    """A label and the cut of the snapshot that it meets."""

    label: Label
    as_of: datetime

    def same_moment(self, other: "Placed") -> bool:
        """Whether both, of one account, are about one moment."""
        return abs(self.label.at - other.label.at) < WINDOW or self.as_of == other.as_of

    @property
    def voice(self) -> tuple[str, str | None]:
        """Who speaks."""
        return self.label.origin, self.label.by


@dataclass(frozen=True)
class Settled:
    """placed: the labels that count, with their weights. superseded, overruled: how many do not."""

    placed: tuple[Placed, ...]
    superseded: int
    overruled: int


def settle(placed: Iterable[Placed]) -> Settled:
    """Settle conflicts by the rule above. Every label counts or is counted as left out."""
    by_account: defaultdict[str, list[Placed]] = defaultdict(list)
    for each in placed:
        by_account[each.label.account_id].append(each)
    counts: Counter[str] = Counter()
    settled = [one for about in by_account.values() for one in _settled(about, counts)]
    return Settled(tuple(settled), counts["superseded"], counts["overruled"])


def _settled(about: Sequence[Placed], counts: Counter[str]) -> list[Placed]:
    """The labels of one account that count."""
    spoken: list[Placed] = []
    for each in sorted(
        about, key=lambda one: (one.label.at, one.label.level, one.label.weight), reverse=True
    ):
        if any(each.voice == newer.voice and each.same_moment(newer) for newer in spoken):
            counts["superseded"] += 1
        else:
            spoken.append(each)
    believed = [each for each in spoken if not any(_overrules(other, each) for other in spoken)]
    counts["overruled"] += len(spoken) - len(believed)
    return [_shared(each, believed) for each in believed]


def _overrules(other: Placed, each: Placed) -> bool:
    return RANK[other.label.origin] > RANK[each.label.origin] and other.same_moment(each)


def _shared(each: Placed, believed: Sequence[Placed]) -> Placed:
    """The label with its part of the weight."""
    people = {
        other.voice for other in believed if other.voice[0] == each.voice[0] and other.same_moment(each)
    }
    return replace(each, label=replace(each.label, weight=each.label.weight / len(people)))
