"""Made-up accounts: daily usage of every kind that a network should have seen once.

Nothing here is taken from a real set. Each part is drawn per account, most of them for some accounts only, on
the logarithm of the usage; counts are Poisson.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from models.forecast.calendar import calendar
from models.forecast.panel import UsagePanel
from models.forecast.settings import WEEK

COUNTRIES = (None, "US", "GB", "DE", "FR", "AU", "IN", "BR", "JP")
LARGEST_LOG = 4.0
"""No account grows beyond this many e-folds of its own level."""

Array = NDArray[np.float64]


def made_up(accounts: int, days: int, start: date, seed: int) -> UsagePanel:
    """A panel of made-up accounts, the same for a seed."""
    chance = _Chance(np.random.default_rng(seed), accounts)
    countries = tuple(COUNTRIES[pick] for pick in chance.rng.integers(0, len(COUNTRIES), accounts))
    known = calendar(countries, start, days, yearly=True)
    time = _Time.of(start, days)
    log = (
        np.log(_weekdays(chance))[:, time.weekday]
        + _seasons(chance, time)
        + _own_weeks(chance, time)
        + _wandering(chance, days)
        + _trends(chance, time)
        + _levels(chance, time)
        + _holidays(chance, known.holiday[known.country_of])
        + _turn_of_year(chance, time)
        + _months(chance, time)
        + _noise(chance, days)
        + _bursts(chance, time)
    )
    level = 10 ** chance.rng.uniform(-0.3, 4.5, (accounts, 1))
    values = chance.rng.poisson(level * np.exp(np.minimum(log, LARGEST_LOG))).astype(np.float32)
    values[chance.rng.random(values.shape) < 0.03 * chance.some(0.1)] = np.nan
    return UsagePanel(tuple(f"made-up-{row}" for row in range(accounts)), countries, start, values)


@dataclass(frozen=True, eq=False)
class _Chance:
    """Draws, one per account: (accounts, 1)."""

    rng: np.random.Generator
    accounts: int

    def normal(self, deviation: float, mean: float = 0.0) -> Array:
        return self.rng.normal(mean, deviation, (self.accounts, 1))

    def uniform(self, low: float, high: float) -> Array:
        return self.rng.uniform(low, high, (self.accounts, 1))

    def some(self, share: float) -> Array:
        """1 for this share of the accounts, 0 for the others."""
        return (self.rng.random((self.accounts, 1)) < share).astype(np.float64)

    def day(self, days: int) -> NDArray[np.int64]:
        return self.rng.integers(0, days, (self.accounts, 1))


@dataclass(frozen=True, eq=False)
class _Time:
    """All (days,). weekday: Monday 0. year: from 0 on. of_year, of_month: share gone.

    from_new_year: days to the nearest.
    """

    day: NDArray[np.int64]
    weekday: NDArray[np.int64]
    year: NDArray[np.int64]
    of_year: Array
    of_month: Array
    from_new_year: NDArray[np.int64]

    @classmethod
    def of(cls, start: date, days: int) -> "_Time":
        day = np.datetime64(start) + np.arange(days)
        nearest = (day + 183).astype("datetime64[Y]").astype("datetime64[D]")
        return cls(
            day=np.arange(days),
            weekday=(day.astype(np.int64) + 3) % WEEK,
            year=day.astype("datetime64[Y]").astype(np.int64) - (start.year - 1970),
            of_year=(day - day.astype("datetime64[Y]")).astype(np.float64) / 365.25,
            of_month=(day - day.astype("datetime64[M]")).astype(np.float64) / 31,
            from_new_year=(day - nearest).astype(np.int64),
        )


def _weekdays(chance: _Chance) -> Array:
    """(accounts, 7) factors: half work on weekdays, a fifth are busiest on weekends, the rest are alike."""
    spread = chance.rng.choice([0.02, 0.08, 0.2], (chance.accounts, 1))
    factors = np.exp(spread * chance.rng.normal(size=(chance.accounts, WEEK)))
    kind = chance.uniform(0, 1)
    quiet = chance.rng.beta(1.2, 2.2, (chance.accounts, 1))
    busy = 1 + chance.rng.gamma(2, 0.25, (chance.accounts, 1))
    factors[:, 5:] *= np.where(kind < 0.5, quiet, np.where(kind < 0.7, busy, 1))
    return np.maximum(factors, 1e-3)


def _seasons(chance: _Chance, time: _Time) -> Array:
    """Three waves a year."""
    height: Array = chance.rng.gamma(1.5, 0.12, (chance.accounts, 1)) * chance.some(0.6)
    waves: Array = np.zeros((chance.accounts, len(time.day)))
    for wave in (1, 2, 3):
        angle = 2 * np.pi * wave * time.of_year
        waves += (chance.normal(1) * np.sin(angle) + chance.normal(1) * np.cos(angle)) / wave
    return waves * height


def _own_weeks(chance: _Chance, time: _Time) -> Array:
    """Days or weeks of each year that are busier or quieter, at a time that is an account's own.

    They come a few days earlier or later, and stronger or weaker, every year.
    """
    log: Array = np.zeros((chance.accounts, len(time.day)))
    for _ in range(3):
        years = (chance.accounts, time.year[-1] + 1)
        late = chance.rng.normal(0, 4 / 365, years) * chance.some(0.5)
        away = np.abs((time.of_year - chance.uniform(0, 1) - late[:, time.year] + 0.5) % 1 - 0.5)
        height = chance.normal(0.4) * chance.some(0.3) * chance.rng.uniform(0.3, 1.7, years)
        log += height[:, time.year] * (away < 10 ** chance.uniform(-2.3, -1.0))
    return log


def _wandering(chance: _Chance, days: int) -> Array:
    """A level that drifts and comes back within ten days, or within years."""
    return _chained(
        chance.rng.normal(size=(chance.accounts, days)) * 10 ** chance.uniform(-3, -1.6),
        np.exp(-1 / 10 ** chance.uniform(1, 3.2)),
    )


def _trends(chance: _Chance, time: _Time) -> Array:
    """Growth or decline over years, which for half of the accounts turns once."""
    before = chance.normal(0.4 / 365) * chance.some(0.6)
    after = np.where(chance.some(0.5), before, chance.normal(0.3 / 365))
    turn = chance.day(len(time.day))
    log: Array = before * np.minimum(time.day, turn) + after * np.maximum(time.day - turn, 0)
    return log


def _levels(chance: _Chance, time: _Time) -> Array:
    """New levels, some for good, some for one to ten weeks, a few deep ones for months."""
    days = len(time.day)
    log = np.zeros((chance.accounts, days))
    for _ in range(3):
        log += chance.normal(0.5) * chance.some(days / 2920) * (time.day >= chance.day(days))
    for _ in range(4):
        since = time.day - chance.day(days)
        lasting = (since >= 0) & (since < WEEK * 10 ** chance.uniform(0, 1))
        log += chance.normal(0.4) * chance.some(days / 2085) * lasting
    since = time.day - chance.day(days)
    log += chance.normal(1.2) * chance.some(0.3) * ((since >= 0) & (since < chance.uniform(30, 500)))
    return log


def _holidays(chance: _Chance, holiday: NDArray[np.bool_]) -> Array:
    """Mostly fewer events on holidays, now and then more, for a third no other."""
    share = chance.rng.beta(1.5, 1.5, (chance.accounts, 1)) * 1.3
    return np.log(np.maximum(share, 0.03)) * chance.some(0.7) * holiday


def _turn_of_year(chance: _Chance, time: _Time) -> Array:
    """Mostly quiet weeks around New Year."""
    depth: Array = np.clip(np.minimum((time.from_new_year + 14) / 5, (6 - time.from_new_year) / 4), 0, 1)
    return chance.normal(0.4, mean=-0.45) * chance.some(0.6) * depth


def _months(chance: _Chance, time: _Time) -> Array:
    """Busier at one part of the month."""
    angle = 2 * np.pi * time.of_month + chance.uniform(0, 2 * np.pi)
    return chance.normal(0.1) * chance.some(0.3) * np.cos(angle)


def _noise(chance: _Chance, days: int) -> Array:
    """Heavy-tailed, from 3 to 50 %, one day like the next or not."""
    carried = chance.uniform(0, 0.8)
    daily = chance.rng.standard_t(4, (chance.accounts, days)) / 2**0.5
    size: Array = np.exp(chance.uniform(np.log(0.03), np.log(0.5)))
    return size * _chained(np.sqrt(1 - carried**2) * daily, carried)


def _bursts(chance: _Chance, time: _Time) -> Array:
    """Some days of much more, or much less."""
    log = np.zeros((chance.accounts, len(time.day)))
    for _ in range(6):
        since = time.day - chance.day(len(time.day))
        lasting = (since >= 0) & (since < chance.rng.integers(1, 8, (chance.accounts, 1)))
        log += chance.normal(0.6, mean=0.6) * chance.some(0.35) * lasting
    return log


def _chained(steps: Array, kept: Array) -> Array:
    """Each day keeps a share of the day before and adds its own step; (accounts, days), (accounts, 1)."""
    found = np.empty_like(steps)
    state = np.zeros(len(steps))
    for day in range(steps.shape[1]):
        state = kept[:, 0] * state + steps[:, day]
        found[:, day] = state
    return found
