"""What forecasts are made from: usage per account and day as it was known at a cut, and the settings."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

import pandas as pd

from daemon.config import Config
from daemon.lake.reading import LakeReader
from models.forecast import ForecastSettings, UsagePanel, panel


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
    """Events of every account of the CRM up to the cut's day, and how broad the use was, by BREADTHS."""
    facts = reader.as_of(cut)
    accounts = facts.accounts.select("account_id", "country").to_pyarrow()
    usage = facts.usage_daily
    daily = usage.group_by(["account_id", "day"]).aggregate(
        events=usage.events.sum(),
        users=usage.users.max(),
        repositories=usage.repositories.sum(),
        technologies=(usage.events > 0).sum(),
    )
    table = daily.to_pyarrow().to_pandas()
    countries = dict(zip(accounts["account_id"].to_pylist(), accounts["country"].to_pylist(), strict=True))
    until = cut.astimezone(UTC).date()
    breadths = {name: _panel(table, name, countries, until) for name in BREADTHS}
    return _panel(table, "events", countries, until), breadths


def _panel(table: pd.DataFrame, column: str, countries: Mapping[str, str | None], until: date) -> UsagePanel:
    return panel(table.rename(columns={column: "value"})[["account_id", "day", "value"]], countries, until)
