"""Where an account stands among similar customers, feature by feature.

Similar: the same segment, region and band of employees. A group of under 30 backs off: the region is
dropped, then bands are joined, then the size is dropped; then, or without a segment, size and region count by
themselves, at last all customers. A feature that is
itself one of the three is compared within the other two. The account itself is never its own peer.
"""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

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
    ("region", "size"),
    ("size",),
    ("region",),
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
class Group:
    """name: as a rep understands it ("Enterprise customers in EMEA"). members: customers in it.

    everybody: whether it is all customers.
    """

    name: str
    members: int
    everybody: bool = False


@dataclass(frozen=True)
class Peers:
    """Standing of accounts (rows) in features (columns), in the order of the table compared: (n, f) each.

    below, above: share of peers with a smaller and with a larger number.
    zeros: share of peers whose number is 0.
    same: share of peers in the same category.
    count: peers that have a value; 0 where they are fewer than may be shown.
    all_below, all_above, all_count: the same among all customers.
    group: index into `groups` of the one whose other members are the peers; most features have the
        account's own, which is `home`: (n,).

    The shares are NaN with too few peers; `below`, `above` and `zeros` for categories, `same` for numbers,
    all but `zeros` where the account's own value is missing.
    """

    below: Floats
    above: Floats
    zeros: Floats
    same: Floats
    count: Integers
    all_below: Floats
    all_above: Floats
    all_count: Integers
    group: Integers
    home: Integers
    groups: tuple[Group, ...]

    def of(self, rows: npt.NDArray[np.intp]) -> "Peers":
        """The standing of some of the accounts, still among all of their peers."""
        parts = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "groups"}
        return Peers(**{name: part[rows] for name, part in parts.items()}, groups=self.groups)


def compare(
    frame: pd.DataFrame, profile: pd.DataFrame, *, smallest_group: int = 30, fewest_shown: int = 10
) -> Peers:
    """Compare every account with its peers.

    frame: the feature table: numbers as float64, categories as object.
    profile: `segment`, `region`, `employees` of the same accounts in the same order; may be missing.
    smallest_group: a group below it backs off. fewest_shown: nothing is told of fewer peers.
    """
    keys = _keys(profile)
    groups = _Groups(keys, smallest_group)
    home = np.zeros(len(frame), dtype=np.int64)
    for rows, codes, level in groups.of(SIMILARITY):
        home[rows] = groups.index(rows, codes, level)
    group = np.tile(home[:, None], frame.shape[1])
    standing = np.full((5, *frame.shape), np.nan)
    barred_by_column = [PART_OF_GROUP.get(str(name), ()) for name in frame.columns]
    for barred in sorted(set(barred_by_column)):
        columns = np.flatnonzero([b == barred for b in barred_by_column])
        similarity = dict.fromkeys(tuple(key for key in level if key not in barred) for level in SIMILARITY)
        for rows, codes, level in groups.of(tuple(similarity)):
            in_use = np.flatnonzero(np.isin(codes, codes[rows]))
            found = _standing(frame.iloc[in_use, columns], codes[in_use])
            standing[:, rows[:, None], columns] = found[:, np.searchsorted(in_use, rows)]
            group[rows[:, None], columns] = groups.index(rows, codes, level)[:, None]
    count, below, above, zeros, same = _shown(standing, fewest_shown)
    everybody = _shown(_standing(frame, np.zeros(len(frame), dtype=np.int64)), fewest_shown)
    return Peers(
        below=below,
        above=above,
        zeros=zeros,
        same=same,
        count=_whole(count),
        all_below=everybody[1],
        all_above=everybody[2],
        all_count=_whole(everybody[0]),
        group=group,
        home=home,
        groups=tuple(groups.named),
    )


class _Groups:
    """Who is compared within what."""

    def __init__(self, keys: pd.DataFrame, smallest: int) -> None:
        self._keys = keys
        self._smallest = smallest
        self.named: list[Group] = []

    def of(
        self, similarity: tuple[tuple[str, ...], ...]
    ) -> Iterator[tuple[Integers, Integers, tuple[str, ...]]]:
        """(Rows that use this similarity, group of every row, the similarity), from the closest on.

        A row uses the closest similarity in which all its keys are known and its group is large enough.
        """
        waiting = np.ones(len(self._keys), dtype=bool)
        for level in similarity:
            codes: Integers = np.zeros(len(self._keys), dtype=np.int64)
            if level:
                grouped = self._keys.groupby(list(level)).ngroup().fillna(-1)
                codes = np.asarray(grouped, dtype=np.int64)
            known = codes >= 0
            size = np.bincount(codes[known], minlength=1)[codes]  # without a group: any, never taken
            taken = waiting & known & ((size >= self._smallest) | (not level))
            if taken.any():
                yield np.flatnonzero(taken), codes, level
            waiting &= ~taken

    def index(self, rows: Integers, codes: Integers, level: tuple[str, ...]) -> Integers:
        """Where in `named` the groups of the rows are: they are put there."""
        before = len(self.named)
        found, first, number = np.unique(codes[rows], return_index=True, return_inverse=True)
        members = np.bincount(codes[codes >= 0])[found]
        keys = self._keys.iloc[rows[first]][list(level)].to_dict("records")
        self.named += [
            Group(_name(key), int(size), everybody=not level) for key, size in zip(keys, members, strict=True)
        ]
        result: Integers = number + before
        return result


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


def _standing(part: pd.DataFrame, codes: Integers) -> Floats:
    """Number of peers, shares below, above, at zero and in the same category: (5, n, columns)."""
    peers = part.groupby(codes).transform("count").to_numpy(dtype=float) - part.notna().to_numpy()
    result = np.full((5, *part.shape), np.nan)
    result[0] = peers
    peers[peers == 0] = np.nan
    group = pd.Series(codes, part.index)
    categorical = np.array([is_categorical(column) for _, column in part.items()], dtype=bool)
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


def _shown(standing: Floats, fewest: int) -> Floats:
    standing[:, ~(standing[0] >= fewest)] = np.nan
    return standing


def _whole(count: Floats) -> Integers:
    return np.nan_to_num(count).astype(np.int64)


def _name(keys: Mapping[Hashable, Any]) -> str:
    words = [shorten(clean(keys["segment"]), NAME_LENGTH)] if "segment" in keys else []
    words.append("customers")
    if "region" in keys:
        words.append(f"in {shorten(clean(keys['region']), NAME_LENGTH)}")
    size = keys.get("size") or keys.get("joined_size")
    if size:
        words.append(f"with {size}")
    return " ".join(words)
