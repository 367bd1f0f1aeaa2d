"""What the columns of a table are: label, features of some kind, or nothing to learn from."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.errors import TableError
from models.maturity.examples import Examples
from models.reading.parse import Cells
from models.reading.texts import PARSED_SHARE, PLAIN, as_dates, as_numbers, as_texts, require

NO_LABEL = frozenset({"", "na", "n/a", "nan", "#n/a"})
"""Labels that are none, unless --order names them; "none" and "null" may be classes."""

MOST_CLASSES = 50
DISTINCT_SHARE = 0.9
FEWEST_DISTINCT = 30
"""More distinct texts than both: an identifier or free text, nothing that comes again."""

AS_DAYS = "dates, as days"
ID_NAME = re.compile(r"(^|_|\b)(id|uuid|guid|key|index|row|nr|no)$|Id$|ID$|^column 1$|^Unnamed")


@dataclass(frozen=True)
class Roles:
    """Columns by what they are for; None where there is none. order: of the classes, lowest first."""

    label: str
    order: tuple[str, ...] | None = None
    weight: str | None = None
    group: str | None = None
    time: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Those that are named, the label first; they are no features."""
        return tuple(each for each in (self.label, self.weight, self.group, self.time) if each is not None)


@dataclass(frozen=True)
class TrialTable:
    """A table ready to be learned from.

    classes: their names by index. at: (n,), days or any number that grows; None without a time column.
    left_out: columns that are no features, with the reason. aside: those of them whose order might
    still betray the label. dates: features that are days since 1970. notes: what was done to the table.
    row: (n,), places in the file's cells.
    """

    examples: Examples
    classes: tuple[str, ...]
    at: NDArray[np.float64] | None
    left_out: Mapping[str, str]
    aside: pd.DataFrame
    dates: frozenset[str]
    notes: tuple[str, ...]
    row: NDArray[np.int64]


def trial_table(cells: Cells, roles: Roles, name: str) -> TrialTable:
    """raises: TableError with column, line and the way out."""
    for column in roles.columns:
        require(cells.frame, column, name)
    if roles.label in roles.columns[1:]:
        raise TableError(f'{name}: "{roles.label}" is the label and cannot be the weight, group or time too')
    label = as_texts(cells.frame[roles.label], NO_LABEL - {each.lower() for each in roles.order or ()})
    texts = {str(column): as_texts(cells.frame[column]) for column in cells.frame}
    kept = np.flatnonzero(label.notna().to_numpy())
    notes = [f"{len(label) - len(kept)} rows without a label left out"] if len(kept) < len(label) else []
    label = label.iloc[kept]
    classes = _classes(label, roles, cells, kept, name)
    group = texts[roles.group].iloc[kept] if roles.group else None
    weight = _weights(texts[roles.weight].iloc[kept], cells, kept, name) if roles.weight else None
    at = _times(texts[roles.time].iloc[kept], cells, kept, name) if roles.time else None
    features: dict[str, pd.Series[Any]] = {}
    aside: dict[str, pd.Series[Any]] = {}
    left_out: dict[str, str] = {}
    for column, values in texts.items():
        if column in roles.columns:
            continue
        present = values.iloc[kept]
        reason = _useless(present)
        if reason is None:
            read, said = _typed(present, cells)
            reason = _identifier(column, read)
            notes += [f"{column}: {each}" for each in said]
            (features if reason is None else aside)[column] = read
        if reason is not None:
            left_out[column] = reason
    if not features:
        raise TableError(
            f"{name}: no column is left to learn from ({'; '.join(f'{c}: {r}' for c, r in left_out.items())})"
        )
    n = len(kept)
    examples = Examples(
        frame=pd.DataFrame(features).reset_index(drop=True),
        level=np.array([classes.index(value) for value in label], dtype=np.int64),
        weight=np.ones(n) if weight is None else weight,
        group=_groups(group, n),
        judged=np.ones(n, dtype=bool),
        classes=len(classes),
        ordered=roles.order is not None,
    )
    return TrialTable(
        examples=examples,
        classes=classes,
        at=at,
        left_out=left_out,
        aside=pd.DataFrame(aside).reset_index(drop=True),
        dates=frozenset(column for column in features if f"{column}: {AS_DAYS}" in notes),
        notes=tuple(notes),
        row=kept,
    )


