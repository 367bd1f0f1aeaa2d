"""Deviation of the maximised metric from its baseline, paired on the same accounts.

Pairing a run's ratings with the baseline's on the same labelled accounts makes the noise of the
difference a third of that of two separate figures. It is blind to a population that became harder, so
the run's own interval is given beside it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.maturity.metrics import macro_f1

Floats = npt.NDArray[np.float64]
Levels = npt.NDArray[np.int64]

REPETITIONS = 300
Z = 2.6
DROP = 0.015
SMALL_DROP = 0.01
SMALL_N = 2000


@dataclass(frozen=True)
class MetricDeviation:
    """A run's metric beside its baseline's.

    before, now: the metric of the baseline's and of this run's ratings; drop: before - now.
    z: the drop in standard deviations of its bootstrap (infinite where nothing varies).
    low, high: 95 % interval of `now` by itself.
    threshold: the drop that counts at this number of accounts.
    suspicious: beyond the threshold in this run. alarm: what somebody should be told of.
    blind_below: a smaller true drop may be missed.
    """

    n: int
    before: float
    now: float
    drop: float
    z: float
    low: float
    high: float
    threshold: float
    suspicious: bool
    alarm: bool
    blind_below: float


def metric_deviation(
    true: Levels,
    before: Levels,
    now: Levels,
    rng: np.random.Generator,
    *,
    suspicious_last_run: bool = False,
    metric: Callable[[Floats], Floats] = macro_f1,
    classes: int = 3,
) -> MetricDeviation:
    """Compare this run's ratings with the baseline's on the same labelled accounts.

    true, before, now: (n,) levels. Under 2,000 accounts a smaller drop counts, but only twice in a row.
    suspicious_last_run: `suspicious` of the run before.
    metric: of confusion counts (..., true, predicted); higher is better.
    raises: ValueError where there is no account or the arrays differ in length.
    """
    n = len(true)
    if n == 0 or len(before) != n or len(now) != n:
        raise ValueError(f"need as many ratings as labels, and some: got {n}, {len(before)} and {len(now)}")
    cells = np.bincount((true * classes + before) * classes + now, minlength=classes**3)
    metrics = _both(cells[None].astype(float), metric, classes)[:, 0]
    drawn = _both(rng.multinomial(n, cells / n, size=REPETITIONS).astype(float), metric, classes)
    drop, sd = float(metrics[0] - metrics[1]), float(np.std(drawn[0] - drawn[1], ddof=1))
    z = drop / sd if sd > 0 else float(np.sign(drop)) * float("inf") if drop else 0.0
    small = n < SMALL_N
    threshold = SMALL_DROP if small else DROP
    suspicious = z >= Z and drop >= threshold
    low, high = np.quantile(drawn[1], [0.025, 0.975])
    return MetricDeviation(
        n=n,
        before=float(metrics[0]),
        now=float(metrics[1]),
        drop=drop,
        z=z,
        low=float(low),
        high=float(high),
        threshold=threshold,
        suspicious=suspicious,
        alarm=suspicious and (suspicious_last_run or not small),
        blind_below=0.05 if small else 0.03,
    )


def _both(cells: Floats, metric: Callable[[Floats], Floats], classes: int) -> Floats:
    """The metric of both ratings: cells (repetitions, classes^3) to (2, repetitions), the baseline first."""
    cube = cells.reshape(-1, classes, classes, classes)
    return np.stack([metric(cube.sum(axis=3)), metric(cube.sum(axis=2))])
