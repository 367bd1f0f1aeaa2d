"""Examples to learn from, and how they are cut into parts that share no group."""

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Examples:
    """One row per labelled case.

    frame: features only, index 0..n-1: numbers as float64, all else is a category. level: (n,), index
    of the class. weight: (n,), above 0. group: (n,); rows of one group never stand on both sides of
    a split. judged: (n,), whether a row may judge a model; all are learned from.
    classes: how many there are. ordered: whether a class is nearer to its neighbours than to others.
    """

    frame: pd.DataFrame
    level: Ints
    weight: NDArray[np.float64]
    group: NDArray[np.str_]
    judged: NDArray[np.bool_]
    classes: int
    ordered: bool


@dataclass(frozen=True)
class Block:
    """Row numbers: the tested ones judge what the trained ones taught. No group is in both."""

    train: Ints
    test: Ints


def deal(examples: Examples, rows: Ints, parts: int, seed: int) -> tuple[Block, ...]:
    """Cut rows into parts; each is tested once, on what the others teach.

    The groups of each level are dealt out over all parts, so that a rare level is in all of them. A group
    stays in its part when others come, but for the few at the edges: a model trained on a few labels more
    differs by what these say, not by a new deal. Every block teaches all levels: where one part would hold
    all groups of a level, one of them is trained on in every block and tested in none, as are rows that may
    not judge. Fewer groups than parts make fewer blocks, perhaps none.
    """
    names, group = np.unique(examples.group[rows], return_inverse=True)
    level, judged = examples.level[rows], examples.judged[rows]
    highest = np.full(len(names), -1)
    np.maximum.at(highest, group, np.where(judged, level, -1))
    drawn = np.array([_drawn(name, seed) for name in names])
    part = np.empty(len(names), dtype=np.int64)
    for each in np.unique(highest):
        alike = np.flatnonzero(highest == each)
        places = np.arange(len(alike)) * parts // len(alike)
        part[alike[np.argsort(drawn[alike])]] = (places + each) % parts
    for each in np.unique(level):
        holders = np.unique(group[level == each])
        if len(np.unique(part[holders])) == 1:
            part[holders[0]] = -1
    inside = [part[group] == number for number in range(parts)]
    return tuple(Block(rows[~each], rows[each & judged]) for each in inside if (each & judged).any())


def _drawn(group: str, seed: int) -> int:
    """A number that a group draws whoever else is there."""
    return int.from_bytes(hashlib.sha256(f"{seed} {group}".encode()).digest()[:8], "big")
