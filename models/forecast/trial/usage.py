"""From cells to usage per account and day; what cannot be read is refused with its line."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from models.errors import TableError
from models.forecast.trial.columns import Found
from models.reading.parse import Cells
from models.reading.texts import as_days, as_numbers, as_texts

MOST_NEGATIVE = 0.05
"""Share of negative values above which a table is no usage."""


@dataclass(frozen=True, eq=False)
class Usage:
    """What a table says.

    frame: account_id, day, value (at least 0); a row per measured value, so several of one account and day
        where they are to be summed. accounts: all that the table names, measured or not.
    last: newest measured day. last_place: where it stands in the file.
    notes: what was done to the table.
    """

    frame: pd.DataFrame
    accounts: tuple[str, ...]
    last: date
    last_place: str
    notes: tuple[str, ...]


def usage(cells: Cells, found: Found, name: str) -> Usage:
    """raises: TableError with column, line and the way out."""
    frame = pd.DataFrame(
        {
            "account_id": _accounts(cells, found.account, name),
            "day": _days(cells, found.day, name),
            "value": _values(cells, found.value, name),
        }
    )
    notes = _summed(cells, found, frame, name)
    negative = int((frame["value"] < 0).sum())
    if negative:
        frame.loc[frame["value"] < 0, "value"] = np.nan
        notes.append(f"{negative} values below 0 count as not measured")
    measured = frame[frame["value"].notna()]
    if measured.empty:
        raise TableError(
            f'{name}: the value "{found.value}" is missing in all rows; name another with --value'
        )
    last = int(measured["day"].to_numpy().argmax())
    return Usage(
        frame=measured.reset_index(drop=True),
        accounts=tuple(sorted(frame["account_id"].unique())),
        last=measured["day"].iloc[last].date(),
        last_place=cells.place(int(measured.index[last])),
        notes=tuple(notes),
    )


def _accounts(cells: Cells, column: str | None, name: str) -> "pd.Series[Any]":
    if column is None:
        single = name.removesuffix(".gz").rsplit(".", 1)[0]
        return pd.Series(single, index=cells.frame.index, dtype=object)
    written = as_texts(cells.frame[column])
    row = _first(written.isna())
    if row is not None:
        raise TableError(f'{name}, {cells.place(row)}: no account in "{column}"; fill it in or drop the row')
    return written


def _days(cells: Cells, column: str, name: str) -> "pd.Series[Any]":
    written = as_texts(cells.frame[column])
    days = as_days(written)
    row = _first(days.isna())
    if row is not None:
        text = written.iloc[row]
        said = "no day" if text is None else f'"{text}" is no day, or not written as the others are'
        raise TableError(
            f'{name}, {cells.place(row)}: {said} in "{column}"; it takes one way of writing in all rows, '
            "such as 2026-03-31, or name another column with --date"
        )
    return days


def _values(cells: Cells, column: str, name: str) -> "pd.Series[Any]":
    written = as_texts(cells.frame[column])
    values = as_numbers(written, comma_free=cells.comma_free)
    row = _first(values.isna() & written.notna())
    if row is not None:
        raise TableError(
            f'{name}, {cells.place(row)}: "{written.iloc[row]}" in "{column}" is no number; correct it, '
            "leave the cell empty where nothing was measured, or name another column with --value"
        )
    negative = values < 0
    row = _first(negative)
    if row is not None and negative.sum() > MOST_NEGATIVE * values.notna().sum():
        raise TableError(
            f'{name}, {cells.place(row)}: "{written.iloc[row]}" in "{column}" is below 0, one of '
            f"{negative.sum()}; usage never is. Name another column with --value"
        )
    return values


def _summed(cells: Cells, found: Found, frame: pd.DataFrame, name: str) -> list[str]:
    """Rows of one account and day are summed where time of day or words tell them apart, else refused."""
    again = frame.duplicated(["account_id", "day"], keep=False)
    if not again.any():
        return []
    apart = pd.concat([frame["account_id"], cells.frame[[found.day, *found.words]].astype(str)], axis=1)[
        again
    ]
    place = _first(apart.duplicated())
    if place is not None:
        second = int(apart.index[place])
        first = int(apart.index[(apart == apart.iloc[place]).all(axis=1)][0])
        account = f"account {frame['account_id'].iloc[second]!s}" if found.account else "the series"
        other = "" if found.account else ", or name the column that tells series apart with --account"
        raise TableError(
            f"{name}, {cells.place(second)}: {account} has its {frame['day'].iloc[second].date()} in "
            f"{cells.place(first)} already; keep one{other}. (Rows of one day are summed where a time of day "
            "or another column of words tells them apart.)"
        )
    days = len(frame[again].drop_duplicates(["account_id", "day"]))
    return [f"{days} days of accounts come in several rows, which were summed"]


def _first(wrong: "pd.Series[Any]") -> int | None:
    """Place of the first row that is wrong."""
    places = np.flatnonzero(wrong.to_numpy())
    return int(places[0]) if len(places) else None
