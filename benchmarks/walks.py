"""Usage as a daemon meets it morning by morning, with what was done to it: demo worlds, and real series."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from benchmarks.worlds import TODAY
from demo.world import generate
from demo.world.records import Rule, UsageSeries, World
from models.forecast import UsagePanel
from models.forecast.unusual.lasting import LEAST_CHANGE

Floats = NDArray[np.float32]

MORNING = time(6, 30)
"""When a day's run looks (UTC): the day before is loaded for most tenants and late for some."""
JUDGED_FROM_DAYS = 90
"""History that an account needs before an event for the event to count as findable."""

SPIKE_UP, SPIKE_DOWN = 2.5, 0.1
LEVEL_UP, LEVEL_DOWN = 1.6, 0.5
RAMP_UP, RAMP_DOWN, RAMP_DAYS = 1.8, 0.4, 21
WALK_DAYS = 42
CHANGED_SHARE, DRAWS = 1 / 8, 3
"""Of the series, and how often anew: if a third broke within two weeks, that would be the source's doing."""
LATER_DAYS = 28
SLOPES = ("growth", "decline")


@dataclass(frozen=True)
class Event:
    """Something done to an account's usage.

    row: of the panel. days: until its end or its full height. tellable: the first day on which it is as large
    as the least that is told, which a slope is not at its start. findable: whether it must be found.
    """

    row: int
    kind: str
    start: date
    days: int
    lasting: bool
    tellable: date
    findable: bool = True


@dataclass(frozen=True, eq=False)
class Walk:
    """A panel that grows by a day each morning.

    events, breadths: (accounts, days) of all days. known_at: (accounts, days), seconds since 1970 from
        which a value is known. mornings: as the day before which values count.
    truth: everything that was done, whenever. later: (accounts, up to LATER_DAYS), usage after the last
        morning, of accounts to which nothing was done.
    """

    name: str
    whole: UsagePanel
    breadths: Mapping[str, UsagePanel]
    known_at: NDArray[np.float64]
    mornings: tuple[date, ...]
    truth: tuple[Event, ...]
    later: Floats

    def as_of(self, morning: date) -> tuple[UsagePanel, dict[str, UsagePanel]]:
        """What was known on a morning: events, and each breadth."""
        days = (morning - self.whole.start).days
        instant = datetime.combine(morning, MORNING, UTC).timestamp()
        unknown = self.known_at[:, :days] > instant
        return _masked(self.whole, days, unknown), {
            name: _masked(each, days, unknown) for name, each in self.breadths.items()
        }


def demo_walk(seed: int, rule: Rule, accounts: int, days: int) -> Walk:
    """The last mornings of a demo world."""
    world = generate(seed, TODAY, rule, accounts)
    row_of = {account.tenant: row for row, account in enumerate(world.accounts)}
    shape = (len(world.accounts), world.days)
    known_at = np.full(shape, np.inf)
    for series in world.usage:
        known_at[row_of[series.tenant]] = series.loaded_at
    tables = {name: summed(world.usage, name, row_of, shape) for name in ("events", "users", "repositories")}
    tables["technologies"] = _in_use(world.usage, row_of, shape)
    panels = {name: _panel(world, values) for name, values in tables.items()}
    events = panels.pop("events")
    mornings = tuple(events.until - timedelta(days=back) for back in range(days, -1, -1))
    none = np.empty((len(world.accounts), 0), dtype=np.float32)
    return Walk(f"demo {rule}, seed {seed}", events, panels, known_at, mornings, _truth(world, events), none)


def real_walks(name: str, usage: UsagePanel, repeats: int, seed: int) -> Iterator[Walk]:
    """The newest days of real series, cut ever further back; some of the series changed, several times."""
    rng = np.random.default_rng(seed)
    for number in range(repeats):
        days = usage.days - number * WALK_DAYS
        if days < 2 * JUDGED_FROM_DAYS + WALK_DAYS:
            return
        for draw in range(DRAWS):
            yield _changed(f"{name}, {number}.{draw}", usage, days, rng)


