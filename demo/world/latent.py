"""The latent maturity: four drivers that move slowly, and the rule that makes a level of them.

What is observable depends on the drivers alone, never on the rule: worlds of one seed differ in their
levels and ratings only.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.world.chance import stream
from demo.world.records import Array, Rule
from demo.world.timeline import Timeline

DRIVERS = ("breadth", "practice", "engagement", "organisation")
BREADTH, PRACTICE, ENGAGEMENT, ORGANISATION = range(4)

SHARES = (0.34, 0.35, 0.31)
"""Shares of the levels low, medium, high among all accounts on the last day."""

WEIGHTS = np.array([0.34, 0.38, 0.22, 0.30])
"""Weights of the drivers under the linear rule."""


@dataclass(frozen=True, eq=False)
class Latent:
    """What drives a population of accounts.

    size: (accounts,), logarithm of the company's size in standard units.
    drivers: (accounts, months, 4), standard units. levels: (accounts, months), 0 to 2.
    """

    size: Array
    drivers: Array
    levels: NDArray[np.int64]


def latent(seed: int, rule: Rule, accounts: int, timeline: Timeline) -> Latent:
    """Draw a population."""
    rng = stream(seed, "drivers")
    size = rng.standard_normal(accounts)
    common = rng.standard_normal((accounts, 1))
    start = 0.6 * common + 0.8 * rng.standard_normal((accounts, len(DRIVERS)))
    start[:, ORGANISATION] = (start[:, ORGANISATION] + 0.3 * size) / np.hypot(1, 0.3)
    drivers = start[:, None, :] + _movement(rng, accounts, timeline)
    return Latent(size, drivers, _levels(seed, rule, drivers, size))


def _movement(rng: np.random.Generator, accounts: int, timeline: Timeline) -> Array:
    """How far each driver is from its start: a small walk, and for a third of the accounts a slow ramp."""
    years = timeline.month_index / 365
    begin = rng.uniform(0.0, 1.4, accounts)[:, None]
    length = rng.uniform(0.5, 1.2, accounts)[:, None]
    ramp = np.clip((years - begin) / length, 0, 1)
    upward = np.where(rng.random(accounts) < 0.65, 1.0, -1.0)
    height = upward * rng.uniform(0.8, 1.7, accounts) * (rng.random(accounts) < 0.35)
    moved = rng.random((accounts, len(DRIVERS))) < 0.6
    walk = rng.normal(0, 0.03, (accounts, len(years), len(DRIVERS))).cumsum(axis=1)
    return walk + ramp[:, :, None] * height[:, None, None] * moved[:, None, :]


def _levels(seed: int, rule: Rule, drivers: Array, size: Array) -> NDArray[np.int64]:
    if rule == "linear":
        return _linear(seed, drivers)
    if rule == "thresholds":
        return _thresholds(drivers, size)
    drawn = stream(seed, "levels").choice(len(SHARES), size=len(size), p=SHARES)
    return np.repeat(drawn[:, None], drivers.shape[1], axis=1)


def _linear(seed: int, drivers: Array) -> NDArray[np.int64]:
    """Cuts through a weighted sum, in which a little belongs to the account alone."""
    own = stream(seed, "levels").normal(0, 0.1, len(drivers))
    total: Array = drivers @ WEIGHTS + own[:, None]
    low, high = (np.quantile(total[:, -1], share) for share in np.cumsum(SHARES)[:2])
    return np.where(total > high, 2, np.where(total > low, 1, 0)).astype(np.int64)


def _thresholds(drivers: Array, size: Array) -> NDArray[np.int64]:
    """Conditions that must hold together; more of one thing makes up for nothing.

    High takes breadth and practice, a large company more practice, and engagement or organisation.
    Medium takes one of two ways: breadth with engagement, or practice alone.
    """
    breadth, practice, engagement, organisation = np.moveaxis(drivers, 2, 0)
    demand = 0.4 * np.maximum(size - 0.3, 0)[:, None]
    both = np.minimum(breadth, practice - demand)
    strict = np.minimum(both, np.maximum(engagement, organisation))
    basic = np.maximum(np.minimum(breadth, engagement), practice - 0.5)
    high = strict > np.quantile(strict[:, -1], 1 - SHARES[2])
    floor = np.quantile(basic[:, -1][~high[:, -1]], SHARES[0] / (SHARES[0] + SHARES[1]))
    return np.where(high, 2, np.where(basic > floor, 1, 0)).astype(np.int64)
