"""Attributions of the calibrated expected level: exact and additive.

CatBoost's SHAP values are additive on raw scores only. The expected level E = sum_k k softmax(raw / T)_k
is not linear in them, so the chain rule is integrated along the straight line from the starting point
(the base scores) to the account's raw scores: for feature i, sum_k phi[k, i] * G_k with
G_k = integral over a in [0, 1] of p_k (k - E) / T at base + a (raw - base).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.errors import ModelError
from models.maturity.levels import expected_level
from models.maturity.model import calibrated

Array = npt.NDArray[np.float64]

TOLERANCE = 1e-6
MOST_NODES = 1024


@dataclass(frozen=True)
class Attributions:
    """How far each feature moves each account's expected level from the starting point.

    values: (n, f), in levels; the columns are the model's features in order.
    start: (n,), expected level of the base scores. It is not the mean of the accounts' levels.
    expected: (n,), expected level of the account; start + values.sum(axis=1), within TOLERANCE.
    """

    values: Array
    start: Array
    expected: Array


def attributions(
    phi: Array, temperature: float = 1.0, *, nodes: int = 16, model_expected: Array | None = None
) -> Attributions:
    """Attribute the expected level to the features by the path integral of the module's docstring.

    phi: (n, classes, f + 1), SHAP values on raw scores, the base score last.
    temperature: what the model divides raw scores by before the softmax.
    nodes: Gauss-Legendre nodes to begin with: 16 reach 1e-13 on usual scores. Accounts whose scores lie
        so far apart that 16 do not reach TOLERANCE are done again with more.
    model_expected: (n,), the expected level as the model itself gives it, to be checked against.
    raises: ModelError where the parts do not add up to the whole.
    """
    _check(phi, temperature)
    base = phi[:, :, -1]
    raw = phi.sum(axis=2)
    start = expected_level(calibrated(base, temperature))
    expected = expected_level(calibrated(raw, temperature))
    if model_expected is not None:
        _require_equal(expected, model_expected, "the SHAP values do not belong to this model's scores")
    gradients = _mean_gradients(base, raw, temperature, nodes)
    gain = expected - start
    off = _off(gradients, raw - base, gain)
    while off.any() and nodes < MOST_NODES:
        nodes *= 4
        gradients[off] = _mean_gradients(base[off], raw[off], temperature, nodes)
        off = _off(gradients, raw - base, gain)
    values = np.einsum("nkf,nk->nf", phi[:, :, :-1], gradients)
    _require_equal(start + values.sum(axis=1), expected, "attributions do not add up to the expected level")
    return Attributions(values, start, expected)


def _mean_gradients(base: Array, raw: Array, temperature: float, nodes: int) -> Array:
    """Mean of dE / d raw_k over the line from base to raw: (n, classes)."""
    places, weights = np.polynomial.legendre.leggauss(nodes)
    levels = np.arange(base.shape[1], dtype=np.float64)
    total = np.zeros_like(base)
    for place, weight in zip((places + 1) / 2, weights / 2, strict=True):
        shares = calibrated(base + place * (raw - base), temperature)
        total += weight * shares * (levels - (shares @ levels)[:, None]) / temperature
    return total


def _off(gradients: Array, way: Array, gain: Array) -> npt.NDArray[np.bool_]:
    result: npt.NDArray[np.bool_] = np.abs((gradients * way).sum(axis=1) - gain) > TOLERANCE / 2
    return result


def _check(phi: Array, temperature: float) -> None:
    if phi.ndim != 3 or phi.shape[1] < 2:
        raise ModelError(f"SHAP values must have shape (accounts, classes, features + 1), got {phi.shape}")
    if not np.isfinite(phi).all():
        raise ModelError("SHAP values hold NaN or infinity; score the accounts again before explaining them")
    if not temperature > 0:
        raise ModelError(f"the temperature must be above 0, got {temperature}")


def _require_equal(found: Array, wanted: Array, what: str) -> None:
    gap = np.abs(found - wanted)
    if gap.size and gap.max() > TOLERANCE:
        raise ModelError(f"{what}: account {int(gap.argmax())} is off by {gap.max():.2g} levels")
