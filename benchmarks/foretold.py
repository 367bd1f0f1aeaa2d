"""Usage of demo worlds as one matrix, and what a cycle would have said of it on a day long past."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from benchmarks.walks import summed
from demo.world import generate
from demo.world.records import UsageEvent
from models.forecast import Forecasts, ForecastSettings, Story, UsagePanel, backtest, fit, forecast
from models.forecast.panel import Floats

TODAY = date(2026, 11, 22)


@dataclass(frozen=True, eq=False)
class DemoUsage:
    """A world's daily usage, and what was done to it.

    events: per account, what the world injected.
    """

    usage: UsagePanel
    events: Mapping[str, tuple[UsageEvent, ...]]


@dataclass(frozen=True, eq=False)
class Foretold:
    """A cycle's forecasts at an origin, and what happened from there on.

    usage: name of what it is about. past: all that the cycle saw. actual: (accounts, days), NaN = not
    measured.
    """

    usage: str
    past: UsagePanel
    found: Forecasts
    actual: Floats


def demo_usage(seed: int, accounts: int = 600) -> DemoUsage:
    """Usage of a world's accounts, their technologies summed. A world's rule is nothing to its usage."""
    world = generate(seed, TODAY, "linear", accounts)
    row = {account.tenant: number for number, account in enumerate(world.accounts)}
    events = summed(world.usage, "events", row, (len(world.accounts), world.days))
    ids = tuple(account.id for account in world.accounts)
    countries = tuple(account.country for account in world.accounts)
    usage = UsagePanel(ids, countries, world.months[0], events)
    return DemoUsage(usage, {truth.account_id: truth.events for truth in world.truths})


def foretell(
    name: str, usage: UsagePanel, back: int, settings: ForecastSettings, seed: int, looks: Sequence[int] = ()
) -> Foretold:
    """Fit, backtest and forecast `back` days before the usage ends, knowing nothing of those days.

    looks: so many days before then an earlier cycle had looked, and told what it found.
    """
    past = usage.before(usage.days - back)
    told, judged_until = _told(past, looks, settings, seed)
    model = fit(past, settings, seed)
    lessons = backtest(model, past, settings.without_slow(), seed)
    found = forecast(model, past, lessons, settings, told=told, judged_until=judged_until)
    return Foretold(name, past, found, usage.values[:, past.days :][:, : settings.horizon_days])


def _told(
    past: UsagePanel, looks: Sequence[int], settings: ForecastSettings, seed: int
) -> tuple[Mapping[str, Sequence[Story]], date | None]:
    """Stories by account, and the day before which they were found. The first look's networks serve all."""
    told: dict[str, Sequence[Story]] = {}
    judged_until = None
    if not looks:
        return told, judged_until
    model = fit(past.before(past.days - looks[0]), settings, seed)
    for days in looks:
        seen = past.before(past.days - days)
        lessons = backtest(model, seen, settings.without_slow(), seed)
        found = forecast(model, seen, lessons, settings, told=told, judged_until=judged_until)
        told = {account.account_id: account.stories for account in found.accounts}
        judged_until = seen.until
    return told, judged_until
