"""The profile of a snapshot: what of a feature table is kept to compare later runs with."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.features.feature import Catalogue, Feature
from models.tables import Snapshot

Floats = npt.NDArray[np.float64]

QUANTILES = (np.arange(100) + 0.5) / 100
FEWEST = 30
"""Known values from which on a distribution is described at all."""


@dataclass(frozen=True)
class NumberProfile:
    """A number over all accounts. Shares are of all accounts, but for those paired with an earlier run.

    quantiles: of the known values at 0.5 %, 1.5 %, ... 99.5 %; empty where fewer than FEWEST are known.
    log_size: mean log of the absolute values that are not zero; None where fewer than FEWEST are. (The
        median of small counts jumps from one count to the next.)
    changed_share: of the accounts in both runs, whose value is another (missing counts as a value).
    expected_share: of the accounts known in both runs, whose value is as the feature's `expect` says.
        Both are None without an earlier run, the last also without `expect`.
    """

    missing_share: float
    zero_share: float
    quantiles: tuple[float, ...]
    log_size: float | None
    changed_share: float | None = None
    expected_share: float | None = None


@dataclass(frozen=True)
class CategoryProfile:
    """A category over all accounts.

    shares: level to its share of the accounts that have one. changed_share: as of a number.
    """

    missing_share: float
    shares: Mapping[str, float]
    changed_share: float | None = None


@dataclass(frozen=True)
class Profile:
    """All features of a snapshot in brief; some 100 kB of JSON for 100 features.

    paired: accounts that the earlier run had too; 0 without one.
    """

    as_of: datetime
    accounts: int
    paired: int
    numbers: Mapping[str, NumberProfile]
    categories: Mapping[str, CategoryProfile]

    def to_json(self) -> str:
        """As text to store."""
        return json.dumps({**asdict(self), "as_of": self.as_of.isoformat()}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """From stored text."""
        told: dict[str, Any] = json.loads(text)
        numbers = {
            name: NumberProfile(**{**number, "quantiles": tuple(number["quantiles"])})
            for name, number in told["numbers"].items()
        }
        categories = {name: CategoryProfile(**category) for name, category in told["categories"].items()}
        return cls(
            datetime.fromisoformat(told["as_of"]), told["accounts"], told["paired"], numbers, categories
        )


def profile(snapshot: Snapshot, catalogue: Catalogue, previous: Snapshot | None = None) -> Profile:
    """Describe a snapshot, and account by account how it differs from the previous one.

    previous: the run that this one will be compared with. Where a source refreshes daily that is the same
        slot of the day before: half a day later nothing has changed, and that looks frozen.
    Features of the catalogue that the snapshot lacks are left out.
    """
    now = snapshot.frame
    shared = now.index.intersection(previous.frame.index) if previous else now.index[:0]
    numbers, categories = {}, {}
    for feature in catalogue:
        if feature.name not in now:
            continue
        column = now[feature.name]
        pair = None
        if previous and len(shared) and feature.name in previous.frame:
            pair = (previous.frame[feature.name].reindex(shared), column.reindex(shared))
        if feature.kind == "category":
            categories[feature.name] = _category(column, pair)
        else:
            days = (snapshot.as_of - previous.as_of).total_seconds() / 86_400 if previous else 0.0
            numbers[feature.name] = _number(feature, column, pair, days)
    return Profile(snapshot.as_of, len(now), len(shared), numbers, categories)


Pair = tuple[pd.Series, pd.Series]


def _number(feature: Feature, column: pd.Series, pair: Pair | None, days: float) -> NumberProfile:
    values = column.to_numpy(np.float64)
    known = values[~np.isnan(values)]
    sizes = np.abs(known[known != 0])
    return NumberProfile(
        missing_share=_share(len(values) - len(known), len(values)),
        zero_share=_share(len(known) - len(sizes), len(values)),
        quantiles=tuple(_brief(q) for q in np.quantile(known, QUANTILES)) if len(known) >= FEWEST else (),
        log_size=_brief(float(np.log(sizes).mean())) if len(sizes) >= FEWEST else None,
        changed_share=_changed(pair) if pair else None,
        expected_share=_as_expected(feature, pair, days) if pair else None,
    )


def _category(column: pd.Series, pair: Pair | None) -> CategoryProfile:
    shares = column.value_counts(normalize=True).sort_index()
    return CategoryProfile(
        missing_share=_share(int(column.isna().sum()), len(column)),
        shares={str(level): _brief(share) for level, share in shares.items()},
        changed_share=_changed(pair) if pair else None,
    )


def _changed(pair: Pair) -> float:
    before, now = pair
    same = (before.to_numpy() == now.to_numpy()) | (before.isna() & now.isna()).to_numpy()
    return _share(int((~same).sum()), len(same))


def _as_expected(feature: Feature, pair: Pair, days: float) -> float | None:
    before, now = (series.to_numpy(np.float64) for series in pair)
    known = ~(np.isnan(before) | np.isnan(now))
    if feature.expect is None or not known.any():
        return None
    return float(feature.expect.holds(before[known], now[known], days).mean())


def _share(part: int, whole: int) -> float:
    return _brief(part / whole) if whole else 0.0


def _brief(value: float) -> float:
    """Six digits: enough to compare, short to store."""
    return float(f"{value:.6g}")
