"""Many accounts in bounded memory: a sample teaches what holds for all, and all are worked on in pieces."""

from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.forecast.panel import Floats, UsagePanel

SAMPLE = 10_000
"""Accounts that teach what holds for all: networks, who serves, the fleet's intervals, scores."""
PIECE = 10_000
"""Accounts that are worked on at a time."""


def sampled(panel: UsagePanel, seed: int) -> NDArray[np.intp]:
    """Rows of at most SAMPLE accounts, ascending: of more, some of those ever measured.

    They are drawn by the seed and their Ids, so that hardly one changes when accounts come or go.
    """
    accounts = len(panel.account_ids)
    if accounts <= SAMPLE:
        return np.arange(accounts)
    measured = np.flatnonzero(by_row(_measured, panel.values))
    if len(measured) <= SAMPLE:
        return measured
    key = str(seed).encode()
    places = [
        blake2b(panel.account_ids[row].encode(), key=key, digest_size=8).hexdigest() for row in measured
    ]
    return np.sort(measured[np.argsort(np.array(places), kind="stable")[:SAMPLE]])


def sample_first(panel: UsagePanel, seed: int) -> list[NDArray[np.intp]]:
    """Rows of all accounts: those sampled, then the others, PIECE by PIECE."""
    rows = sampled(panel, seed)
    others = np.setdiff1d(np.arange(len(panel.account_ids)), rows)
    return [rows, *_cut(others)]


def pieces(accounts: int) -> list[NDArray[np.intp]]:
    """Rows of all of so many accounts, PIECE by PIECE; one empty piece where there are none."""
    return _cut(np.arange(accounts)) or [np.arange(0)]


def by_row(function: Callable[[Floats], NDArray[Any]], values: Floats) -> NDArray[Any]:
    """What a function makes of each row."""
    return np.concatenate([function(values[piece]) for piece in pieces(len(values))])


def _cut(rows: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    return [rows[start : start + PIECE] for start in range(0, len(rows), PIECE)]


def _measured(values: Floats) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(values).any(axis=1))