def _changed(name: str, usage: UsagePanel, days: int, rng: np.random.Generator) -> Walk:
    past = usage.before(days)
    values, later = past.values.copy(), usage.values[:, days : days + LATER_DAYS].copy()
    rows = np.flatnonzero(rng.random(len(values)) < CHANGED_SHARE)
    truth = tuple(_inject(values[row], past, int(row), rng) for row in rows)
    later[rows] = np.nan
    changed = UsagePanel(past.account_ids, past.countries, past.start, np.round(values))
    mornings = tuple(past.until - timedelta(days=back) for back in range(WALK_DAYS - 1, -1, -1))
    return Walk(name, changed, {}, np.zeros(values.shape), mornings, truth, later)


def _inject(values: Floats, panel: UsagePanel, row: int, rng: np.random.Generator) -> Event:
    """One change in the first third of the walk, in place."""
    start = panel.days - WALK_DAYS + int(rng.integers(WALK_DAYS // 3))
    ahead = np.arange(panel.days - start)
    ramp = np.clip((ahead + 1) / RAMP_DAYS, 0, 1)
    shapes = {
        "spike": np.where(ahead < 1, SPIKE_UP, 1),
        "outage": np.where(ahead < 1, SPIKE_DOWN, 1),
        "level up": np.full(len(ahead), LEVEL_UP),
        "level down": np.full(len(ahead), LEVEL_DOWN),
        "ramp up": 1 + (RAMP_UP - 1) * ramp,
        "ramp down": 1 + (RAMP_DOWN - 1) * ramp,
        "stop": np.zeros(len(ahead)),
    }
    kind = str(rng.choice(list(shapes)))
    values[start:] *= shapes[kind]
    tellable = panel.day(start + _passed(shapes[kind]))
    days = {"spike": 1, "outage": 1, "ramp up": RAMP_DAYS, "ramp down": RAMP_DAYS}.get(kind, len(ahead))
    return Event(row, kind, panel.day(start), days, kind not in ("spike", "outage"), tellable)


def _passed(shape: NDArray[np.float64]) -> int:
    """Days until a factor on the usage moves it by the least that is told; all where it never does."""
    return int(np.argmax(np.append(np.abs(shape - 1) >= LEAST_CHANGE, True)))


def summed(
    usage: Sequence[UsageSeries], name: str, row_of: Mapping[str, int], shape: tuple[int, int]
) -> Floats:
    """Sum over technologies; of users the greatest, for one may use several."""
    values = np.full(shape, np.nan)
    combine = np.fmax if name == "users" else _add
    for series in usage:
        row = row_of[series.tenant]
        values[row] = combine(values[row], getattr(series, name))
    return values.astype(np.float32)


def _add(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.isnan(one), other, one + np.nan_to_num(other))


def _in_use(usage: Sequence[UsageSeries], row_of: Mapping[str, int], shape: tuple[int, int]) -> Floats:
    values = np.full(shape, np.nan)
    for series in usage:
        row = row_of[series.tenant]
        values[row] = _add(values[row], np.where(np.isnan(series.events), np.nan, series.events > 0))
    return values.astype(np.float32)


def _panel(world: World, values: Floats) -> UsagePanel:
    return UsagePanel(
        tuple(account.id for account in world.accounts),
        tuple(account.country for account in world.accounts),
        world.today - timedelta(days=world.days - 1),
        values,
    )


def _truth(world: World, events: UsagePanel) -> tuple[Event, ...]:
    """All that was injected; in accounts too young or used in bursts nobody can be asked to find it."""
    bursts = {account.id for account in world.accounts if account.situation == "intermittent"}
    first = events.first_measured()
    found = []
    for row, truth in enumerate(world.truths):
        for one in truth.events:
            old = (one.start - events.start).days >= first[row] + JUDGED_FROM_DAYS
            kind = one.kind if one.kind != "level" else f"level {'up' if one.size > 1 else 'down'}"
            lasting = one.kind in ("level", "growth", "decline", "stop")
            findable = old and truth.account_id not in bursts
            ramp = np.arange(one.days) / one.days if one.kind in SLOPES else np.ones(1)
            tellable = one.start + timedelta(days=_passed(one.size**ramp))
            found.append(Event(row, kind, one.start, one.days, lasting, tellable, findable))
    return tuple(found)


def _masked(panel: UsagePanel, days: int, unknown: NDArray[np.bool_]) -> UsagePanel:
    values = np.where(unknown, np.nan, panel.values[:, :days]).astype(np.float32)
    return UsagePanel(panel.account_ids, panel.countries, panel.start, values)
