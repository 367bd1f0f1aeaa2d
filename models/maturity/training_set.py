"""The training set: each label beside the features as they were when it was given."""

import hashlib
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.errors import TableError
from models.maturity.conflicts import Placed, settle
from models.maturity.examples import Examples
from models.tables import LEVELS, Label, Snapshot

VALIDATION = ("expert", "outcome")
"""Origins that models are judged on. Feedback is given by who saw the rating, and follows it."""


@dataclass(frozen=True)
class LeftOut:
    """What is not trained on. Labels are counted; features are named with the reason.

    older_than_snapshots: given before the first snapshot.
    not_in_snapshot: the account did not exist in the snapshot of that instant.
    superseded, overruled: see conflicts.py.
    """

    older_than_snapshots: int
    not_in_snapshot: int
    superseded: int
    overruled: int
    features: Mapping[str, str]


@dataclass(frozen=True)
class TrainingSet:
    """One row per label, by instant, then account; an account may have several.

    frame: features only, columns in catalogue order, index 0..n-1. level, weight: (n,).
    account_id, origin: (n,) strings. at: (n,) datetime64[us], UTC. levels: their names, in order.
    """

    frame: pd.DataFrame
    level: NDArray[np.int64]
    weight: NDArray[np.float64]
    account_id: NDArray[np.str_]
    at: NDArray[np.datetime64]
    origin: NDArray[np.str_]
    left_out: LeftOut
    levels: tuple[str, ...] = LEVELS

    @property
    def validation(self) -> NDArray[np.bool_]:
        """(n,), whether a row may judge a model."""
        return np.isin(self.origin, VALIDATION)

    @property
    def examples(self) -> Examples:
        """The rows as models learn from them: accounts stay together, feedback judges nothing."""
        return Examples(
            frame=self.frame,
            level=self.level,
            weight=self.weight,
            group=self.account_id,
            judged=self.validation,
            classes=len(self.levels),
            ordered=True,
        )


def training_set(snapshots: Mapping[datetime, Snapshot], labels: Sequence[Label]) -> TrainingSet:
    """Join each label to the newest snapshot that was not after it, and settle conflicts (conflicts.py).

    A feature missing in all training rows, or in all rows of the newest snapshot (the one that is scored
    next), is left out.

    snapshots: by their `as_of`.
    raises: TableError where snapshots differ in their columns, or there is none.
    """
    if not snapshots:
        raise TableError("there is no snapshot to join the labels to; run a cycle first")
    instants = sorted(snapshots)
    counts: Counter[str] = Counter()
    placed = []
    for label in labels:
        position = bisect_right(instants, label.at)
        if position == 0:
            counts["older_than_snapshots"] += 1
        elif label.account_id not in snapshots[instants[position - 1]].frame.index:
            counts["not_in_snapshot"] += 1
        else:
            placed.append(Placed(label, instants[position - 1]))
    settled = settle(placed)
    rows = sorted(settled.placed, key=_place_in_order)
    frame = _features(snapshots, [(each.label.account_id, each.as_of) for each in rows])
    left_out = _unusable(frame, snapshots[instants[-1]].frame)
    found = [each.label for each in rows]
    return TrainingSet(
        frame=frame.drop(columns=list(left_out)),
        level=np.array([label.level for label in found], dtype=np.int64),
        weight=np.array([label.weight for label in found], dtype=float),
        account_id=np.array([label.account_id for label in found], dtype=np.str_),
        at=np.array([label.at.replace(tzinfo=None) for label in found], dtype="datetime64[us]"),
        origin=np.array([label.origin for label in found], dtype=np.str_),
        left_out=LeftOut(
            older_than_snapshots=counts["older_than_snapshots"],
            not_in_snapshot=counts["not_in_snapshot"],
            superseded=settled.superseded,
            overruled=settled.overruled,
            features=left_out,
        ),
    )


def training_digest(training: TrainingSet) -> str:
    """SHA-256 of everything the training saw."""
    seen = hashlib.sha256(training.frame.to_csv().encode())
    for array in (training.level, training.weight, training.at, training.account_id, training.origin):
        seen.update(array.tobytes())
    return seen.hexdigest()


def _place_in_order(placed: Placed) -> tuple[datetime, str, str, str, int]:
    label = placed.label
    return label.at, label.account_id, label.origin, label.by or "", label.level


def _features(snapshots: Mapping[datetime, Snapshot], keys: Sequence[tuple[str, datetime]]) -> pd.DataFrame:
    """The snapshots' rows for (account, as_of) keys, in their order."""
    newest = snapshots[max(snapshots)].frame
    by_snapshot: defaultdict[datetime, list[int]] = defaultdict(list)
    for row, (_, as_of) in enumerate(keys):
        by_snapshot[as_of].append(row)
    parts = [newest.iloc[:0].reset_index(drop=True)]
    for as_of, rows in by_snapshot.items():
        frame = snapshots[as_of].frame
        if list(frame.columns) != list(newest.columns):
            differing = sorted(set(frame.columns) ^ set(newest.columns)) or ["their order"]
            raise TableError(
                f"the snapshots of {as_of:%Y-%m-%d %H:%M} and {max(snapshots):%Y-%m-%d %H:%M} differ in "
                f"{', '.join(differing)}; build the older one again with this release"
            )
        part = frame.loc[[keys[row][0] for row in rows]]
        part.index = pd.Index(rows)
        parts.append(part)
    return pd.concat([part for part in parts if len(part)] or parts).sort_index()


def _unusable(trained: pd.DataFrame, served: pd.DataFrame) -> dict[str, str]:
    """Features to leave out, with the reason of each."""
    reasons = {}
    for name in trained.columns:
        if trained[name].isna().all():
            reasons[name] = "missing in all training rows"
        elif served[name].isna().all():
            reasons[name] = "missing in all rows to be scored"
    return reasons
