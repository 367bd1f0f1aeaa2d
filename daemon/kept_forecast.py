"""What the newest run kept of one account's usage: the days, the forecast, the health, the anomalies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, RowMapping, func, or_, select

from daemon.errors import DaemonError
from daemon.explanations import SHORT_ID
from daemon.state.engine import read
from daemon.state.tables import forecasts, runs

Days = NDArray[np.float64]

HORIZONS = (30, 60, 90)


@dataclass(frozen=True)
class KeptTotal:
    """Events expected over a horizon. low, high: its 80 % interval; None in a run that kept none."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class KeptAnomaly:
    """Something unusual that happened. day: the first. size: actual / expected - 1 over its days."""

    kind: str
    day: date
    days: int
    size: float
    sentence: str


@dataclass(frozen=True, eq=False)
class KeptForecast:
    """An account as its last forecast saw it.

    start: first day ahead. actual: (days before start,), events per day, NaN = not measured.
    median … high95: (days ahead,). holidays: of the account's country, on any of these days.
    totals: by horizon in days.
    """

    account_id: str
    slot: str
    model_version: str | None
    served_by: str
    start: date
    health: str
    sentence: str
    totals: Mapping[int, KeptTotal]
    anomalies: Sequence[KeptAnomaly]
    actual: Days
    median: Days
    low80: Days
    high80: Days
    low95: Days
    high95: Days
    holidays: frozenset[date]

    @property
    def first(self) -> date:
        """Day of the first actual."""
        return self.start - timedelta(days=len(self.actual))

    def day(self, column: int) -> date:
        """The day of a column of the actuals, and of what follows on them."""
        return self.first + timedelta(days=column)


def kept_forecast(engine: Engine, account: str) -> KeptForecast:
    """An account's newest forecast.

    account: its Id, of 18 or 15 characters. raises: DaemonError where no run has forecast it.
    """
    short = func.substr(forecasts.c.account_id, 1, SHORT_ID)
    statement = (
        select(forecasts, runs.c.slot)
        .join(runs, runs.c.id == forecasts.c.run_id)
        .where(or_(forecasts.c.account_id == account, short == account))
        .order_by(forecasts.c.run_id.desc())
        .limit(1)
    )
    with read(engine) as connection:
        row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        raise DaemonError(
            f"no run has forecast an account {account}: either none of its usage was measured lately, or "
            "that is not its Id as in the record's address (001…)"
        )
    return of_row(row, row["slot"])


def of_row(row: RowMapping | Mapping[str, Any], slot: str) -> KeptForecast:
    """A row of `forecasts`, read."""
    series = row["series"]
    names = ("actual", "median", "low80", "high80", "low95", "high95")
    return KeptForecast(
        account_id=row["account_id"],
        slot=slot,
        model_version=row["model_version"],
        served_by=row["served_by"],
        start=row["start"],
        health=row["health"],
        sentence=row["sentence"],
        totals={days: total for days in HORIZONS if (total := _total(row, days)) is not None},
        anomalies=[_anomaly(each) for each in row["anomalies"]],
        holidays=frozenset(date.fromisoformat(day) for day in series.get("holidays", ())),
        **{name: np.array(series[name], dtype=np.float64) for name in names},
    )


def _total(row: RowMapping | Mapping[str, Any], days: int) -> KeptTotal | None:
    value = row[f"total_{days}d"]
    low, high = row["series"].get("totals80", {}).get(str(days), (None, None))
    return None if value is None else KeptTotal(value, low, high)


def _anomaly(each: Mapping[str, Any]) -> KeptAnomaly:
    day = date.fromisoformat(each["day"])
    return KeptAnomaly(each["kind"], day, each["days"], each["size"], each["sentence"])
