"""Daily usage per technology, from the drivers, the calendar and what happened."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from demo.world.accounts import developers
from demo.world.chance import happens, logistic, stream
from demo.world.incidents import factors, incidents
from demo.world.latent import BREADTH, ENGAGEMENT, PRACTICE
from demo.world.records import Account, Array, UsageEvent, UsageSeries
from demo.world.timeline import Timeline

TECHNOLOGIES = {"docker": 1.0, "npm": 0.4, "maven": 0.1, "pypi": -0.2, "helm": -0.7}
"""Technologies and their popularity, in standard units of breadth."""

FLEET_GAP_DAYS_AGO = 173
"""The day on which the collector failed for everybody, counted back from the last."""

MAIN_LOAD_H, LATE_LOAD_H = 2.2, 9.7
"""Hours (UTC) of the next day at which a day's usage is published; one tenant in twelve is late."""


@dataclass(frozen=True, eq=False)
class Habits:
    """How an account uses the product on an ordinary day.

    users: people who could. events: expected events, (days,). working: share of a working day's people
    that is there, (days,); machines: the same of its events.
    """

    users: Array
    events: Array
    working: Array
    machines: Array


def usage_of(
    seed: int,
    index: int,
    account: Account,
    monthly: Array,
    timeline: Timeline,
    off: tuple[NDArray[np.bool_], NDArray[np.bool_]],
) -> tuple[list[UsageSeries], tuple[UsageEvent, ...]]:
    """An account's series and the events injected into them.

    monthly: its drivers, (months, 4). off: its country's weekends and holidays, each (days,).
    """
    rng = stream(seed, "usage", index)
    onboarded = timeline.index(account.created_at.date()) + int(rng.integers(1, 22))
    begin = min(max(0, onboarded), timeline.days - 5)
    events = incidents(rng, account.situation, begin, timeline)
    if account.situation == "no_usage":
        return [], ()
    drivers = timeline.daily(monthly)
    habits = _habits(rng, account, drivers, timeline, off)
    shares = _shares(rng, monthly, timeline)
    present = _present(rng, begin, events, timeline)
    on_events, on_users = factors(events, timeline)
    if account.situation == "intermittent":
        bursts = _bursts(rng, timeline.days)
        on_events, on_users = on_events * bursts, on_users * bursts
    loaded_at = _loaded_at(rng, timeline)
    measures_users = not happens(rng, 0.03)
    series = []
    for technology, share in zip(TECHNOLOGIES, shares.T, strict=True):
        rows = present & (share > 0)
        if rows.any():
            counts = _counts(rng, habits, share, on_events, on_users, drivers)
            counted, users, repositories = (np.where(rows, count, np.nan) for count in counts)
            users = users if measures_users else np.full(timeline.days, np.nan)
            series.append(
                UsageSeries(
                    account.tenant, technology, timeline.first, counted, users, repositories, loaded_at
                )
            )
    return series, events


def _habits(
    rng: np.random.Generator,
    account: Account,
    drivers: Array,
    timeline: Timeline,
    off: tuple[NDArray[np.bool_], NDArray[np.bool_]],
) -> Habits:
    breadth, practice, engagement = drivers[:, BREADTH], drivers[:, PRACTICE], drivers[:, ENGAGEMENT]
    people = max(2.0, developers(account.employees) * np.exp(rng.normal(0, 0.4)))
    adoption = -0.9 + 0.5 * breadth + 0.35 * engagement + rng.normal(0, 0.7)
    users = np.maximum(1.0, people / (1 + np.exp(-adoption)))
    per_user = np.exp(2.3 + 0.4 * practice + rng.normal(0, 0.6))
    trend = np.exp(rng.normal(0.06, 0.15) * np.arange(timeline.days) / 365)
    misleading = happens(rng, 0.12)
    machine_share = logistic(rng.normal(-1.2, 1.2) if misleading else rng.normal(-1.5, 0.6))
    machine_share = min(0.95, machine_share * float(np.exp(0 if misleading else 0.45 * practice[-1])))
    weekend, public = off
    free = weekend | public
    weekly = np.array([0.94, 1.04, 1.06, 1.03, 0.93, 1.0, 1.0]) * np.exp(rng.normal(0, 0.04, 7))
    working = np.where(free, rng.uniform(0.02, 0.1), weekly[timeline.weekday]) * _season(
        rng, account, timeline
    )
    machines = np.where(free, machine_share, working)
    return Habits(users, users * per_user * trend * _roughness(rng, practice), working, machines)


