"""What forecasts are made from: usage per account and day as it was known at a cut, and the settings."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import ibis.expr.types as ir
import numpy as np

from daemon.config import Config
from daemon.lake.reading import LakeReader
from models.forecast import ForecastSettings, UsagePanel, panel
from models.forecast.panel import LONGEST_DAYS
from models.forecast.unusual.breadth import BREADTH_DAYS

READ_DAYS = 31
"""Read at a time: as rows, usage takes many times the memory of its panel."""


def forecast_settings(config: Config) -> ForecastSettings:
    """What [forecast] says."""
    table = config.forecast
    return ForecastSettings(
        seeds=table.seeds,
        steps=table.steps,
        warm_steps=table.warm_steps,
        finish_steps=table.finish_steps,
        slow_sample=table.baseline_accounts,
        threads=table.threads,
    )


BREADTHS = ("users", "repositories", "technologies")


def usage_panels(reader: LakeReader, cut: datetime) -> tuple[UsagePanel, dict[str, UsagePanel]]:
    """Events of every account of the CRM up to the cut's day; how broad its use was lately, by BREADTHS."""
    facts = reader.as_of(cut)
    accounts = facts.accounts.select("account_id", "country").to_pyarrow()
    usage = facts.usage_daily
    daily = usage.group_by(["account_id", "day"]).aggregate(
        events=usage.events.sum(),
        users=usage.users.max(),
        repositories=usage.repositories.sum(),
        technologies=(usage.events > 0).sum(),
    )
    countries = dict(zip(accounts["account_id"].to_pylist(), accounts["country"].to_pylist(), strict=True))
    until = cut.astimezone(UTC).date()
    oldest = usage.day.min().to_pyarrow().as_py() or until
    lately = until - timedelta(days=BREADTH_DAYS)
    breadths = {name: _panel(daily, name, countries, max(oldest, lately), until) for name in BREADTHS}
    since = max(oldest, until - timedelta(days=LONGEST_DAYS))
    return _panel(daily, "events", countries, since, until), breadths


def _panel(
    daily: ir.Table, column: str, countries: Mapping[str, str | None], since: date, until: date
) -> UsagePanel:
    """A column by account and day, from the first day that has any value."""
    ids = tuple(sorted(countries))
    days = max(0, (until - since).days)
    values = np.full((len(ids), days), np.nan, dtype=np.float32)
    start = until
    for first in range(0, days, READ_DAYS):
        day = since + timedelta(days=first)
        end = min(day + timedelta(days=READ_DAYS), until)
        rows = daily.filter((daily.day >= day) & (daily.day < end))
        table = rows.select("account_id", "day", value=daily[column]).to_pyarrow()
        part = panel(table.to_pandas(categories=["account_id"]), countries, end)
        start = min(start, part.start if part.days else until)
        values[:, (part.start - since).days : (end - since).days] = part.values
    whole = UsagePanel(
        ids, tuple(countries[account] for account in ids), until - timedelta(days=days), values
    )
    return whole.newest((until - start).days)
