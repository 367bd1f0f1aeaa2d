"""Forecasts public daily series: the served model, the LSTM and every baseline beside each other.

    python -m benchmarks.forecast FOLDER [--seed 0] [--slow 60] [--windows 3] [--steps 300]

FOLDER holds tables of days and values, read as `maturityd try forecast` reads them; other files are left out.
Each set is evaluated at a horizon of 56 days from several origins, 28 days apart, each time with everything
fitted anew on what lay before. MASE has m = 7. Prints a table per set and the mean over windows; at the end
the geometric mean over all windows of sets with ten series or more.
"""

import argparse
import math
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from models.errors import TableError
from models.forecast import Evaluation, ForecastSettings, Score, UsagePanel, evaluate, panel
from models.forecast.judging.comparison import SLOW
from models.forecast.judging.scores import SERVED
from models.forecast.serving import PROFILE
from models.forecast.trial.columns import Roles, columns
from models.forecast.trial.usage import usage as read_usage
from models.reading.parse import parse

HORIZON = 56
BETWEEN_ORIGINS = 28
MANY_SERIES = 10

COUNTRIES = {"wikipedia_traffic": "US", "uk_daily_flights": "GB", "prophet_example_pedestrians": "AU"}
"""Whose holidays apply, by the start of a file's name."""


def main() -> None:
    """Run all sets found in the folder."""
    arguments = _arguments()
    settings = ForecastSettings(steps=arguments.steps, slow_sample=arguments.slow)
    ratios: dict[str, list[float]] = defaultdict(list)
    for name, usage in sets(arguments.folder):
        found: dict[str, list[Score]] = defaultdict(list)
        for window in range(arguments.windows):
            past = usage.before(usage.days - BETWEEN_ORIGINS * window)
            evaluation = evaluate(past, settings, arguments.seed, HORIZON)
            for model, score in evaluation.models.items():
                found[model].append(score)
            if len(usage.account_ids) >= MANY_SERIES:
                for other, ratio in _ratios(evaluation):
                    ratios[other].append(ratio)
        _print(name, usage, found)
    for other, each in ratios.items():
        mean = math.exp(_mean([math.log(ratio) for ratio in each]))
        print(f"\nserved, as a share of {other}: {mean:.3f}, the geometric mean of {len(each)} windows")


def _ratios(evaluation: Evaluation) -> Iterator[tuple[str, float]]:
    """MASE served over that of others, on the series that all forecast."""
    mase = {name: score.mase for name, score in evaluation.sample.items() if score.mase}
    yield "the weekday median", mase[SERVED] / mase[PROFILE]
    slow = [mase[name] for name in SLOW if name in mase]
    if slow:
        yield "the better of Holt-Winters and Prophet", mase[SERVED] / min(slow)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--slow", type=int, default=60, help="series for Holt-Winters and Prophet, 0 = none")
    parser.add_argument("--windows", type=int, default=3)
    parser.add_argument("--steps", type=int, default=ForecastSettings.steps)
    return parser.parse_args()


def sets(folder: Path) -> Iterator[tuple[str, UsagePanel]]:
    """Name and usage of every table of the folder that can be read; the others are named and left out."""
    for path in sorted(folder.glob("*.csv*")):
        try:
            yield path.name.split(".")[0], _read(path)
        except TableError as error:
            print(f"\nleft out: {error}", flush=True)


def _read(path: Path) -> UsagePanel:
    cells = parse(path.read_bytes(), path.name)
    found = read_usage(cells, columns(cells, Roles(), path.name), path.name)
    country = next((code for start, code in COUNTRIES.items() if path.name.startswith(start)), None)
    return panel(found.frame, dict.fromkeys(found.accounts, country), found.last + timedelta(days=1))


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
