"""The feature table as of a cut, from facts on any engine."""

import hashlib
import json
from datetime import UTC, datetime

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from models.errors import TableError
from models.features.crm import accounts
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
    known = accounts(facts, cut).select("account_id").to_pyarrow()["account_id"].to_pylist()
    index = pd.Index(sorted(known), dtype=object, name="account_id")
    if index.has_duplicates:
        twice = index[index.duplicated()][0]
        raise TableError(f"the accounts table has two rows for {twice}; as of a cut an account has one")
    columns: dict[str, pd.Series] = {}
    for query in queries(facts, cut, catalogue):
        part = query.to_pyarrow().to_pandas().set_index("account_id").reindex(index)
        columns |= {str(name): part[name] for name in part.columns}
    frame = pd.DataFrame({f.name: _normal(columns[f.name], f) for f in catalogue}, index=index)
    return Snapshot(cut, frame, digest(cut, frame))


def queries(facts: Facts, cut: datetime, catalogue: Catalogue) -> list[ir.Table]:
    """The snapshot in parts: one query per kind of rows, with `account_id` and the features of these rows.

    Parts, since the join of all in one query takes longer to compile than a small company takes to compute.
    """
    by_rows: dict[Rows, list[Feature]] = {}
    for feature in catalogue:
        by_rows.setdefault(feature.rows, []).append(feature)
    return [_query(rows(facts, cut), features) for rows, features in by_rows.items()]


def _query(rows: ir.Table, features: list[Feature]) -> ir.Table:
    kinds = {"category": "string", "number": "float64"}
    return rows.group_by("account_id").aggregate(
        **{f.name: f.value(rows).cast(kinds[f.kind]) for f in features}
    )


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


def _normal(column: pd.Series, feature: Feature) -> pd.Series:
    """The column in the snapshot's own types, with one way to say missing and one zero."""
    if feature.kind == "category":
        return column.astype(object).where(column.notna(), None)
    values = column.to_numpy(np.float64, na_value=np.nan)
    values = np.where(np.isfinite(values), values, np.nan)
    rounded = np.round(values, DECIMALS).astype(np.float32).astype(np.float64) + 0.0
    return pd.Series(np.where(np.isnan(rounded), np.nan, rounded), index=column.index)
