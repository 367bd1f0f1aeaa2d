"""Finds what was injected into demo worlds and into real series, morning by morning, as a daemon would.

    python -m benchmarks.anomalies [FOLDER] [--seeds 1 2 3] [--accounts 300] [--days 84] [--repeats 6]

Demo worlds: usage, events and truth of the world's generator (equal under all its latent rules, which touch
levels and labels only). FOLDER holds tables of days and values, read as `maturityd try forecast` reads them;
an eighth of the series is changed at random: spike x 2.5 or x 0.1 on one day, level x 1.6 or x 0.5, ramp to
+80 % or -60 % over 3 weeks, stop. The networks are fitted every 28 mornings, the held-back windows are judged
and the stories told anew each morning.

Delay: mornings from the event's first day to the first one that tells of it; 1 is the next morning. Of a
slope, from the first day on which it has moved usage by the least that is told.
Precision: of the stories begun, how many stand for something injected. Everything else counts as not, even
what really moved for another reason. Of the sustained changes among these, those "came back" that are less
than BACK off the weeks before them over the 28 days after they were told.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from benchmarks.forecast import sets
from benchmarks.walks import Event, Walk, demo_walk, real_walks
from models.forecast import ForecastSettings, Story, backtest, fit, forecast
from models.forecast.calendar import calendar
from models.forecast.changes import COMPARED_DAYS, comparable, events_of, log_change
from models.forecast.unusual.anomalies import SUSTAINED

SETTINGS = ForecastSettings(seeds=1, steps=150, slow_sample=0)
FITTED_EVERY = 28
PROMPT = {"spike": 2, "misuse": 2, "outage": 2, "stop": 2}
"""Mornings within which a kind must be told; others within SUSTAINED_WITHIN."""
SUSTAINED_WITHIN = 14
BACK = 0.1
RISES = ("spike", "misuse", "level up", "ramp up", "growth")
EARLY_DAYS, LATE_DAYS, LASTING_LATE_DAYS = 7, 7, 28
"""How far a story's dates may be from an event's for it to be told of."""


@dataclass(frozen=True)
class Begun:
    """A story as it was first told, and as it stands at the end. first: whether at the first look of all."""

    row: int
    morning: date
    first: bool
    story: Story


@dataclass
class Tally:
    """Of one kind of event or of story.

    other: stories of nothing injected; later: those of which the 28 days after are known; back: of these,
        those that came back.
    """

    delays: list[int]
    due: int = 0
    prompt: int = 0
    true: int = 0
    other: int = 0
    later: int = 0
    back: int = 0


def main() -> None:
    """Walk through all worlds and series asked for."""
    arguments = _arguments()
    demo = (demo_walk(seed, "linear", arguments.accounts, arguments.days) for seed in arguments.seeds)
    _report("demo worlds", demo)
    if arguments.folder is not None:
        for name, usage in sets(arguments.folder):
            _report(name, real_walks(name, usage, arguments.repeats, seed=0))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--seeds", type=int, nargs="*", default=[1, 2, 3])
    parser.add_argument("--accounts", type=int, default=300)
    parser.add_argument("--days", type=int, default=84)
    parser.add_argument("--repeats", type=int, default=6)
    return parser.parse_args()


def _report(name: str, walks: Iterator[Walk]) -> None:
    events: dict[str, Tally] = defaultdict(lambda: Tally([]))
    stories: dict[str, Tally] = defaultdict(lambda: Tally([]))
    looks, incidents, number = 0, 0, 0
    for walk in walks:
        begun, faults = _walk(walk)
        _judge(walk, begun, events, stories)
        looks += len(walk.whole.account_ids) * len(walk.mornings)
        incidents += len(faults)
        number += 1
    print(f"\n{name}: {number} walks, {looks:,} accounts x mornings, {incidents} incidents of the source")
    print(f"  {'event':<12}{'n':>5}{'told':>6}{'prompt':>12}{'median':>8}{'90 %':>6}")
    for kind, tally in sorted(events.items()):
        delays = sorted(tally.delays)
        late = f"{np.median(delays):>8.0f}{np.quantile(delays, 0.9):>6.0f}" if delays else ""
        print(f"  {kind:<12}{tally.due:>5}{len(delays):>6}{tally.prompt:>6} in {_within(kind):>2}{late}")
    heads = ("injected", "not", "precision", "not, per account-year", "came back")
    print(f"  {'story':<18}" + "".join(f"{head:>{len(head) + 3}}" for head in heads))
    for kind, tally in sorted(stories.items()):
        share = tally.true / max(tally.true + tally.other, 1)
        yearly = 365 * tally.other / looks
        back = f"{tally.back} of {tally.later}" if tally.later else ""
        print(
            f"  {kind:<18}{tally.true:>11}{tally.other:>6}{share:>12.2f}{yearly:>24.2f}{back:>12}", flush=True
        )


def _walk(walk: Walk) -> tuple[list[Begun], set[date]]:
    """All stories begun, as the mornings go by, and the days of the source's faults."""
    begun: list[Begun] = []
    told: dict[str, tuple[Story, ...]] = {}
    faults: set[date] = set()
    model, judged_until = None, None
    for number, morning in enumerate(walk.mornings):
        panel, breadths = walk.as_of(morning)
        if model is None or number % FITTED_EVERY == 0:
            model = fit(panel, SETTINGS, seed=0)
        lessons = backtest(model, panel, SETTINGS, seed=0)
        found = forecast(model, panel, lessons, SETTINGS, breadths, told, judged_until)
        for row, account in enumerate(found.accounts):
            known = len(told.get(account.account_id, ()))
            begun += [Begun(row, morning, number == 0, story) for story in account.stories[known:]]
            told[account.account_id] = account.stories
        faults |= {fault.day for fault in found.incidents}
        judged_until = morning
    return begun, faults


