"""What the model goes by: attributions of the expected level, importance, directions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.maturity.attributions import attributions
from models.maturity.boosting import Boosting, Ensemble
from models.maturity.model import is_categorical
from models.maturity.trial.columns import TrialTable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_ROWS = 1000
"""Explained; shares of importance are steady from so many on."""

CLEAR = 0.3
"""Rank correlation from which a direction is told."""


@dataclass(frozen=True)
class Importance:
    """share: of all importance. direction: in words."""

    feature: str
    share: float
    direction: str


@dataclass(frozen=True)
class Explanation:
    """rows: (m,), explained row numbers. values: (m, features), attributions; they sum to end - start, (m,).

    of: what is attributed, in words. importances: strongest first.
    """

    rows: Ints
    values: Floats
    start: Floats
    end: Floats
    of: str
    importances: tuple[Importance, ...]


def explain(
    table: TrialTable, boosting: Boosting, ensemble: Ensemble, temperature: float, seed: int
) -> Explanation:
    """Explain a sample of the rows.

    With an order, or two classes, the calibrated expected level (of two: the share of the second) is
    attributed, exactly. Classes without an order have no such thing: there it is the score of the class
    that the row is said to be, against the mean of all classes.
    """
    examples = table.examples
    n = len(examples.level)
    rows = np.sort(np.random.default_rng(seed).permutation(n)[:MOST_ROWS]).astype(np.int64)
    phi = boosting.shap_values(ensemble, rows)
    if examples.ordered or examples.classes == 2:
        found = attributions(phi, temperature)
        values, start, end = found.values, found.start, found.expected
        of = "expected level" if examples.ordered else f"probability of {table.classes[1]}"
        importance = np.abs(values).mean(axis=0)
        directions = [_direction(examples.frame.iloc[rows, i], values[:, i]) for i in range(values.shape[1])]
    else:
        centred = phi - phi.mean(axis=1, keepdims=True)
        raw = centred.sum(axis=2)
        said = raw.argmax(axis=1)
        own = centred[np.arange(len(rows)), said]
        values, start, end = own[:, :-1], own[:, -1], own.sum(axis=1)
        of = "score of the class it is said to be"
        by_class = np.abs(centred[:, :, :-1]).mean(axis=0)
        importance = by_class.mean(axis=0)
        names = [table.classes[each] for each in ensemble.seen]
        directions = [f"tells {names[each]} from the others" for each in by_class.argmax(axis=0)]
    shares = importance / max(importance.sum(), 1e-12)
    order = np.argsort(-shares, kind="stable")
    return Explanation(
        rows=rows,
        values=values,
        start=start,
        end=end,
        of=of,
        importances=tuple(
            Importance(boosting.features[i], float(shares[i]), directions[i]) for i in order.tolist()
        ),
    )


def _direction(values: "pd.Series[float]", attributed: Floats) -> str:
    """Which values raise the expected level, and which lower it."""
    if is_categorical(values):
        means = pd.Series(attributed).groupby(values.fillna("missing").to_numpy()).agg(["mean", "size"])
        usual = means[means["size"] >= max(5, 0.01 * len(values))]["mean"]
        if len(usual) < 2:
            return "differs from value to value"
        return f"highest with {usual.idxmax()}, lowest with {usual.idxmin()}"
    known = values.notna().to_numpy()
    if known.sum() < 3 or values[known].nunique() < 2 or np.ptp(attributed[known]) == 0:
        return "none to be seen"
    agreement = float(
        pd.Series(attributed[known]).corr(pd.Series(values.to_numpy()[known]), method="spearman")
    )
    if abs(agreement) < CLEAR:
        return "goes both ways"
    return "more raises it" if agreement > 0 else "more lowers it"


def told_rows(explanation: Explanation, wanted: int = 3) -> Sequence[int]:
    """Places among the explained rows: from the lowest to the highest outcome, evenly."""
    order = np.argsort(explanation.end, kind="stable")
    places = np.unique(np.linspace(0, len(order) - 1, wanted).round().astype(int))
    return [int(order[place]) for place in places]
