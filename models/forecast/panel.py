"""Daily usage of all accounts as one matrix: accounts × days."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.errors import TableError

Floats = NDArray[np.float32]
LONGEST_DAYS = 1096
"""Days kept: three years hold every yearly pattern the calendar can use."""


@dataclass(frozen=True, eq=False)
class UsagePanel:
    """Usage per account and day.

    countries: ISO 3166 alpha-2 per account, None where unknown.
    start: day of the first column.
    values: (accounts, days), events per day; NaN = not measured, 0 = measured zero.
    """

    account_ids: tuple[str, ...]
    countries: tuple[str | None, ...]
    start: date
    values: Floats

    @property
    def days(self) -> int:
        """Number of columns."""
        return int(self.values.shape[1])

    @property
    def until(self) -> date:
        """The day after the last column: where a forecast starts."""
        return self.day(self.days)

    def day(self, column: int | np.intp) -> date:
        """The day of a column."""
        return self.start + timedelta(days=int(column))

    def before(self, days: int) -> "UsagePanel":
        """The panel as it was after its first `days` days."""
        return replace(self, values=self.values[:, :days])

    def without(self, days: Iterable[date]) -> "UsagePanel":
        """The panel as if these of its days had not been measured."""
        columns = [(day - self.start).days for day in days]
        if not columns:
            return self
        values = self.values.copy()
        values[:, columns] = np.nan
        return replace(self, values=values)

    def newest(self, days: int) -> "UsagePanel":
        """The last `days` days of the panel, all of a shorter one."""
        first = max(0, self.days - days)
        return replace(self, start=self.day(first), values=self.values[:, first:])

    def over(self, other: "UsagePanel") -> "UsagePanel":
        """The same accounts over the days of another panel; days that this one lacks are not measured."""
        values = np.full((len(self.account_ids), other.days), np.nan, dtype=np.float32)
        shift = (self.start - other.start).days
        first = max(shift, 0)
        last = max(first, min(shift + self.days, other.days))
        values[:, first:last] = self.values[:, first - shift : last - shift]
        return replace(self, start=other.start, values=values)

    def of(self, other: "UsagePanel") -> "UsagePanel":
        """The accounts of another panel; those that this one lacks were not measured."""
        rows = pd.Index(self.account_ids).get_indexer(pd.Index(other.account_ids))
        values = self.values[np.maximum(rows, 0)] if self.account_ids else np.empty((len(rows), self.days))
        values = np.where((rows >= 0)[:, None], values, np.nan).astype(np.float32)
        return replace(other, start=self.start, values=values)

    def take(self, rows: NDArray[np.intp]) -> "UsagePanel":
        """Some of the accounts, in the order given."""
        return replace(
            self,
            account_ids=tuple(self.account_ids[row] for row in rows),
            countries=tuple(self.countries[row] for row in rows),
            values=self.values[rows],
        )

    def first_measured(self) -> NDArray[np.int64]:
        """(accounts,) column of the first measured day; `days` where there is none."""
        if self.days == 0:
            return np.zeros(len(self.account_ids), dtype=np.int64)
        measured = np.isfinite(self.values)
        return np.where(measured.any(axis=1), measured.argmax(axis=1), self.days)


def panel(
    table: pd.DataFrame,
    countries: Mapping[str, str | None],
    until: date,
    longest_days: int = LONGEST_DAYS,
) -> UsagePanel:
    """Matrix of a long table with the columns `account_id`, `day` and `value`.

    table: rows of one account and day are summed (one per technology, say). Negative and infinite
        values count as not measured.
    countries: the accounts of the panel, whether the table knows them or not, with their country.
    until: first day left out. longest_days: days before it that are kept.

    raises: TableError where a column is missing.
    """
    lacking = {"account_id", "day", "value"} - set(table.columns)
    if lacking:
        raise TableError(
            f"usage table lacks {', '.join(sorted(lacking))}; it has {', '.join(map(str, table.columns))}"
        )
    account_ids = tuple(sorted(countries))
    day = pd.to_datetime(table["day"]).to_numpy(dtype="datetime64[D]")
    row = pd.Index(account_ids).get_indexer(pd.Index(table["account_id"]))
    value = pd.to_numeric(table["value"], errors="coerce").to_numpy(dtype=np.float64)
    last = np.datetime64(until)
    kept = (row >= 0) & (day < last) & (day >= last - longest_days) & np.isfinite(value) & (value >= 0)
    row, day, value = row[kept], day[kept], value[kept]
    start = day.min() if len(day) else last
    shape = (len(account_ids), int((last - start).astype(int)))
    cell = row * shape[1] + (day - start).astype(int)
    size = shape[0] * shape[1]
    sums = np.bincount(cell, weights=value, minlength=size).astype(np.float32)
    sums[np.bincount(cell, minlength=size) == 0] = np.nan
    return UsagePanel(
        account_ids, tuple(countries[account] for account in account_ids), start.item(), sums.reshape(shape)
    )
