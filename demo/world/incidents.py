"""What happens to an account's usage besides its habits: the injected events and their shapes."""

from collections.abc import Iterator

import numpy as np

from demo.world.chance import happens, pick
from demo.world.records import Array, EventKind, Situation, UsageEvent
from demo.world.timeline import Timeline

RECENT_DAYS = 28
RECENT_SHARE = 0.15
"""Share of the accounts to which something happens in the last RECENT_DAYS days."""

YEARLY: dict[EventKind, float] = {
    "spike": 0.5, "misuse": 0.12, "outage": 0.4, "level": 0.3, "growth": 0.2, "decline": 0.2,
}  # fmt: skip
"""Events of each kind per account and year."""

HEIGHT: dict[EventKind, tuple[float, float]] = {
    "spike": (2.5, 5.0), "misuse": (6.0, 20.0), "outage": (0.0, 0.05), "level": (1.6, 2.3),
    "growth": (1.6, 2.5), "decline": (0.3, 0.6),
}  # fmt: skip
"""Least and greatest factor on the usage; half of the new levels are lower by it instead of higher."""

LASTS_DAYS: dict[EventKind, tuple[int, int]] = {
    "spike": (1, 3), "misuse": (2, 7), "outage": (1, 5), "growth": (60, 121), "decline": (60, 121),
}  # fmt: skip
"""Least number of days, and the first one too many; other kinds last to the world's end."""


def incidents(
    rng: np.random.Generator, situation: Situation, begin: int, timeline: Timeline
) -> tuple[UsageEvent, ...]:
    """The events of an account whose usage begins on day `begin`, by their start."""
    if situation in ("young", "no_usage"):
        return ()
    found = [*_over_the_years(rng, begin, timeline), *_recent(rng, situation, timeline)]
    if situation == "stopped":
        stop = int(rng.integers(timeline.days - 90, timeline.days - 10))
        found = [event for event in found if timeline.index(event.start) + event.days < stop]
        found.append(UsageEvent("stop", timeline.day(stop), timeline.days - stop, 0.0))
    return tuple(sorted(found, key=lambda event: event.start))


def _over_the_years(rng: np.random.Generator, begin: int, timeline: Timeline) -> Iterator[UsageEvent]:
    quiet_from = timeline.days - RECENT_DAYS - 14
    years = max(quiet_from - begin, 0) / 365
    for kind, rate in YEARLY.items():
        for _ in range(rng.poisson(rate * years)):
            yield _event(rng, kind, int(rng.integers(begin, quiet_from)), timeline)


def _recent(rng: np.random.Generator, situation: Situation, timeline: Timeline) -> Iterator[UsageEvent]:
    if situation == "regular" and happens(rng, RECENT_SHARE):
        kinds: tuple[EventKind, ...] = ("spike", "misuse", "outage", "level", "growth", "decline")
        kind = pick(rng, kinds)
        yield _event(rng, kind, int(rng.integers(timeline.days - RECENT_DAYS, timeline.days - 3)), timeline)


def _event(rng: np.random.Generator, kind: EventKind, start: int, timeline: Timeline) -> UsageEvent:
    low, high = HEIGHT[kind]
    size = rng.uniform(low, high)
    if kind == "level" and happens(rng, 0.5):
        size = 1 / size
    days = timeline.days - start
    if kind in LASTS_DAYS:
        days = min(days, int(rng.integers(*LASTS_DAYS[kind])))
    return UsageEvent(kind, timeline.day(start), days, round(float(size), 3))


def factors(events: tuple[UsageEvent, ...], timeline: Timeline) -> tuple[Array, Array]:
    """What the events multiply the account's usage events and its users by, each (days,).

    Misuse multiplies events and brings no users; a spike brings some.
    """
    on_events, on_users = np.ones(timeline.days), np.ones(timeline.days)
    for event in events:
        start = timeline.index(event.start)
        if event.kind in ("growth", "decline"):
            ramp = np.clip((np.arange(timeline.days) - start) / event.days, 0, 1)
            shape = np.exp(np.log(event.size) * ramp)
        else:
            shape = np.ones(timeline.days)
            shape[start : start + event.days] = event.size
        on_events *= shape
        if event.kind != "misuse":
            on_users *= np.sqrt(shape) if event.size > 1 else shape
    return on_events, on_users
