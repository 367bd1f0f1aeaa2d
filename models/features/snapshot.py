"""The feature table as of a cut: one query over all families, pulled once."""

import hashlib
import json
from datetime import UTC, datetime

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from models.errors import TableError
from models.features.feature import Catalogue, Feature, Rows
from models.tables import Facts, Snapshot

DECIMALS = 9
"""Engines sum in different orders; what they differ by is far below this."""


def build(facts: Facts, cut: datetime, catalogue: Catalogue) -> Snapshot:
    """Compute the catalogue for every account that existed at the cut, from what happened before it.

    cut: aware. A window of n days is [cut - n days, cut); daily usage counts complete UTC days.
    Numbers have the precision of float32, which is what the trees read, in float64 columns: engines
    that add in another order thereby agree, and so do the digests.

    raises: TableError when an account has two rows in `facts.accounts`.
    """
    table = expression(facts, cut, catalogue).to_pandas()
    frame = table.set_index("account_id").sort_index()
    if frame.index.has_duplicates:
        twice = frame.index[frame.index.duplicated()][0]
        raise TableError(
            f"the accounts table has two rows for {twice}; facts as of a cut have one per account"
        )
    frame.index = frame.index.astype(object)
    frame = pd.DataFrame({f.name: _normal(frame[f.name], f) for f in catalogue}, index=frame.index)
    return Snapshot(cut, frame, digest(cut, frame))


def expression(facts: Facts, cut: datetime, catalogue: Catalogue) -> ir.Table:
    """The snapshot as a query: `account_id` and the features, unsorted."""
    accounts = facts.accounts
    today = ibis.literal(cut.astimezone(UTC).date())
    table = accounts.filter(accounts.created_on.isnull() | (accounts.created_on <= today)).select(
        "account_id"
    )
    for rows, features in _by_rows(catalogue).items():
        base = rows(facts, cut)
        values = base.group_by("account_id").aggregate(**{f.name: _typed(f.value(base), f) for f in features})
        table = table.left_join(values, "account_id").drop("account_id_right")
    return table


def digest(as_of: datetime, frame: pd.DataFrame) -> str:
    """SHA-256 of the instant, the accounts, the columns and their values."""
    seen = hashlib.sha256()
    header = [as_of.astimezone(UTC).isoformat(), list(frame.index), list(frame.columns)]
    seen.update(json.dumps(header).encode())
    for name in frame.columns:
        column = frame[name]
        if column.dtype == object:
            seen.update(json.dumps(column.tolist()).encode())
        else:
            seen.update(column.to_numpy("<f8").tobytes())
    return seen.hexdigest()


def _by_rows(catalogue: Catalogue) -> dict[Rows, list[Feature]]:
    groups: dict[Rows, list[Feature]] = {}
    for feature in catalogue:
        groups.setdefault(feature.rows, []).append(feature)
    return groups


def _typed(value: ir.Value, feature: Feature) -> ir.Value:
    return value.cast("string" if feature.kind == "category" else "float64")


def _normal(column: pd.Series, feature: Feature) -> pd.Series:
    """The column in the snapshot's own types, with one way to say missing and one zero."""
    if feature.kind == "category":
        return column.astype(object).where(column.notna(), None)
    values = column.to_numpy(np.float64, na_value=np.nan)
    values = np.where(np.isfinite(values), values, np.nan)
    rounded = np.round(values, DECIMALS).astype(np.float32).astype(np.float64) + 0.0
    return pd.Series(np.where(np.isnan(rounded), np.nan, rounded), index=column.index)
