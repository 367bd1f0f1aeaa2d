"""Where an account stands among similar customers, feature by feature.

Similar: the same segment, region and band of employees. A group of under 30 backs off: the region is
dropped, then bands are joined, then the size is dropped, then all customers count. A feature that is
itself one of the three is compared within the other two. The account itself is never its own peer.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.maturity.model import is_categorical
from models.maturity.words import clean, shorten

SIZE_BANDS = {
    10: "1–10 employees",
    50: "11–50 employees",
    200: "51–200 employees",
    1000: "201–1,000 employees",
    np.inf: "more than 1,000 employees",
}
JOINED_BANDS = {50: "up to 50 employees", 1000: "51–1,000 employees", np.inf: "more than 1,000 employees"}
"""Most employees in the band -> its name."""

SIMILARITY = (
    ("segment", "region", "size"),
    ("segment", "size"),
    ("segment", "joined_size"),
    ("segment",),
    (),
)
"""What peers have in common, from the closest to all customers."""

PART_OF_GROUP = {
    "segment": ("segment",),
    "region": ("region",),
    "country": ("region",),
    "employees": ("size", "joined_size"),
}
"""A feature -> what its peers must not have in common, since that is the very thing compared."""

NAME_LENGTH = 40

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Peers:
    """Standing of accounts (rows) in features (columns), in the order of the table compared: (n, f) each.

    below, above: share of peers with a smaller and with a larger number.
    zeros: share of peers whose number is 0.
    same: share of peers in the same category.
    count: peers that have a value; 0 where they are fewer than may be shown.
    group, names: (n,) index into the names of groups, as a rep understands them.

    The shares are NaN with too few peers; `below`, `above` and `zeros` for categories, `same` for numbers,
    all but `zeros` where the account's own value is missing.
    """

    below: Floats
    above: Floats
    zeros: Floats
    same: Floats
    count: Integers
    group: Integers
    names: tuple[str, ...]

    @property
    def percentile(self) -> Floats:
        """Share of peers below plus half of those equal: 0 to 1."""
        result: Floats = (1 + self.below - self.above) / 2
        return result


def compare(
    frame: pd.DataFrame, profile: pd.DataFrame, *, smallest_group: int = 30, fewest_shown: int = 10
) -> Peers:
    """Compare every account with its peers.

    frame: the feature table: numbers as float64, categories as object.
    profile: `segment`, `region`, `employees` of the same accounts in the same order; may be missing.
    smallest_group: a group below it backs off. fewest_shown: nothing is told of fewer peers.
    """
    keys = _keys(profile)
    table = np.full((5, *frame.shape), np.nan)
    barred_by_column = [PART_OF_GROUP.get(str(name), ()) for name in frame.columns]
    for barred in set(barred_by_column):
        columns = np.flatnonzero([b == barred for b in barred_by_column])
        similarity = dict.fromkeys(tuple(k for k in level if k not in barred) for level in SIMILARITY)
        for rows, codes, _ in _groups(keys, list(similarity), smallest_group):
            table[:, rows[:, None], columns] = _standing(frame.iloc[:, columns], codes)[:, rows]
    few = ~(table[0] >= fewest_shown)
    table[:, few] = np.nan
    count, below, above, zeros, same = table
    group, names = _named_groups(keys, smallest_group)
    return Peers(below, above, zeros, same, np.nan_to_num(count).astype(np.int64), group, names)


def _keys(profile: pd.DataFrame) -> pd.DataFrame:
    employees = profile["employees"].to_numpy(dtype=float)
    return pd.DataFrame(
        {
            "segment": profile["segment"].to_numpy(dtype=object),
            "region": profile["region"].to_numpy(dtype=object),
            "size": _band(employees, SIZE_BANDS),
            "joined_size": _band(employees, JOINED_BANDS),
        }
    )


def _band(employees: Floats, bands: dict[float, str]) -> npt.NDArray[np.object_]:
    names = np.array([*bands.values(), None], dtype=object)
    place = np.searchsorted(np.array(list(bands)), np.maximum(employees, 0))
    return names[np.where(np.isnan(employees), len(bands), place)]


def _groups(
    keys: pd.DataFrame, similarity: list[tuple[str, ...]], smallest: int
) -> Iterator[tuple[Integers, Integers, tuple[str, ...]]]:
    """Who is compared within what: (rows that use this similarity, group of every row, the similarity).

    A row uses the closest similarity in which all its keys are known and its group is large enough.
    """
    waiting = np.ones(len(keys), dtype=bool)
    for level in similarity:
        codes: Integers = np.zeros(len(keys), dtype=np.int64)
        if level:
            codes = np.asarray(keys.groupby(list(level)).ngroup().fillna(-1), dtype=np.int64)
        known = codes >= 0
        size = np.bincount(codes[known], minlength=1)[codes]  # of rows without a group: any, never taken
        taken = waiting & known & ((size >= smallest) | (not level))
        if taken.any():
            yield np.flatnonzero(taken), codes, level
        waiting &= ~taken


def _standing(part: pd.DataFrame, codes: Integers) -> Floats:
    """Number of peers, shares below, above, at zero and in the same category: (5, n, columns)."""
    peers = part.groupby(codes).transform("count").to_numpy(dtype=float) - part.notna().to_numpy()
    result = np.full((5, *part.shape), np.nan)
    result[0] = peers
    peers[peers == 0] = np.nan
    group = pd.Series(codes, part.index)
    categorical = np.array([is_categorical(column) for _, column in part.items()])
    for i, (_, column) in enumerate(part.items()):
        if categorical[i]:
            same = column.groupby([group, column]).transform("size").to_numpy(dtype=float)
            result[4, :, i] = (same - 1) / peers[:, i]
    numbers, among = part.loc[:, ~categorical], peers[:, ~categorical]
    zero = numbers.eq(0)
    by_group = numbers.groupby(codes)
    result[1][:, ~categorical] = (by_group.rank("min").to_numpy() - 1) / among
    result[2][:, ~categorical] = (by_group.rank("min", ascending=False).to_numpy() - 1) / among
    result[3][:, ~categorical] = (zero.groupby(codes).transform("sum") - zero).to_numpy() / among
    return result


def _named_groups(keys: pd.DataFrame, smallest: int) -> tuple[Integers, tuple[str, ...]]:
    group = np.zeros(len(keys), dtype=np.int64)
    names: list[str] = []
    for rows, codes, level in _groups(keys, list(SIMILARITY), smallest):
        _, first, number = np.unique(codes[rows], return_index=True, return_inverse=True)
        group[rows] = number + len(names)
        names += [_name(keys.iloc[rows[i]][list(level)].to_dict()) for i in first]
    return group, tuple(names)


def _name(keys: dict[str, str]) -> str:
    words = [shorten(clean(keys["segment"]), NAME_LENGTH)] if "segment" in keys else ["all"]
    words.append("customers")
    if "region" in keys:
        words.append(f"in {shorten(clean(keys['region']), NAME_LENGTH)}")
    size = keys.get("size") or keys.get("joined_size")
    if size:
        words.append(f"with {size}")
    return " ".join(words)
