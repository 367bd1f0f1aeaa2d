"""How often the 80 % and 95 % bands hold what then happens: demo worlds, or public series.

    python -m benchmarks.intervals [--folder FOLDER] [--worlds 1 2 3] [--origins 3] [--steps 100]

Fitted as in a cycle at origins 30 days apart, the newest of them 90 days before the end (56 on public series,
of which many are short), and judged on the days after, by horizon bucket. Every measured day of every account
that was served counts, days with injected events too. A demo world stops accounts in its last 90 days and
never before, which no calibration can know: a second pair of lines leaves those accounts out. Beside each
share stands a 95 % interval of it from drawing whole series anew: the days of one series go wrong together.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
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
Series = tuple[str, str]
"""Name of the set, and of the account."""


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
    settings = ForecastSettings(seeds=1, steps=arguments.steps, slow_sample=0)
    newest = NEWEST_PUBLIC_DAYS if arguments.folder else NEWEST_DAYS
    pooled: list[Foretold] = []
    stopped: set[Series] = set()
    for name, usage, ended in _usage(arguments):
        stopped |= {(name, account) for account in ended}
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
        _print(f"{name}: {len(usage.account_ids)} series x {usage.days} days", foretold, stopped)
    if len(pooled) > arguments.origins:
        _print("all of them", pooled, stopped)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="of public tables; without it, demo worlds")
    parser.add_argument("--worlds", type=int, nargs="+", default=[1, 2, 3], help="their seeds")
    parser.add_argument("--origins", type=int, default=3)
    parser.add_argument("--steps", type=int, default=100)
    return parser.parse_args()


def _usage(arguments: argparse.Namespace) -> Iterator[tuple[str, UsagePanel, Sequence[str]]]:
    """Name, usage, and the accounts that a world stops."""
    if arguments.folder:
        yield from ((name, usage, ()) for name, usage in sets(arguments.folder))
    else:
        for seed in arguments.worlds:
            world = demo_usage(seed)
            ended = [
                account
                for account, events in world.events.items()
                if any(event.kind == "stop" for event in events)
            ]
            yield f"demo world {seed}", world.usage, ended


def _print(name: str, foretold: Sequence[Foretold], stopped: set[Series]) -> None:
    print(f"\n{name}, {len(foretold)} origins")
    _print_bands(_held_by(foretold))
    if stopped:
        print("  without the accounts that the world stops")
        _print_bands(
            {
                level: {series: counts for series, counts in held.items() if series not in stopped}
                for level, held in _held_by(foretold).items()
            }
        )
    totals = (f"{days} days: {_totals(foretold, days):.1%}" for days in HORIZONS)
    print("  totals in their 80 % interval  " + "  ".join(totals), flush=True)


def _print_bands(found: Mapping[str, Mapping[Series, Counts]]) -> None:
    for level, by_series in found.items():
        held = Held(*np.stack(list(by_series.values()), axis=1))
        parts = [slice(None), *(slice(number, number + 1) for number in range(len(BUCKETS)))]
        names = ["all", *(f"from day {first + 1}" for first in BUCKETS)]
        told = (
            "{}: {:.1%} ({:.1%} to {:.1%})".format(part, *held.share(buckets))
            for part, buckets in zip(names, parts, strict=True)
            if held.measured[:, buckets].any()
        )
        print(f"  {level} %  " + "  ".join(told), flush=True)


def _held_by(foretold: Sequence[Foretold]) -> dict[str, dict[Series, Counts]]:
    """By level and series: days inside the band, and days measured; (2, buckets)."""
    found: dict[str, dict[Series, Counts]] = {level: {} for level in LEVELS}
    for one in foretold:
        days = one.actual.shape[1]
        places = np.eye(len(BUCKETS))[bucket_of(days)]
        for account, actual in zip(one.found.accounts, one.actual, strict=True):
            if len(account.median):
                key = (one.usage, account.account_id)
                for level, by_series in found.items():
                    low, high = (getattr(account, f"{side}{level}")[:days] for side in ("low", "high"))
                    inside = (actual >= low) & (actual <= high)
                    counts = np.stack([inside, np.isfinite(actual)]).astype(float) @ places
                    by_series[key] = by_series.get(key, np.zeros_like(counts)) + counts
    return found


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
