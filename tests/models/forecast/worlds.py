"""Small panels of which the truth is known."""

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.forecast import UsagePanel

START = date(2024, 1, 1)
WEEKDAYS = np.array([1.2, 1.3, 1.2, 1.1, 1.0, 0.3, 0.2])
COUNTRIES = ("DE", "US", "FR", None)


def steady(accounts: int, days: int, seed: int = 0, noise: float = 0.15) -> UsagePanel:
    """Accounts of different size with a weekday pattern, multiplicative noise, no trend."""
    rng = np.random.default_rng(seed)
    level = np.exp(rng.normal(4.5, 0.7, (accounts, 1)))
    pattern = WEEKDAYS[np.arange(days) % 7]
    values = rng.poisson(level * pattern * np.exp(rng.normal(0, noise, (accounts, days))))
    return of(values)


def of(values: NDArray[Any]) -> UsagePanel:
    """A panel of these values."""
    names = tuple(f"001{number:015d}" for number in range(len(values)))
    countries = tuple(COUNTRIES[number % len(COUNTRIES)] for number in range(len(values)))
    return UsagePanel(names, countries, START, np.asarray(values, dtype=np.float32))
