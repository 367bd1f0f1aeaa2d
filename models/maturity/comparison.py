"""Two models on the same held-out rows: what one gains over the other, with an interval."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.maturity.metrics import confusion, log_losses, macro_f1

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DRAWS = 500
BOUNDS = (0.025, 0.975)


class Said(Protocol):
    """Predictions of rows: probabilities (n, classes) and ratings (n,)."""

    @property
    def probabilities(self) -> Floats: ...

    @property
    def rating(self) -> Ints: ...


@dataclass(frozen=True)
class Comparison:
    """Gains are of the first model over the second; low and high bound them in 95 % of the draws.

    n: rows. log_loss_gain: nats a row. macro_f1_gain: of the ratings.
    """

    n: int
    log_loss_gain: float
    log_loss_low: float
    log_loss_high: float
    macro_f1_gain: float
    macro_f1_low: float
    macro_f1_high: float

    @property
    def worse(self) -> bool:
        """Whether the first model is worse beyond noise, in one of the two. A tie is not."""
        return self.log_loss_high < 0 or self.macro_f1_high < 0


def compare(one: Said, other: Said, level: Ints, group: NDArray[np.str_], seed: int) -> Comparison:
    """Paired bootstrap over groups (accounts): rows of one group are drawn together.

    level: (n,), the truth. group: (n,).
    """
    classes = one.probabilities.shape[1]
    gain = log_losses(other.probabilities, level) - log_losses(one.probabilities, level)
    names, place = np.unique(group, return_inverse=True)
    rng = np.random.default_rng(seed)
    losses, scores = np.empty(DRAWS), np.empty(DRAWS)
    for draw in range(DRAWS):
        times = np.bincount(rng.integers(0, len(names), len(names)), minlength=len(names))[place]
        losses[draw] = (gain * times).sum() / times.sum()
        scores[draw] = _score(level, one.rating, classes, times) - _score(level, other.rating, classes, times)
    return Comparison(
        n=len(level),
        log_loss_gain=float(gain.mean()),
        log_loss_low=float(np.quantile(losses, BOUNDS[0])),
        log_loss_high=float(np.quantile(losses, BOUNDS[1])),
        macro_f1_gain=float(
            macro_f1(confusion(level, one.rating, classes))
            - macro_f1(confusion(level, other.rating, classes))
        ),
        macro_f1_low=float(np.quantile(scores, BOUNDS[0])),
        macro_f1_high=float(np.quantile(scores, BOUNDS[1])),
    )


def _score(level: Ints, rating: Ints, classes: int, times: Ints) -> float:
    cells = np.bincount(level * classes + rating, weights=times, minlength=classes * classes)
    return float(macro_f1(cells.reshape(classes, classes).astype(float)))
