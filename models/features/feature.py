"""A feature: a documented column of the snapshot, and the catalogue of all of them."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import ibis.expr.types as ir

from models.errors import ModelError
from models.features.expect import Expectation
from models.features.wording import Wording, stem
from models.tables import Facts

Rows = Callable[[Facts, datetime], ir.Table]
"""Gives the rows before a cut that features aggregate. Has `account_id`; no row is of the cut or later."""


@dataclass(frozen=True)
class Feature:
    """One documented column.

    name: the column; its window in days at the end where it has one (`_28d`).
    label: what a rep calls it, fit to stand inside a sentence ("daily usage over the last 4 weeks").
    unit: of the value ("events per day", "%" for 0..100); empty for a category.
    meaning: how it is computed, and when it is zero, missing or neither.
    sources: the facts it is computed from, the one it mainly depends on first.
    owner: who answers for the source's content.
    direction: what reps expect of a higher value: +1 more mature, -1 less, 0 neither.
    rows: the prepared rows it aggregates; features that share them are computed in one pass.
    value: the aggregate over one account's rows.
    kind: `number` or `category` (text).
    expect: how it may change between runs; None where anything may happen.
    sensitive: taken from what people wrote or said about themselves; not to be repeated to the customer.
    told: whether a reason may name it; False for what says more of us than of the customer.
    wording: how a rep says its value.
    group: features of one group say nearly the same, and a rep is told one of them. Empty: the name without
        its window is the group.
    """

    name: str
    label: str
    unit: str
    family: str
    meaning: str
    sources: tuple[str, ...]
    owner: str
    direction: int
    rows: Rows
    value: Callable[[ir.Table], ir.Value]
    wording: Wording
    kind: Literal["number", "category"] = "number"
    expect: Expectation | None = None
    sensitive: bool = False
    told: bool = True
    group: str = ""

    @property
    def group_name(self) -> str:
        """The group, shared by features that differ only in their window."""
        return self.group or stem(self.name)


@dataclass(frozen=True)
class Catalogue:
    """The features of a snapshot, in the order of its columns.

    raises: ModelError when two features have one name.
    """

    features: tuple[Feature, ...]

    def __post_init__(self) -> None:
        twice = [name for name, times in Counter(self.names).items() if times > 1]
        if twice:
            raise ModelError(f"the catalogue has two features of one name: {', '.join(twice)}; rename one")

    def __iter__(self) -> Iterator[Feature]:
        return iter(self.features)

    def __len__(self) -> int:
        return len(self.features)

    def __getitem__(self, name: str) -> Feature:
        """The feature of a name.

        raises: KeyError
        """
        for feature in self.features:
            if feature.name == name:
                return feature
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the snapshot, in order."""
        return tuple(feature.name for feature in self.features)

    @property
    def categories(self) -> tuple[str, ...]:
        """Names of the features that are text."""
        return tuple(feature.name for feature in self.features if feature.kind == "category")

    @property
    def families(self) -> dict[str, tuple[Feature, ...]]:
        """Features by family, both in order."""
        names = dict.fromkeys(feature.family for feature in self.features)
        return {name: tuple(f for f in self.features if f.family == name) for name in names}