def _classes(
    label: "pd.Series[Any]", roles: Roles, cells: Cells, kept: NDArray[np.int64], name: str
) -> tuple[str, ...]:
    found = sorted(label.unique(), key=_natural)
    if len(found) < 2:
        held = f'only "{found[0]}"' if found else "no value"
        raise TableError(f'{name}: the label "{roles.label}" holds {held}; it takes two classes or more')
    if len(found) > MOST_CLASSES:
        raise TableError(
            f'{name}: the label "{roles.label}" holds {len(found)} different values, at most {MOST_CLASSES} '
            "are taken; cut a number into classes first, or name another column"
        )
    if roles.order is None:
        return tuple(found)
    unknown = label[~label.isin(roles.order)]
    if len(unknown):
        place = cells.place(int(kept[label.index.get_loc(unknown.index[0])]))
        raise TableError(
            f'{name}, {place}: the label "{unknown.iloc[0]}" is not in --order {",".join(roles.order)}; '
            f"the label holds {', '.join(found)}"
        )
    return tuple(value for value in roles.order if value in found)


def _natural(value: str) -> tuple[int, float, str]:
    """Numbers by size, before texts."""
    return (0, float(value), value) if PLAIN.fullmatch(value) else (1, 0.0, value)


def _weights(
    texts: "pd.Series[Any]", cells: Cells, kept: NDArray[np.int64], name: str
) -> NDArray[np.float64]:
    values = as_numbers(texts, comma_free=cells.comma_free)
    wrong = np.flatnonzero(~(values.to_numpy() > 0) | np.isinf(values.to_numpy()))
    if len(wrong):
        raise TableError(
            f'{name}, {cells.place(int(kept[wrong[0]]))}: the weight in "{texts.name}" is '
            f"{texts.iloc[wrong[0]]!r}; it takes a number above 0 in each row with a label"
        )
    return values.to_numpy()


def _times(texts: "pd.Series[Any]", cells: Cells, kept: NDArray[np.int64], name: str) -> NDArray[np.float64]:
    dates = as_dates(texts)
    values = (dates if dates is not None else as_numbers(texts, comma_free=cells.comma_free)).to_numpy()
    wrong = np.flatnonzero(np.isnan(values))
    if len(wrong):
        raise TableError(
            f'{name}, {cells.place(int(kept[wrong[0]]))}: the time in "{texts.name}" is '
            f"{texts.iloc[wrong[0]]!r}; it takes a date (as 2026-03-31) or a number in each row with a label"
        )
    return values


def _groups(group: "pd.Series[Any] | None", n: int) -> NDArray[np.str_]:
    """A row without a group is its own."""
    own = np.array([f"row {number}" for number in range(n)], dtype=np.str_)
    if group is None:
        return own
    return np.array(
        [f"group {value}" if value is not None else own[i] for i, value in enumerate(group)], dtype=np.str_
    )


def _useless(texts: "pd.Series[Any]") -> str | None:
    if texts.isna().all():
        return "missing in all rows"
    if texts.nunique(dropna=False) == 1:
        return f'always "{texts.iloc[0]}"'
    return None


def _identifier(column: str, values: "pd.Series[Any]") -> str | None:
    """Why a column identifies rows instead of saying something of them."""
    known = values.dropna()
    distinct = known.nunique()
    if distinct <= FEWEST_DISTINCT or distinct < DISTINCT_SHARE * len(known):
        return None
    if values.dtype == object:
        return f"{distinct} different texts in {len(known)} rows: an identifier or free text"
    whole = bool((known % 1 == 0).all())
    counted = whole and distinct == len(known) and known.max() - known.min() + 1 == len(known)
    if counted or (whole and distinct == len(known) and ID_NAME.search(column)):
        return "numbers the rows: an identifier"
    return None


def _typed(texts: "pd.Series[Any]", cells: Cells) -> tuple["pd.Series[Any]", list[str]]:
    """A column as float64 (numbers; dates as days since 1970), else as object; and what was assumed."""
    known = texts.dropna()
    numbers = as_numbers(texts, comma_free=cells.comma_free)
    lost = int(len(known) - numbers.notna().sum())
    if lost <= (1 - PARSED_SHARE) * len(known):
        return numbers, _told(known, numbers, "numbers") if lost else []
    dates = as_dates(texts)
    if dates is not None:
        lost = int(len(known) - dates.notna().sum())
        return dates, [AS_DAYS, *(_told(known, dates, "dates") if lost else [])]
    return texts, []


def _told(known: "pd.Series[Any]", read: "pd.Series[Any]", kind: str) -> list[str]:
    lost = known[read.loc[known.index].isna()]
    return [f'{len(lost)} values are no {kind} (such as "{lost.iloc[0]}"), taken as missing']


def listed(order: str | None) -> tuple[str, ...] | None:
    """The value of --order: class names between commas."""
    if order is None:
        return None
    names: Sequence[str] = [name.strip() for name in order.split(",")]
    if len(set(names)) < max(len(names), 2) or not all(names):
        raise TableError(f"--order {order}: it takes two or more different class names, lowest first")
    return tuple(names)
