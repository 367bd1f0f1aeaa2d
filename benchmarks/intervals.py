"""How often the 80 % and 95 % bands hold what then happens: demo worlds, or public series.

    python -m benchmarks.intervals [--folder FOLDER] [--worlds 3] [--origins 3] [--steps 100] [--networks 1]

Fitted as in a cycle at origins 30 days apart, the newest of them 90 days before the end (56 on public series,
of which many are short), and judged on the days after, by horizon bucket. Every measured day of every account
that was served counts, days with injected events too. Beside each share stands a 95 % interval of it from
drawing whole series anew: the days of one series go wrong together.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.forecast import sets
from benchmarks.foretold import Foretold, demo_usage, foretell
from models.forecast import ForecastSettings, UsagePanel
from models.forecast.conformal import BUCKETS, bucket_of
from models.forecast.totals import HORIZONS

NEWEST_DAYS, NEWEST_PUBLIC_DAYS = 90, 56
BETWEEN_DAYS = 30
LEAST_PAST_DAYS = 140
DRAWS = 1000
LEVELS = ("80", "95")

Counts = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Held:
    """Days inside a band and days measured, per series; each (series, buckets)."""

    inside: Counts
    measured: Counts

    def share(self, buckets: slice) -> tuple[float, float, float]:
        """Share inside, with a 95 % interval from a bootstrap over series."""
        inside, measured = self.inside[:, buckets].sum(axis=1), self.measured[:, buckets].sum(axis=1)
        rng = np.random.default_rng(0)
        drawn = rng.integers(0, len(inside), (DRAWS, len(inside)))
        shares = inside[drawn].sum(axis=1) / np.maximum(measured[drawn].sum(axis=1), 1)
        low, high = np.quantile(shares, (0.025, 0.975))
        return float(inside.sum() / max(measured.sum(), 1)), float(low), float(high)


def main() -> None:
    """Run all worlds, or all sets found in the folder."""
    arguments = _arguments()
    settings = ForecastSettings(seeds=arguments.networks, steps=arguments.steps, slow_sample=0)
    newest = NEWEST_PUBLIC_DAYS if arguments.folder else NEWEST_DAYS
    pooled = []
    for name, usage in _usage(arguments):
        backs = [newest + BETWEEN_DAYS * number for number in range(arguments.origins)]
        foretold = [
            foretell(name, usage, back, settings, seed=number)
            for number, back in enumerate(backs)
            if usage.days - back >= LEAST_PAST_DAYS
        ]
        if not foretold:
            print(f"\n{name}: {usage.days} days are too few")
            continue
        pooled += foretold
        _print(f"{name}: {len(usage.account_ids)} series x {usage.days} days", foretold)
    if len(pooled) > arguments.origins:
        _print("all of them", pooled)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="of public tables; without it, demo worlds")
    parser.add_argument("--worlds", type=int, default=3)
    parser.add_argument("--origins", type=int, default=3)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--networks", type=int, default=1)
    return parser.parse_args()


def _usage(arguments: argparse.Namespace) -> Iterator[tuple[str, UsagePanel]]:
    if arguments.folder:
        yield from sets(arguments.folder)
    else:
        for seed in range(1, arguments.worlds + 1):
            yield f"demo world {seed}", demo_usage(seed).usage


def _print(name: str, foretold: Sequence[Foretold]) -> None:
    print(f"\n{name}, {len(foretold)} origins")
    for level in LEVELS:
        held = _held(foretold, level)
        parts = [slice(None), *(slice(number, number + 1) for number in range(len(BUCKETS)))]
        names = ["all", *(f"from day {first + 1}" for first in BUCKETS)]
        told = (
            "{}: {:.1%} ({:.1%} to {:.1%})".format(part, *held.share(buckets))
            for part, buckets in zip(names, parts, strict=True)
            if held.measured[:, buckets].any()
        )
        print(f"  {level} %  " + "  ".join(told), flush=True)
    totals = (f"{days} days: {_totals(foretold, days):.1%}" for days in HORIZONS)
    print("  totals in their 80 % interval  " + "  ".join(totals), flush=True)


def _held(foretold: Sequence[Foretold], level: str) -> Held:
    inside: dict[tuple[str, str], Counts] = {}
    measured: dict[tuple[str, str], Counts] = {}
    for one in foretold:
        days = one.actual.shape[1]
        places = np.eye(len(BUCKETS))[bucket_of(days)]
        for account, actual in zip(one.found.accounts, one.actual, strict=True):
            if len(account.median):
                low, high = (getattr(account, f"{side}{level}")[:days] for side in ("low", "high"))
                key = (one.usage, account.account_id)
                held = ((actual >= low) & (actual <= high)).astype(float) @ places
                inside[key] = inside.get(key, 0) + held
                measured[key] = measured.get(key, 0) + np.isfinite(actual).astype(float) @ places
    return Held(np.stack(list(inside.values())), np.stack(list(measured.values())))


def _totals(foretold: Sequence[Foretold], days: int) -> float:
    """Share of totals of fully measured horizons inside their interval; NaN where none was."""
    inside = [
        account.totals[days].low <= actual[:days].sum() <= account.totals[days].high
        for one in foretold
        for account, actual in zip(one.found.accounts, one.actual, strict=True)
        if len(actual) >= days and days in account.totals and np.isfinite(actual[:days]).all()
    ]
    return float(np.mean(inside)) if inside else float("nan")


if __name__ == "__main__":
    main()
