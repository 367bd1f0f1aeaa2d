"""How often health is right: `python -m benchmarks.health [--worlds 1 2 3] [--origins 6] [--steps 100]`.

On demo worlds, fitted as in a cycle at origins 30 days apart, the newest 30 days before the end, and looked
at weekly for three weeks before. Of accounts called negative (positive): how many fell (rose) over the next
28 days, by the comparable week that the sentence speaks of (before a lasting change where it names one), and
against the last 28 days whatever the sentence says. Of the falls of a fifth and more, how many were called;
and of those that the world had begun by the origin (a stop, a lower level in the last 28 days, a decline in
its course), which could be known. The share of all other accounts that moved over 5 % is the noise that
health must not speak of.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from benchmarks.foretold import DemoUsage, Foretold, demo_usage, foretell
from demo.world.records import UsageEvent
from models.forecast import AccountForecast, ForecastSettings
from models.forecast.calendar import calendar
from models.forecast.changes import COMPARED_DAYS, LEAST_PER_WEEK, comparable, events_of
from models.forecast.health import Health
from models.forecast.panel import Floats
from models.forecast.settings import WEEK

NEWEST_DAYS = BETWEEN_DAYS = 30
LOOKS = (21, 14, 7)
"""Days before an origin on which a cycle had looked: a lasting change is told once, and holds."""
LEAST_MOVE, LARGE_FALL = 0.05, -0.2
RATINGS = {"negative": -1, "positive": 1}
STOPPED, LEVEL, TREND = "stopped", "new level", "trend"
SENTENCES = 30


@dataclass(frozen=True)
class Claim:
    """What was said of an account, and what came of it.

    kind: the reason for the rating. said: change against the past that the sentence speaks of, as it came;
    last: against the last 28 days. begun: the world had begun a fall by then. expected: the change that the
    sentence gives; None: none. likely: its 80 % interval leaves out that there is none.
    """

    rating: str
    kind: str
    sentence: str
    said: float
    last: float
    begun: bool
    expected: float | None
    likely: bool


def main() -> None:
    """Run all worlds and print the table."""
    arguments = _arguments()
    settings = ForecastSettings(seeds=1, steps=arguments.steps, slow_sample=0)
    claims = []
    for seed in arguments.worlds:
        world = demo_usage(seed)
        for number in range(arguments.origins):
            back = NEWEST_DAYS + BETWEEN_DAYS * number
            found = foretell(str(seed), world.usage, back, settings, number, LOOKS)
            claims += list(_claims(world, found))
    _print(claims)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, nargs="+", default=[1, 2, 3], help="their seeds")
    parser.add_argument("--origins", type=int, default=6)
    parser.add_argument("--steps", type=int, default=100)
    return parser.parse_args()


def _claims(world: DemoUsage, one: Foretold) -> Iterator[Claim]:
    """Of every account whose comparable weeks were measured on both sides."""
    past, days = one.past, one.past.days
    known = calendar(past.countries, past.start, days + COMPARED_DAYS, yearly=False)
    holiday = known.holiday[known.country_of]

    def week(row: int, first: int) -> Floats:
        span = slice(first, first + COMPARED_DAYS)
        return comparable(world.usage.values[[row], span], holiday[[row], span])

    for row, account in enumerate(one.found.accounts):
        after = week(row, days)
        kind = _kind(account.health)
        since = _level_days(account, past.until) if kind == LEVEL else 0
        last = _change(week(row, days - COMPARED_DAYS), after)
        said = _change(week(row, days - COMPARED_DAYS - WEEK * -(-since // WEEK)), after)
        if np.isfinite(last) and np.isfinite(said):
            begun = any(_begun(event, past.until) for event in world.events[account.account_id])
            yield Claim(
                rating=account.health.rating,
                kind=kind,
                sentence=account.health.sentence,
                said=said,
                last=last,
                begun=begun,
                expected=account.health.change,
                likely=_is_likely(account.health),
            )


def _kind(health: Health) -> str:
    """Why it is as it is: the forecast has a say of trends only, and a stop is no change of so much."""
    if health.rating not in RATINGS or health.fall_score is not None:
        return TREND
    return STOPPED if health.change is None else LEVEL


def _is_likely(health: Health) -> bool:
    """Whether a stable account is said to be likely to move, and not surely."""
    if health.change is None or health.low is None or health.high is None:
        return False
    return abs(health.change) >= LEAST_MOVE and (health.low > 0 or health.high < 0)


def _level_days(account: AccountForecast, until: date) -> int:
    """Days since the new level that the sentence names."""
    return (until - max(story.anomaly.day for story in account.stories if story.holds)).days


def _change(before: Floats, after: Floats) -> float:
    first, second = (float(total[0]) for total in events_of(before, after))
    return second / first - 1 if first >= LEAST_PER_WEEK else float("nan")


def _begun(event: UsageEvent, until: date) -> bool:
    """Whether an event of the world makes the next weeks lower than the last, and could have been seen."""
    age = (until - event.start).days
    if event.kind == "decline":
        return WEEK <= age < event.days - WEEK
    lower = event.kind == "stop" or (event.kind == "level" and event.size < 1)
    return lower and WEEK <= age <= COMPARED_DAYS


def _print(claims: Sequence[Claim]) -> None:
    print(f"{len(claims):,} accounts and origins")
    print(
        f"{'called':<10}{'because':<12}{'n':>7}{'came true':>11}{'by over 5 %':>13}"
        f"{'against last 28 days':>22}"
    )
    for rating, sign in RATINGS.items():
        ours = [claim for claim in claims if claim.rating == rating]
        for kind in (STOPPED, LEVEL, TREND, "any"):
            if some := [claim for claim in ours if kind in ("any", claim.kind)]:
                said, last = (
                    np.array([getattr(one, part) for one in some]) * sign for part in ("said", "last")
                )
                shares = (
                    f"{(said > 0).mean():>11.1%}{(said > LEAST_MOVE).mean():>13.1%}{(last > 0).mean():>22.1%}"
                )
                print(f"{rating:<10}{kind:<12}{len(some):>7}{shares}")
    for word, sign in (("fall", -1), ("rise", 1)):
        some = [claim for claim in claims if claim.rating == "stable" and claim.likely]
        came = [claim.last * sign > 0 for claim in some if (claim.expected or 0) * sign > 0]
        print(f"{word} likely, not sure: {len(came)}, came true {np.mean(came) if came else 0:.1%}")
    quiet = np.array([claim.last for claim in claims if claim.rating not in RATINGS])
    shares = ", ".join(
        f"{(quiet * sign > LEAST_MOVE).mean():.1%} {word}" for sign, word in ((-1, "fell"), (1, "rose"))
    )
    print(f"not called {len(quiet):,}, of which by over 5 %: {shares}")
    for name, some in (
        ("all falls of a fifth or more", [claim for claim in claims if claim.last <= LARGE_FALL]),
        ("those begun by then", [claim for claim in claims if claim.last <= LARGE_FALL and claim.begun]),
    ):
        share = np.mean([claim.rating == "negative" for claim in some]) if some else float("nan")
        print(f"{name}: {len(some)}, of which called negative {share:.1%}")
    rng = np.random.default_rng(0)
    spoken = [claim for claim in claims if claim.rating in RATINGS or claim.rating == "unknown"]
    for claim in rng.permutation(np.array(spoken, dtype=object))[:SENTENCES]:
        print(f"  {claim.rating:<9} {claim.sentence} [came {claim.said:+.0%}]")


if __name__ == "__main__":
    main()
