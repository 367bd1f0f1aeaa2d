"""What customers do besides using the product: web visits, meetings, trainings, tickets, surveys, cases."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np

from demo.world.chance import happens, pick, stream
from demo.world.latent import BREADTH, ENGAGEMENT, ORGANISATION, PRACTICE
from demo.world.records import Account, Activity, Array, Case
from demo.world.timeline import OFFSET_H, Timeline

SUBJECTS = (
    "Upload fails with 413 for large artifacts",
    "How do we rotate access tokens?",
    "<img src=x onerror=alert(1)> appears in our build log",
    "Slow downloads from the Frankfurt region",
    "=cmd|' /C calc'!A0 in exported report",
    "Permission denied for group 'Ops & QA'",
    "🔥 Production registry is down",
    "Question about retention of snapshots",
    "לא מצליחים להתחבר למאגר",
)


def activity_of(
    seed: int, index: int, account: Account, size: float, monthly: Array, timeline: Timeline
) -> list[Activity]:
    """The account's activities, by time within each kind.

    monthly: its drivers, (months, 4).
    """
    rng = stream(seed, "activity", index)
    if account.situation == "no_usage" and happens(rng, 0.5):
        return []
    drivers = timeline.daily(monthly)
    found: list[Activity] = []
    for kind, per_day in _rates(rng, size, drivers).items():
        for at in _moments(rng, per_day, kind.startswith("web"), account, timeline):
            amount = _amount(rng, kind, size, drivers[timeline.index(at.date())])
            tenant, domain = _identity(rng, kind, account)
            loaded_at = at + timedelta(minutes=int(rng.integers(20, 400)))
            found.append(
                Activity(f"ac-{index + 1}-{len(found)}", tenant, domain, at, kind, amount, loaded_at)
            )
    return found


def _rates(rng: np.random.Generator, size: float, drivers: Array) -> dict[str, Array]:
    """Expected number per day of each kind, (days,); practice raises what it takes skill to want."""
    practice, engagement = drivers[:, PRACTICE], drivers[:, ENGAGEMENT]
    own = rng.normal(0, 0.6, 7)
    return {
        "web_basic": np.exp(-1.7 + 0.2 * size - 0.25 * practice + own[0]),
        "web_advanced": np.exp(-2.4 + 0.2 * size + 0.35 * practice + 0.25 * engagement + own[1]),
        "webinar": np.exp(-5.2 + 0.6 * engagement + own[2]),
        "event": np.exp(-6.2 + 0.15 * size + 0.5 * engagement + own[3]),
        "training": np.exp(-6.0 + 0.15 * size + 0.5 * engagement + 0.2 * drivers[:, BREADTH] + own[4]),
        "ticket": np.exp(-3.9 + 0.3 * size - 0.2 * practice**2 + own[5]),
        "survey": np.exp(-5.3 + 0.35 * engagement + 0.5 * own[6]),
    }


def _moments(
    rng: np.random.Generator, per_day: Array, visits: bool, account: Account, timeline: Timeline
) -> Iterator[datetime]:
    """Instants in the customer's working hours, oldest first; visits are counted once a day."""
    quiet = np.where(timeline.weekday >= 5, 0.1, 1.0)
    counts = rng.poisson(per_day * quiet)
    days = np.flatnonzero(counts) if visits else np.repeat(np.arange(timeline.days), counts)
    hours = rng.uniform(8.5, 18.5, len(days)) - OFFSET_H[account.country]
    moments = (timeline.moment(int(day), float(hour)) for day, hour in zip(days, hours, strict=True))
    first, last = timeline.moment(0), timeline.moment(timeline.days)
    return (at for at in moments if max(first, account.created_at) <= at < last)


def _amount(rng: np.random.Generator, kind: str, size: float, drivers: Array) -> float:
    if kind.startswith("web"):
        return float(1 + rng.poisson(2.0))
    if kind == "ticket":
        return round(float(rng.lognormal(1.5, 0.8)), 2)
    if kind == "survey":
        mood = 7.0 + 0.5 * drivers[ENGAGEMENT] + 0.3 * drivers[ORGANISATION] + rng.normal(0, 1.6)
        return float(np.clip(round(mood), 1, 10))
    return float(1 + rng.poisson(np.exp(0.2 + 0.3 * size)))


def _identity(rng: np.random.Generator, kind: str, account: Account) -> tuple[str | None, str | None]:
    """Tenant, domain or both: the web knows where a visitor comes from, support who is logged in."""
    if kind.startswith("web"):
        return (None, account.domain) if happens(rng, 0.8) else (account.tenant, account.domain)
    return (account.tenant, None) if happens(rng, 0.6) else (None, account.domain)


def cases_of(
    seed: int, index: int, account: Account, activity: list[Activity], timeline: Timeline
) -> list[Case]:
    """Support cases for most of the account's tickets; a few stay open for long."""
    rng = stream(seed, "cases", index)
    found: list[Case] = []
    for ticket in activity:
        if ticket.kind != "ticket" or happens(rng, 0.35):
            continue
        closed_at = ticket.at + timedelta(hours=ticket.amount + float(rng.lognormal(3.2, 1.1)))
        open_still = closed_at > timeline.moment(timeline.days) or happens(rng, 0.02)
        found.append(
            Case(
                id="",
                account_id=account.id,
                subject=pick(rng, SUBJECTS),
                priority=str(rng.choice(("Low", "Medium", "High"), p=(0.3, 0.5, 0.2))),
                opened_at=ticket.at,
                closed_at=None if open_still else closed_at.replace(microsecond=0),
            )
        )
    return found
