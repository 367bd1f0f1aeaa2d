"""Suspected leaks: columns that know the label in a way that no honest evidence does."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.maturity.examples import Examples
from models.maturity.model import is_categorical
from models.maturity.trial.columns import TrialTable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ALONE = 0.9
"""Share of the majority's errors that one column must avoid to be called a leak."""

GIVES_AWAY = 0.9
"""Correlation of a column's missingness with one class."""

LEANS_ON = 0.5
"""Share of all importance."""

FEWEST_COLUMNS = 3
"""Of two, one always carries half."""

MOST_BINS = 64
ROWS_PER_BIN = 10


def suspected_leaks(table: TrialTable, shares: Mapping[str, float]) -> tuple[str, ...]:
    """A sentence for each suspicion. shares: of importance, by feature."""
    examples = table.examples
    found = []
    for column in map(str, examples.frame):
        values = examples.frame[column]
        alone = errors_avoided(values, examples)
        if alone >= ALONE:
            found.append(f"{column} alone predicts the label: it avoids {alone:.0%} of the majority's errors")
        elif examples.frame.shape[1] >= FEWEST_COLUMNS and shares.get(column, 0.0) > LEANS_ON:
            found.append(f"{column} carries {shares[column]:.0%} of all importance")
        given = _given_away(values, examples, table.classes)
        if given is not None:
            found.append(
                f"{column} is missing where the label is {given}, and hardly elsewhere, or the reverse"
            )
    for column in map(str, table.aside):
        values = table.aside[column]
        order = values.rank() if not is_categorical(values) else values.rank(method="dense")
        if errors_avoided(order.astype(float), examples) >= ALONE:
            found.append(
                f"the order of {column}, which is left out, predicts the label; other columns may too"
            )
    in_file = pd.Series(np.arange(len(examples.level), dtype=float))
    if errors_avoided(in_file, examples) >= ALONE:
        found.append("the rows are sorted by the label; their order is not used")
    return tuple(found)


def errors_avoided(values: "pd.Series[float]", examples: Examples) -> float:
    """Share of the majority's errors on one half of the groups that a column avoids, alone, by the other.

    Numbers are cut into bins by their quantiles; missing is a value of its own. Below 0 where it
    makes more errors than the majority.
    """
    codes = _binned(values)
    half = np.unique(examples.group, return_inverse=True)[1] % 2 == 0
    level, classes = examples.level, examples.classes
    counts = np.zeros((codes.max() + 1, classes))
    np.add.at(counts, (codes[half], level[half]), 1.0)
    usual = np.bincount(level[half], minlength=classes).argmax() if half.any() else 0
    said = np.where(counts.sum(axis=1) > 0, counts.argmax(axis=1), usual)
    rest = ~half
    errors, wrong = (said[codes[rest]] != level[rest]).sum(), (level[rest] != usual).sum()
    return float(1 - errors / wrong) if wrong else 0.0


def _binned(values: "pd.Series[float]") -> Ints:
    if is_categorical(values):
        codes: Ints = pd.factorize(values)[0].astype(np.int64) + 1
        return codes
    bins = int(np.clip(len(values) // ROWS_PER_BIN, 2, MOST_BINS))
    edges = np.unique(np.nanquantile(values, np.linspace(0, 1, bins + 1)[1:-1]))
    numbers = values.to_numpy(dtype=float)
    return np.where(np.isnan(numbers), 0, 1 + np.searchsorted(edges, numbers, side="right")).astype(np.int64)


def _given_away(values: "pd.Series[float]", examples: Examples, names: tuple[str, ...]) -> str | None:
    """The class with which being missing goes together."""
    missing = values.isna().to_numpy()
    if not missing.any() or missing.all():
        return None
    strength = [
        abs(float(np.corrcoef(missing, examples.level == each)[0, 1]))
        for each in np.unique(examples.level)
        if (examples.level == each).sum() > 2
    ]
    places = [int(each) for each in np.unique(examples.level) if (examples.level == each).sum() > 2]
    best = int(np.argmax(strength)) if strength else 0
    return names[places[best]] if strength and strength[best] >= GIVES_AWAY else None