def _season(rng: np.random.Generator, account: Account, timeline: Timeline) -> Array:
    """The year's course: a wave, quiet days around New Year, and an empty August in France."""
    of_year = timeline.day_of_year
    wave: Array = 1 + rng.uniform(0.02, 0.1) * np.sin(2 * np.pi * (of_year / 365 + rng.random()))
    if account.country not in ("JP", "IN", "IL"):
        wave = np.where((of_year > 357) | (of_year < 3), 0.55 * wave, wave)
    if account.country == "FR":
        wave = np.where((of_year > 212) & (of_year < 238), 0.7 * wave, wave)
    return wave


def _roughness(rng: np.random.Generator, practice: Array) -> Array:
    """Day-to-day noise that lasts a few days; smoother where practice is better, on average."""
    width = 0.16 * np.exp(-0.2 * practice[-1] + rng.normal(0, 0.35))
    shocks = rng.normal(0, width, len(practice) + 5)
    noise: Array = np.exp(np.convolve(shocks, [0.6, 0.35, 0.25, 0.15, 0.1, 0.05], mode="valid"))
    return noise


def _shares(rng: np.random.Generator, monthly: Array, timeline: Timeline) -> Array:
    """Each technology's share of the usage, (days, technologies); 0 = not adopted.

    Technologies are taken up and dropped from month to month as breadth moves; some are only tried out.
    """
    liking = np.array(list(TECHNOLOGIES.values())) + rng.normal(0, 0.95, len(TECHNOLOGIES))
    wish = liking + 0.7 * monthly[:, [BREADTH]]
    wish[:, -1] += 0.3 * monthly[:, PRACTICE]
    adopted = wish > 0
    adopted[:, np.argmax(liking)] = True
    month = np.searchsorted(timeline.month_index, np.arange(timeline.days), side="right") - 1
    in_use = adopted[month]
    tried, start = int(rng.integers(len(TECHNOLOGIES))), int(rng.integers(timeline.days))
    if happens(rng, 0.2):
        in_use[start : start + 20, tried] = True
    weights = in_use * np.exp(0.8 * liking + rng.normal(0, 0.5, len(TECHNOLOGIES)))
    shares: Array = weights / weights.sum(axis=1, keepdims=True)
    return shares


def _bursts(rng: np.random.Generator, days: int) -> Array:
    """1 on the days of an intermittent account's bursts, else 0."""
    active = np.zeros(days)
    day = int(rng.integers(20))
    while day < days:
        length = int(rng.integers(1, 8))
        active[day : day + length] = 1
        day += length + int(rng.integers(5, 45))
    return active


def _present(
    rng: np.random.Generator, begin: int, events: tuple[UsageEvent, ...], timeline: Timeline
) -> NDArray[np.bool_]:
    """Days for which the warehouse has rows: from the first usage on, but for failures of the collector.

    A stopped tenant reports zeros for six weeks, then its collector is gone too.
    """
    present = np.arange(timeline.days) >= begin
    for _ in range(rng.poisson(1.2 * timeline.days / 365)):
        start = int(rng.integers(timeline.days))
        present[start : start + int(rng.integers(1, 6))] = False
    if timeline.days > FLEET_GAP_DAYS_AGO:
        present[timeline.days - 1 - FLEET_GAP_DAYS_AGO] = False
    for event in events:
        if event.kind == "stop":
            present[timeline.index(event.start) + 42 :] = False
    return present


def _counts(
    rng: np.random.Generator,
    habits: Habits,
    share: Array,
    on_events: Array,
    on_users: Array,
    drivers: Array,
) -> tuple[Array, Array, Array]:
    """Events, users and repositories of one technology, each (days,)."""
    mean = habits.events * habits.machines * share * on_events
    events = rng.poisson(mean).astype(np.float64)
    there = np.clip(0.55 * habits.working * on_users, 0, 1)
    people = rng.binomial(np.ceil(habits.users * np.sqrt(share)).astype(np.int64), there)
    users = np.minimum(people, events)
    repositories = np.sqrt(habits.users) * np.sqrt(share) * np.exp(0.3 * drivers[:, BREADTH])
    active = rng.poisson(repositories * (0.3 + 0.7 * habits.working) * np.minimum(on_users, 1))
    return events, users, np.minimum(active, events)


def _loaded_at(rng: np.random.Generator, timeline: Timeline) -> NDArray[np.int64]:
    """When the warehouse publishes each day: the next day, and a day or two later now and then."""
    first = datetime(timeline.first.year, timeline.first.month, timeline.first.day, tzinfo=UTC)
    hour = LATE_LOAD_H if happens(rng, 1 / 12) else MAIN_LOAD_H
    delay = np.where(rng.random(timeline.days) < 0.004, rng.integers(1, 3, timeline.days), 0)
    days = np.arange(1, timeline.days + 1) + delay
    return np.int64(first.timestamp()) + days * 86_400 + round(hour * 3600)
