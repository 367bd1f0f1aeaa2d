"""Forecasts public daily series: the served model, the LSTM and every baseline beside each other.

    python benchmarks/forecast.py FOLDER [--seed 0] [--slow 60] [--windows 3] [--steps 400]

FOLDER holds CSV files (plain or .gz) in any of the layouts of LAYOUTS; other files are left out. Each set
is evaluated at a horizon of 56 days from several origins, 28 days apart, each time with everything fitted
anew on what lay before. MASE has m = 7. Prints a table per set and the mean over windows.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from models.forecast import ForecastSettings, Score, UsagePanel, evaluate, panel

HORIZON = 56
BETWEEN_ORIGINS = 28


@dataclass(frozen=True)
class Layout:
    """How a file's columns are read.

    file: start of its name. account: column of the series' name, None for one series. country: whose
    holidays apply, ISO 3166 alpha-2.
    """

    file: str
    day: str
    value: str
    account: str | None
    country: str | None
    day_first: bool = False


LAYOUTS = (
    Layout("cran_downloads", "date", "count", "package", None),
    Layout("wikipedia_traffic", "date", "value", "Page", "US"),
    Layout("uk_daily_flights", "Date", "Number of flights", None, "GB", day_first=True),
    Layout("prophet_example_pedestrians", "ds", "y", None, "AU"),
)


def main() -> None:
    """Run all sets found in the folder."""
    arguments = _arguments()
    settings = ForecastSettings(steps=arguments.steps, slow_sample=arguments.slow)
    for name, usage in _sets(arguments.folder):
        found: dict[str, list[Score]] = defaultdict(list)
        for window in range(arguments.windows):
            past = usage.before(usage.days - BETWEEN_ORIGINS * window)
            evaluation = evaluate(past, settings, arguments.seed, HORIZON)
            for model, score in evaluation.models.items():
                found[model].append(score)
        _print(name, usage, found)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--slow", type=int, default=60, help="series for Holt-Winters and Prophet, 0 = none")
    parser.add_argument("--windows", type=int, default=3)
    parser.add_argument("--steps", type=int, default=ForecastSettings.steps)
    return parser.parse_args()


def _sets(folder: Path) -> Iterator[tuple[str, UsagePanel]]:
    for layout in LAYOUTS:
        for path in sorted(folder.glob(f"{layout.file}*.csv*")):
            yield path.name.split(".")[0], _read(path, layout)


def _read(path: Path, layout: Layout) -> UsagePanel:
    table = pd.read_csv(path, encoding="utf-8-sig")
    day = pd.to_datetime(table[layout.day], dayfirst=layout.day_first)
    account = table[layout.account] if layout.account else layout.file
    long = pd.DataFrame({"account_id": account, "day": day, "value": table[layout.value]})
    countries = dict.fromkeys(long["account_id"].unique(), layout.country)
    return panel(long, countries, (day.max() + pd.Timedelta(days=1)).date())


def _print(name: str, usage: UsagePanel, found: dict[str, list[Score]]) -> None:
    print(f"\n{name}: {len(usage.account_ids)} series x {usage.days} days, {len(found['served'])} windows")
    print(
        f"  {'model':<16}{'series':>7}{'MASE':>8}{'sMAPE':>8}{'cover80':>9}{'seconds':>9}   MASE per window"
    )
    for model, scores in found.items():
        mase, smape, inside = (
            [getattr(one, part) for one in scores] for part in ("mase", "smape", "coverage80")
        )
        each = " ".join(f"{value:.3f}" for value in mase)
        seconds = sum(one.seconds for one in scores) / len(scores)
        print(
            f"  {model:<16}{scores[0].n_series:>7}{_mean(mase):>8.3f}{_mean(smape):>8.1f}"
            f"{_mean(inside):>9.2f}{seconds:>9.1f}   {each}",
            flush=True,
        )


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


if __name__ == "__main__":
    main()
