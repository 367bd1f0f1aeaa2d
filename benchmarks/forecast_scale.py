"""Seconds and memory of a cycle's forecast: `python -m benchmarks.forecast_scale [accounts ...]`.

Made-up panels of two years, each in a process of its own: fit (as a cycle does: 3 networks x 300 steps),
backtest without the slow baselines, forecast with intervals, health and anomalies, on one thread. Prints the
seconds of each, and of the CPU (which a busy machine does not inflate as much); the peak of the process's
memory; and CPU seconds per account of backtest and forecast, as a multiple of those at the first size.
"""

import multiprocessing
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
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


def main() -> None:
    """One process after the other."""
    sizes = [int(argument) for argument in sys.argv[1:]] or SIZES
    context = multiprocessing.get_context("spawn")
    first = None
    for accounts in sizes:
        queue = context.Queue()
        process = context.Process(target=_measure, args=(accounts, queue))
        process.start()
        seconds, memory_mb = queue.get()
        process.join()
        each = (seconds["backtest"][1] + seconds["forecast"][1]) / accounts
        first = first or each
        told = "  ".join(f"{name} {took:.0f} s, {used:.0f} s CPU" for name, (took, used) in seconds.items())
        print(
            f"{accounts:>8,} accounts x {DAYS} days  {told}  peak {memory_mb:,.0f} MB  "
            f"{each / first:.2f} x per account",
            flush=True,
        )


def _measure(accounts: int, queue: "multiprocessing.Queue[Any]") -> None:
    """Puts seconds of the clock and of the CPU by part, and the peak in megabytes."""
    panel = _made_up(accounts)
    settings = ForecastSettings(slow_sample=0)
    seconds: dict[str, tuple[float, float]] = {}
    with _timed(seconds, "training"):
        model = fit(panel, settings, seed=0)
    with _timed(seconds, "backtest"):
        lessons = backtest(model, panel, settings, seed=0)
    with _timed(seconds, "forecast"):
        forecast(model, panel, lessons, settings)
    queue.put((seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


@contextmanager
def _timed(seconds: dict[str, tuple[float, float]], name: str) -> Iterator[None]:
    start, used = time.perf_counter(), time.process_time()
    yield
    seconds[name] = time.perf_counter() - start, time.process_time() - used


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