def _judge(walk: Walk, begun: Sequence[Begun], events: dict[str, Tally], stories: dict[str, Tally]) -> None:
    news = [each for each in begun if not each.first]
    for event in walk.truth:
        room = (walk.mornings[-1] - event.tellable).days
        if event.findable and event.start >= walk.mornings[0] and room >= _within(event.kind):
            tally = events[event.kind]
            delays = [(each.morning - event.tellable).days for each in news if _tells(each, event)]
            tally.due += 1
            tally.delays += [min(delays)] if delays else []
            tally.prompt += bool(delays) and min(delays) <= _within(event.kind)
    for each in news:
        tally = stories[each.story.anomaly.kind]
        if any(_tells(each, event) for event in walk.truth):
            tally.true += 1
            continue
        tally.other += 1
        left = _left(walk, each)
        if left is not None:
            tally.later += 1
            tally.back += left < np.log1p(BACK)


def _left(walk: Walk, each: Begun) -> float | None:
    """What is left of a sustained change over the 28 days after it was told, as a logarithm, its way up."""
    one = each.story.anomaly
    usage = np.concatenate([walk.whole.values[each.row], walk.later[each.row]])
    first, told = ((day - walk.whole.start).days for day in (one.day, each.morning))
    spans = [slice(start, start + COMPARED_DAYS) for start in (first - COMPARED_DAYS, told)]
    if one.kind != SUSTAINED or spans[0].start < 0 or spans[1].stop > len(usage):
        return None
    days = calendar(walk.whole.countries, walk.whole.start, len(usage), yearly=False)
    holiday = days.holiday[days.country_of[each.row]]
    weeks = [comparable(usage[None, span], holiday[None, span]) for span in spans]
    change = float(log_change(*events_of(*weeks))[0])
    return change * np.sign(one.size) if np.isfinite(change) else None


def _tells(each: Begun, event: Event) -> bool:
    one = each.story.anomaly
    late = LASTING_LATE_DAYS if event.lasting else LATE_DAYS
    first = event.start - timedelta(days=EARLY_DAYS)
    last = event.start + timedelta(days=event.days + late)
    rises = event.kind in RISES
    return each.row == event.row and (one.size > 0) == rises and first <= one.day <= last


def _within(kind: str) -> int:
    return PROMPT.get(kind, SUSTAINED_WITHIN)


if __name__ == "__main__":
    main()
