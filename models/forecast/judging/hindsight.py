"""What forecasts of the past were worth, by what followed: each model, and what was decided."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from models.arrays import packed
from models.decisions import ANOMALY, FALLING, Decided
from models.forecast.baselines import seasonal_naive, weekday_median
from models.forecast.forecast import AccountForecast, forecast
from models.forecast.judging.aftermath import Aftermath
from models.forecast.judging.backtest import backtest
from models.forecast.judging.classes import classes
from models.forecast.judging.comparison import SLOW, Forecaster, on_rows, slow_sample
from models.forecast.judging.metrics import mase_denominator
from models.forecast.judging.scores import SERVED, Judged, Score, Timer, by_class, score
from models.forecast.network.predict import lstm
from models.forecast.network.train import Progress, fit
from models.forecast.operating_points import USUAL, rarity
from models.forecast.panel import UsagePanel
from models.forecast.paths import Paths
from models.forecast.serving import LSTM, PROFILE
from models.forecast.settings import ForecastSettings
from models.forecast.unusual.anomalies import Anomaly

FALL = "fall"
SAMPLE = "sample"


@dataclass(frozen=True, eq=False)
class Timed:
    """A model's forecasts beside what happened, and the seconds they took."""

    judged: Judged
    seconds: float


@dataclass(frozen=True, eq=False)
class Hindsight:
    """What was forecast at a cut, judged by what followed.

    scores: by model and class, with `all`, and `sample`: the accounts that every model forecast, the fair
    comparison where the slow ones ran on a few. errors: as bytes, a numpy archive of the accounts, their
    classes, and each account's MASE by each model. decisions: by FALLING and ANOMALY. seconds: until all was
    served.
    """

    scores: Mapping[str, Mapping[str, Score]]
    errors: bytes
    decisions: Mapping[str, Decided]
    seconds: float


def yardsticks(
    past: UsagePanel,
    known: UsagePanel,
    settings: ForecastSettings,
    seed: int,
    timer: Timer = time.perf_counter,
) -> dict[str, Timed]:
    """What no setting changes: the medians on all accounts, the slow models on their sample."""
    rows = slow_sample(past, settings.slow_sample, seed)
    slow = {name: on_rows(rows, one) for name, one in SLOW.items() if len(rows)}
    forecasters: dict[str, Forecaster] = {PROFILE: weekday_median, "seasonal_naive": seasonal_naive, **slow}
    found = {}
    for name, forecaster in forecasters.items():
        started = timer()
        paths = forecaster(past, settings.horizon_days)
        found[name] = Timed(_judged(paths, past, known), timer() - started)
    return found


def hindsight(
    past: UsagePanel,
    known: UsagePanel,
    settings: ForecastSettings,
    seed: int,
    beside: Mapping[str, Timed],
    breadths: Mapping[str, UsagePanel] = MappingProxyType({}),
    progress: Progress | None = None,
    timer: Timer = time.perf_counter,
) -> Hindsight:
    """Do all that a first cycle at the end of `past` would have done, and judge it by `known`.

    known: the same accounts, from the beginning to beyond the end of `past`, as they are known later.
    beside: what `yardsticks` gave.
    """
    started = timer()
    model = fit(past, settings, seed, progress=progress)
    trained = timer()
    lessons = backtest(model, past, settings.without_slow(), seed, timer)
    found = forecast(model, past, lessons, settings, breadths)
    ended = timer()
    inner, outer = (found.served(level, settings.horizon_days) for level in (80, 95))
    judged = {SERVED: Timed(_judged(inner, past, known, outer), ended - started)}
    if model.finished:
        network = lstm(model.finished, model.yearly, past, settings)
        judged[LSTM] = Timed(_judged(network, past, known), trained - started)
    judged |= beside
    of_class = classes(past)
    return Hindsight(
        scores=_scores(judged, of_class),
        errors=packed(
            {"account_id": np.array(past.account_ids), "class": of_class}
            | {name: one.judged.scaled_error() for name, one in judged.items()}
        ),
        decisions=_decided(found.accounts, Aftermath.of(known, past.until)),
        seconds=ended - started,
    )


def _scores(judged: Mapping[str, Timed], of_class: NDArray[np.str_]) -> dict[str, dict[str, Score]]:
    together = np.logical_and.reduce([one.judged.paths.serves for one in judged.values()])
    rows = np.flatnonzero(together)
    return {
        name: by_class(one.judged, of_class, one.seconds)
        | {SAMPLE: score([one.judged.take(rows)], one.seconds)}
        for name, one in judged.items()
    }


def _judged(paths: Paths, past: UsagePanel, known: UsagePanel, outer: Paths | None = None) -> Judged:
    shape = (len(past.account_ids), paths.median.shape[1])
    days = UsagePanel(past.account_ids, past.countries, past.until, np.empty(shape, dtype=np.float32))
    return Judged(paths, known.over(days).values, mase_denominator(past.values), outer)


def _decided(found: Sequence[AccountForecast], later: Aftermath) -> dict[str, Decided]:
    return {FALLING: _falls(found, later), ANOMALY: _anomalies(found, later)}


def _falls(found: Sequence[AccountForecast], later: Aftermath) -> Decided:
    """Of the accounts whose health the forecast tells, and not a stop or a change that has happened."""
    fell = later.fell()
    rows = []
    for row, one in enumerate(found):
        score = one.health.fall_score
        if score is not None:
            rows.append((one.account_id, one.start, FALL, score, score >= USUAL.falling, fell[row]))
    return Decided.of(rows)


def _anomalies(found: Sequence[AccountForecast], later: Aftermath) -> Decided:
    rows = [
        (
            one.account_id,
            each.day,
            each.kind,
            rarity(each),
            any(_same(each, raised) for raised in one.anomalies),
            later.borne_out(row, each),
        )
        for row, one in enumerate(found)
        for each in one.suspects
    ]
    return Decided.of(rows)


def _same(one: Anomaly, other: Anomaly) -> bool:
    """Whether two are of one kind and share a day."""
    ends = (min(each.day + timedelta(days=each.days) for each in (one, other)), max(one.day, other.day))
    return one.kind == other.kind and ends[1] < ends[0]
