"""Seconds and memory of a cycle's forecast: `python -m benchmarks.forecast_scale [accounts ...]`.

Made-up panels of two years, each in a process of its own: fit (as a cycle does: 3 networks x 300 steps),
backtest without the slow baselines, forecast with intervals, health and anomalies, on one thread. Prints of
each the seconds, those of the CPU (which a busy machine does not inflate as much), and the peak of the
process's memory, as Linux tells it; and CPU seconds per account of backtest and forecast, as a multiple of
those at the first size.
"""

import multiprocessing
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from models.forecast import ForecastSettings, UsagePanel, backtest, fit, forecast

SIZES = (10_000, 100_000)
DAYS = 730
CHUNK = 5_000
COUNTRIES = ("DE", "US", "FR", "GB", None)
WEEKDAYS = np.array([1.2, 1.3, 1.2, 1.1, 1.0, 0.3, 0.2])
CHANGED_SHARE = 0.02
"""Of the accounts, on a new level since a fortnight; as many stopped, as many had a spike."""

SELF = Path("/proc/self")
FORGET_PEAK = "5"


@dataclass(frozen=True)
class Cost:
    """Of one part of a cycle."""

    seconds: float
    cpu_s: float
    peak_mb: float

    def __str__(self) -> str:
        return f"{self.seconds:.0f} s, {self.cpu_s:.0f} s CPU, {self.peak_mb:,.0f} MB"


def main() -> None:
    """One process after the other."""
    sizes = [int(argument) for argument in sys.argv[1:]] or SIZES
    context = multiprocessing.get_context("spawn")
    first = None
    for accounts in sizes:
        queue = context.Queue()
        process = context.Process(target=_measure, args=(accounts, queue))
        process.start()
        costs = queue.get()
        process.join()
        each = (costs["backtest"].cpu_s + costs["forecast"].cpu_s) / accounts
        first = first or each
        told = "  ".join(f"{name} {cost}" for name, cost in costs.items())
        print(
            f"{accounts:>8,} accounts x {DAYS} days  {told}  {each / first:.2f} x per account",
            flush=True,
        )


def _measure(accounts: int, queue: "multiprocessing.Queue[Any]") -> None:
    """Puts what each part costs."""
    panel = _made_up(accounts)
    settings = ForecastSettings(slow_sample=0)
    costs: dict[str, Cost] = {}
    with _measured(costs, "training"):
        model = fit(panel, settings, seed=0)
    with _measured(costs, "backtest"):
        lessons = backtest(model, panel, settings, seed=0)
    with _measured(costs, "forecast"):
        forecast(model, panel, lessons, settings)
    queue.put(costs)


@contextmanager
def _measured(costs: dict[str, Cost], name: str) -> Iterator[None]:
    (SELF / "clear_refs").write_text(FORGET_PEAK, encoding="ascii")
    start, used = time.perf_counter(), time.process_time()
    yield
    seconds, cpu_s = time.perf_counter() - start, time.process_time() - used
    status = dict(line.split(":", 1) for line in (SELF / "status").read_text(encoding="utf-8").splitlines())
    costs[name] = Cost(seconds, cpu_s, peak_mb=int(status["VmHWM"].split()[0]) / 1024)


def _made_up(accounts: int) -> UsagePanel:
    """Accounts of different size with a weekday pattern and noise; some of them changed lately."""
    rng = np.random.default_rng(0)
    values = np.empty((accounts, DAYS), dtype=np.float32)
    for start in range(0, accounts, CHUNK):
        part = values[start : start + CHUNK]
        level = np.exp(rng.normal(4.5, 1.0, (len(part), 1)))
        noise = np.exp(rng.normal(0, 0.15, part.shape))
        part[:] = rng.poisson(level * WEEKDAYS[np.arange(DAYS) % 7] * noise)
    changed, stopped, struck = (rng.random(accounts) < CHANGED_SHARE for _ in range(3))
    values[changed, -14:] *= 2
    values[stopped, -20:] = 0
    values[struck, -9] *= 5
    names = tuple(f"001{number:015d}" for number in range(accounts))
    countries = tuple(COUNTRIES[number % len(COUNTRIES)] for number in range(accounts))
    return UsagePanel(names, countries, date(2024, 1, 1), values)


if __name__ == "__main__":
    main()
