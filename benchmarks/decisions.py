"""Decisions that follow from forecasts, against the demo's truth.

    python -m benchmarks.decisions FOLDER [--seed 0] [--accounts 200] [--cuts 6]

Plays a world in FOLDER up to its last day, computes the forecast grid with the settings of config.toml alone,
and compares what was decided at each cut with what really happened to the accounts: the events that the world
put into their usage. The product knows no truth and goes by what followed; this says how far to trust that.
"""

import argparse
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.worlds import played
from daemon.clock import SystemClock
from daemon.compose import open_state
from daemon.config import Config
from daemon.config.forecast import ForecastGridTable
from daemon.forecast_grid import run_forecast_grid
from daemon.state import forecast_grid
from daemon.state.engine import read
from demo.world import World
from demo.world.incidents import factors
from demo.world.records import Truth, UsageEvent
from demo.world.timeline import Timeline
from models.decisions import ANOMALY, FALLING, NOT_KNOWN, YES, Decided, pooled
from models.forecast.health import COMPARED_DAYS
from models.forecast.judging.aftermath import LEAST_FALL
from models.forecast.settings import RECENT_DAYS
from models.forecast.unusual.anomalies import LASTING
from models.found import Found, counted

SHORT = ("spike", "misuse", "outage")
RAMPS = ("growth", "decline")
NEAR = timedelta(days=3)
"""How far from its event a single day may be dated; a lasting change, a week further."""
LASTING_NEAR = timedelta(days=10)
SCORES: Mapping[str, Sequence[float]] = {
    FALLING: (0.2, 0.4, 0.6, 0.8, 1.0),
    ANOMALY: (2.0, 2.5, 3.0, 4.0, 6.0),
}

Bools = NDArray[np.bool_]


def main() -> None:
    """Play, compute, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--accounts", type=int, default=200)
    parser.add_argument("--cuts", type=int, default=6)
    given = parser.parse_args()
    stage = played(given.folder, "linear", given.seed, given.accounts)
    grid = ForecastGridTable(cuts=given.cuts, seeds=(), steps=())
    config = stage.config.model_copy(
        update={"forecast": stage.config.forecast.model_copy(update={"grid": grid})}
    )
    at_cuts = _decided(config)
    truths = {each.account_id: each for each in stage.world.truths}
    print(f"{given.accounts} accounts, seed {given.seed}, {len(at_cuts)} cuts", flush=True)
    falls = pooled([each[FALLING] for each in at_cuts.values()])
    _print(FALLING, falls, _really_fell(falls, stage.world, truths))
    anomalies = pooled([each[ANOMALY] for each in at_cuts.values()])
    _print(ANOMALY, anomalies, _really_happened(anomalies, truths))
    _print_found(at_cuts, truths)


def _decided(config: Config) -> dict[date, dict[str, Decided]]:
    engine = open_state(config)
    ran = run_forecast_grid(config, engine, SystemClock(), lambda *_: None)
    with read(engine) as connection:
        kept = {cell.key: cell.cut.date() for cell in forecast_grid.cells(connection) if cell.key in ran.keys}
        of = {name: forecast_grid.decisions_of(connection, list(kept), name) for name in (FALLING, ANOMALY)}
    return {cut: {name: of[name][key] for name in of} for key, cut in kept.items()}


def _really_fell(falls: Decided, world: World, truths: Mapping[str, Truth]) -> Bools:
    """Whether the events alone made the four weeks from the cut on lower than the four before."""
    timeline = Timeline(world.today, world.days)
    changes = []
    for account, day in zip(falls.account_id.tolist(), falls.day.tolist(), strict=True):
        on_events, _ = factors(truths[account].events, timeline)
        cut = timeline.index(day)
        before, after = on_events[cut - COMPARED_DAYS : cut], on_events[cut : cut + COMPARED_DAYS]
        changes.append(after.mean() / max(before.mean(), 1e-9) - 1)
    return np.array(changes) <= -LEAST_FALL


def _really_happened(anomalies: Decided, truths: Mapping[str, Truth]) -> Bools:
    rows = zip(anomalies.account_id.tolist(), anomalies.day.tolist(), anomalies.kind.tolist(), strict=True)
    return np.array(
        [any(_is(event, day, kind) for event in truths[of].events) for of, day, kind in rows], dtype=bool
    )


def _is(event: UsageEvent, day: date, kind: str) -> bool:
    """Whether what was found on a day is this event."""
    if event.kind in SHORT:
        return event.start - NEAR <= day <= event.start + timedelta(days=event.days) + NEAR
    length = event.days if event.kind in RAMPS else 0
    return (
        kind in LASTING
        and event.start - LASTING_NEAR <= day <= event.start + timedelta(days=length) + LASTING_NEAR
    )


def _print(decision: str, decided: Decided, really: Bools) -> None:
    known = decided.came_true != NOT_KNOWN
    followed = decided.came_true == YES
    agree = counted(followed[known], really[known])
    print(f"\n{decision}: {len(really)} decisions, {int(really.sum())} real; known of {int(known.sum())}")
    print(
        f"  by what followed {agree.selected} came true, of these real {_share(agree.precision)}; "
        f"of the real {_share(agree.recall)} came true"
    )
    print(f"  {'':<21}{'against the truth':>21}{'by what followed':>21}")
    print(f"  {'decided':<14}{'taken':>7}{'acc.':>7}{'P':>7}{'R':>7}{'acc.':>7}{'P':>7}{'R':>7}")
    scores = {f"from {score:g}": decided.score >= score for score in SCORES[decision]}
    for name, taken in {"usual": decided.usual, **scores}.items():
        truth, later = counted(taken, really), counted(taken[known], followed[known])
        print(f"  {name:<14}{truth.selected:>7}{_shares(truth)}{_shares(later)}", flush=True)


def _print_found(at_cuts: Mapping[date, Mapping[str, Decided]], truths: Mapping[str, Truth]) -> None:
    """Of the events of the weeks before each cut, how many were raised, or suspected at least."""
    raised: dict[str, list[bool]] = {}
    suspected: dict[str, list[bool]] = {}
    for cut, decided in at_cuts.items():
        for truth in truths.values():
            mine = decided[ANOMALY].take(decided[ANOMALY].account_id == truth.account_id)
            for event in truth.events:
                if timedelta(days=3) <= cut - event.start <= timedelta(days=RECENT_DAYS):
                    days = zip(mine.day.tolist(), mine.kind.tolist(), strict=True)
                    found = np.array([_is(event, day, kind) for day, kind in days], dtype=bool)
                    raised.setdefault(event.kind, []).append(bool((found & mine.usual).any()))
                    suspected.setdefault(event.kind, []).append(bool(found.any()))
    print(f"\nevents that began 3 to {RECENT_DAYS} days before a cut")
    print(f"  {'event':<10}{'there':>7}{'raised':>8}{'suspected':>11}")
    for kind, of in sorted(raised.items()):
        print(f"  {kind:<10}{len(of):>7}{sum(of):>8}{sum(suspected[kind]):>11}")


def _shares(found: Found) -> str:
    shares = (found.accuracy, found.precision, found.recall)
    return "".join(f"{_share(each):>7}" for each in shares)


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.2f}"


if __name__ == "__main__":
    main()
