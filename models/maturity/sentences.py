"""One feature of one account in a sentence that does not contradict its own number."""

from dataclasses import dataclass

import numpy as np

from models.features.feature import Feature
from models.features.wording import Wording
from models.maturity.words import Spoken, clean, share, shorten

CATEGORY_LENGTH = 60
USUAL = (0.2, 0.8)
"""Percentiles between which a value is called typical."""

MOSTLY_NONE = 0.5
BARELY = 0.5
"""Changes smaller than this, in percent, are no change."""


SIMILAR = "similar customers"


@dataclass(frozen=True)
class Cell:
    """A value among those of its peers and of all customers, as `Peers` has them.

    value: None where missing. among: what the peers are called, in the plural.
    average, all_average: score of all customers in the same category and of all there are; NaN for a number.
    """

    value: float | str | None
    below: float
    above: float
    zeros: float
    same: float
    peers: int
    all_below: float
    all_above: float
    all_customers: int
    among: str = SIMILAR
    average: float = np.nan
    all_average: float = np.nan


@dataclass(frozen=True)
class Said:
    """value: the clause about the value. standing: the comparison; empty where there is none to make.

    agrees: whether the clause is one that reps expect to count the way it counts here.
    opposed: whether it is one that they expect to count the other way. It is neither where a value is usual.
    """

    value: str
    standing: str
    agrees: bool
    opposed: bool = False

    def sentence(self, ending: str = "") -> str:
        """The clauses as one sentence."""
        joint = "" if self.standing.startswith(";") or not self.standing else ", "
        return f"{self.value}{joint}{self.standing}{ending}."


def say(feature: Feature, cell: Cell, arrow: int) -> Said:
    """Say a value that counts for (arrow +1) or against (-1) a higher rating.

    Words and standing each say "much", "little" or nothing about the value. With the direction reps expect
    of the feature they agree with the arrow or not. A standing that disagrees is left out where the words
    agree. Where only the standing among all customers explains the arrow, it is told as well. Where nothing
    agrees, and something disagrees, they are opposed. A category agrees where such customers score on
    average as the arrow says. A number that is usual, and of which there is nothing else to say, does not
    agree: that explains nothing.
    """
    wording = feature.wording
    if cell.value is None:
        return Said(wording.missing, "", arrow < 0)
    if isinstance(cell.value, str):
        category = shorten(clean(cell.value), CATEGORY_LENGTH)
        explained = bool((cell.average - cell.all_average) * arrow >= 1)
        return Said(wording.some.format(v=category), _same_category(cell, explained), explained)
    value = 0.0 if wording.falling and abs(cell.value) < BARELY else cell.value
    words, much_by_words = _words(wording, value)
    expected = arrow * feature.direction
    standing, much_by_standing = _standing(wording, cell, value, expected)
    if expected == 0:
        return Said(words, standing, bool(much_by_words or much_by_standing or not standing))
    if much_by_standing == expected:
        return Said(words, standing, True)
    if much_by_words == expected:
        return Said(words, "" if much_by_standing else standing, True)
    overall = "" if much_by_words else _among_all(wording, cell, value, expected)
    if overall and standing:
        joint = "though" if much_by_standing else "but"
        return Said(words, f"{standing}, {joint} {overall}", True)
    opposed = bool(much_by_words or much_by_standing)
    return Said(words, standing, not opposed and not standing, opposed)


def _words(wording: Wording, value: float) -> tuple[str, int]:
    """The clause about a number, and whether it says much (+1), little (-1) or neither (0)."""
    if value == 0 and wording.none:
        return wording.none, 0 if wording.falling else -1
    if value < 0 and wording.falling:
        return wording.falling.format(v=Spoken(-value)), -1
    return wording.some.format(v=Spoken(value)), 1 if wording.falling else 0


def _standing(wording: Wording, cell: Cell, value: float, expected: int) -> tuple[str, int]:
    """The comparison of a number with peers, and whether it says much, little or neither."""
    if not cell.peers:
        return "", 0
    if wording.none and not wording.falling:
        if value == 0 and cell.zeros >= MOSTLY_NONE:
            return f"like {_of_peers(cell.zeros, cell)}", 0
        if value == 0:
            return f"unlike {_of_peers(1 - cell.zeros, cell)}", -1
        if cell.zeros >= MOSTLY_NONE:
            return f"; {_of_peers(cell.zeros, cell)} {wording.others_none}", 1
    side = _side(cell.below, cell.above, expected)
    if side == 0:
        return f"as is usual for {cell.among}", 0
    part = cell.below if side > 0 else cell.above
    return f"{_further(wording, value, side)} {_of_peers(part, cell)}", side


def _among_all(wording: Wording, cell: Cell, value: float, expected: int) -> str:
    """The comparison with all customers, where it explains the arrow; else empty."""
    if not cell.all_customers or _side(cell.all_below, cell.all_above, expected) != expected:
        return ""
    part = cell.all_below if expected > 0 else cell.all_above
    of = "" if part >= 1 else f"{share(part)} of "
    return f"{_further(wording, value, expected)} {of}all {cell.all_customers:,} customers"


def _further(wording: Wording, value: float, side: int) -> str:
    """How a value on this side of others compares with them."""
    if wording.falling and value == 0:
        return "a higher change than" if side > 0 else "a lower change than"
    further = wording.more if (side > 0) == (value >= 0) else wording.less  # a smaller fall is a higher value
    return f"{further} than"


def _side(below: float, above: float, expected: int) -> int:
    """High (+1) or low (-1) among others; inside the usual range the half that explains the arrow counts."""
    percentile = (1 + below - above) / 2
    low, high = USUAL
    if percentile > high or (percentile >= low and expected > 0 and below >= 0.5):
        return 1
    if percentile < low or (expected < 0 and above >= 0.5):
        return -1
    return 0


def _same_category(cell: Cell, explained: bool) -> str:
    """What such customers score where that explains the arrow, else how many similar ones are alike."""
    if explained:
        return f"; such customers score {cell.average:.0f} on average, all customers {cell.all_average:.0f}"
    if not cell.peers or np.isnan(cell.same):
        return ""
    if cell.same == 0:
        return f"unlike all {cell.peers:,} {cell.among}"
    return f"like {_of_peers(cell.same, cell)}"


def _of_peers(part: float, cell: Cell) -> str:
    of = "" if part >= 1 else " of"
    return f"{share(part)}{of} {cell.peers:,} {cell.among}"
