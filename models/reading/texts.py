"""What the texts of a column say: numbers, dates, or nothing."""

import re
from collections.abc import Callable, Collection
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from models.errors import TableError

MISSING_WORDS = frozenset({"", "na", "n/a", "nan", "null", "none", "nil", "?", "-", "#n/a", "inf", "-inf"})
LARGEST_WHOLE = 2.0**53
"""Beyond, a float64 is no exact whole number."""

PARSED_SHARE = 0.95
"""Of the values that are there, must be numbers (or dates) for a column to count as such."""

PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?")
DATES = (
    (re.compile(r"\d{4}-\d{1,2}-\d{1,2}([T ].*)?"), "ISO8601"),
    (re.compile(r"\d{4}/\d{1,2}/\d{1,2}"), "%Y/%m/%d"),
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}"), "%d.%m.%Y"),
    (re.compile(r"\d{1,2}/\d{1,2}/\d{4}"), "%d/%m/%Y"),
    (re.compile(r"\d{1,2}/\d{1,2}/\d{4}"), "%m/%d/%Y"),
)
COMPACT = "%Y%m%d"
DAYS = (
    "%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", COMPACT, "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%y",
    "%d/%m/%y", "%m/%d/%y", "%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y",
)  # fmt: skip
TIME_OF_DAY = re.compile(r"(?<=\d)(T| +)\d{1,2}:.*$")
YEARS = (pd.Timestamp("1900-01-01"), pd.Timestamp("2199-12-31"))
"""What is read outside of them is a slip of the pen."""


def require(frame: pd.DataFrame, column: str | None, name: str) -> None:
    """raises: TableError where a column that was asked for is not in the table, with the nearest name."""
    if column is None or column in frame.columns:
        return
    near = get_close_matches(column, [str(c) for c in frame.columns], n=1)
    hint = f'; did you mean "{near[0]}"?' if near else ""
    raise TableError(
        f'{name} has no column "{column}"{hint} It has: {", ".join(str(c) for c in frame.columns)}'
    )


def as_texts(column: "pd.Series[Any]", missing: Collection[str] = MISSING_WORDS) -> "pd.Series[Any]":
    """Values as text, None where missing; whole numbers of Parquet are written without a fraction.

    missing: lower-case words that stand for nothing.
    """
    if pd.api.types.is_float_dtype(column.dtype):
        known = column.dropna()
        if (known % 1 == 0).all() and (known.abs() < LARGEST_WHOLE).all():
            column = column.astype("Int64")
    return each(column, lambda value: None if str(value).lower() in missing else str(value))


def each(written: "pd.Series[Any]", change: Callable[[Any], str | None]) -> "pd.Series[Any]":
    """Each value that is there changed, None for the others; pandas would turn these into NaN."""
    there = written.notna()
    changed = [change(text) if known else None for text, known in zip(written, there, strict=True)]
    return pd.Series(changed, index=written.index, name=written.name, dtype=object)


def as_numbers(written: "pd.Series[Any]", *, comma_free: bool) -> "pd.Series[Any]":
    """float64, NaN where a text is none: 1234.5, 1,234.5, 12 % or, in the whole column, 1.234,5.

    comma_free: how a column is read that both ways of writing fit; see `Cells`.
    """
    stripped = each(written, lambda text: text.removesuffix("%").strip())
    others = stripped[[text is not None and not PLAIN.fullmatch(text) for text in stripped]]
    thousands, commas = _share(others, THOUSANDS), _share(others, COMMA)
    if thousands > 0.5 and not (commas > thousands or (comma_free and commas == thousands)):
        stripped = each(stripped, lambda t: t.replace(",", "") if THOUSANDS.fullmatch(t) else t)
    elif commas > 0.5:
        stripped = each(stripped, lambda t: t.replace(".", "").replace(",", ".") if COMMA.fullmatch(t) else t)
    found = [float(t) if t is not None and PLAIN.fullmatch(t) else np.nan for t in stripped]
    found = [value if np.isfinite(value) else np.nan for value in found]
    return pd.Series(found, index=written.index, name=written.name, dtype=float)


def as_dates(written: "pd.Series[Any]") -> "pd.Series[Any] | None":
    """Days since 1970 as float64, NaN where a text is no date; None where most are none."""
    known = written.dropna()
    for pattern, form in DATES:
        if _share(known, pattern) < PARSED_SHARE:
            continue
        read = pd.to_datetime(written, format=form, errors="coerce", utc=True)
        if read[known.index].notna().mean() >= PARSED_SHARE:
            return (read - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(days=1)
    return None


def _share(written: "pd.Series[Any]", pattern: re.Pattern[str]) -> float:
    """Of the texts, those that are of the pattern as a whole."""
    return float(np.mean([pattern.fullmatch(text) is not None for text in written])) if len(written) else 0.0


def as_days(written: "pd.Series[Any]") -> "pd.Series[Any]":
    """The day that stands in a text, whatever its time of day and zone; NaT where there is none.

    All are read in the one format that reads most of them; 03/04/2026 is 3 April where both orders do.
    """
    distinct = pd.Series(written.dropna().unique(), dtype=object)
    days = distinct.map(lambda text: TIME_OF_DAY.sub("", text))
    best = pd.Series(pd.NaT, index=days.index, dtype="datetime64[s]")
    for form in DAYS:
        usable = days.where(days.str.len() == 8) if form == COMPACT else days
        read = pd.to_datetime(usable, format=form, errors="coerce").astype("datetime64[s]")
        read = read.where(read.between(*YEARS))
        if read.notna().sum() > best.notna().sum():
            best = read
        if best.notna().all():
            break
    return written.map(dict(zip(distinct, best, strict=True))).astype("datetime64[s]")
