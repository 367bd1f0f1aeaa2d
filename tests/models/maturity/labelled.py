"""Made-up labelled accounts: an ordered truth behind noisy columns, or no truth at all."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from models.maturity.training_set import LeftOut, TrainingSet
from models.tables import Snapshot

NOTHING_LEFT_OUT = LeftOut(0, 0, 0, 0, {})


def accounts(n: int, seed: int, signal: float = 1.0) -> tuple[pd.DataFrame, np.ndarray]:
    """A feature table with gaps and a category, and levels that `signal` makes easy (2) or unrelated (0)."""
    rng = np.random.default_rng(seed)
    maturity = rng.normal(size=n)
    frame = pd.DataFrame({f"x{j}": maturity * (j % 3) + rng.normal(size=n) for j in range(9)})
    frame.loc[rng.random(n) < 0.2, "x1"] = np.nan
    size = pd.Series(np.where(maturity + rng.normal(size=n) > 0, "large", "small"), dtype=object)
    frame["size"] = size.where(rng.random(n) > 0.1, None)
    frame.index = pd.Index([f"001{i:015}" for i in range(n)], name="account_id")
    seen = signal * maturity + 0.5 * rng.normal(size=n)
    return frame, np.digitize(seen, np.quantile(seen, [0.4, 0.75])).astype(np.int64)


def labelled(
    frame: pd.DataFrame,
    level: np.ndarray,
    *,
    days: Sequence[int] | None = None,
    account_id: Sequence[str] | None = None,
    origin: Sequence[str] | None = None,
) -> TrainingSet:
    """A training set of these rows; one expert label per account and day unless said otherwise."""
    n = len(level)
    since = np.array(days if days is not None else range(n)) * np.timedelta64(1, "D")
    return TrainingSet(
        frame=frame.reset_index(drop=True),
        level=np.asarray(level),
        weight=np.ones(n),
        account_id=np.array(account_id if account_id is not None else frame.index, dtype=np.str_),
        at=np.datetime64("2025-01-01", "us") + since,
        origin=np.array(origin if origin is not None else ["expert"] * n, dtype=np.str_),
        left_out=NOTHING_LEFT_OUT,
    )


def snapshot(day: int, frame: pd.DataFrame) -> Snapshot:
    """A snapshot of noon on a day of January 2025."""
    return Snapshot(as_of=datetime(2025, 1, day, 12, tzinfo=UTC), frame=frame, digest="")
