"""Seeded chance: independent random streams and a few draws."""

import zlib
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")


def stream(seed: int, purpose: str, index: int = 0) -> np.random.Generator:
    """A generator of its own per purpose and account: a change in one part leaves the others as they are."""
    return np.random.default_rng((seed, zlib.crc32(purpose.encode()), index))


def pick(rng: np.random.Generator, options: Sequence[Item]) -> Item:
    """One of the options, each as likely."""
    return options[int(rng.integers(len(options)))]


def happens(rng: np.random.Generator, probability: float) -> bool:
    """True with the given probability."""
    return bool(rng.random() < probability)


def logistic(log_odds: float) -> float:
    """Log odds as a probability."""
    return float(1.0 / (1.0 + np.exp(-log_odds)))
