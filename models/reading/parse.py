"""From the bytes of a table to its cells: Parquet, or text of any usual separator and encoding."""

import csv
import gzip
import io
import re
import zlib
from collections import Counter
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from models.errors import TableError

SEPARATORS = (",", ";", "\t", "|")
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}

UNCLOSED = "unexpected end of data"
"""What Python's strict reader says of a file that ends within quotes."""

LOOKED_AT_RECORDS = 200
"""Of the text, to recognise the separator."""

LOOKED_AT_BYTES = 4096
"""To recognise UTF-16 without its mark."""


@dataclass(frozen=True)
class Cells:
    """A table as it was written.

    frame: one row per record, index 0..n-1; text cells are stripped, the others as Parquet types them.
    lines: (n,), where a record stands in the file, counted as an editor does or, in Parquet, by row.
    described: encoding and separator, for the reader of a report.
    comma_free: whether fields may hold commas, as where another separator stands between them: then 2,348 is
        less than three.
    """

    frame: pd.DataFrame
    lines: tuple[int, ...]
    described: str
    comma_free: bool = False

    def place(self, row: int) -> str:
        """A row, as a person finds it in the file."""
        return f"line {self.lines[row]}"


def parse(data: bytes, name: str) -> Cells:
    """name: of the file, for messages. raises: TableError with the line and the way out."""
    if data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise TableError(f"{name}: the gzip archive is damaged ({error}); compress it again") from error
    if data[:4] == b"PAR1":
        return _parquet(data, name)
    if data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        raise TableError(f"{name} is a workbook or an archive; save the sheet as CSV")
    text, encoding = _decoded(data, name)
    if not text.strip():
        raise TableError(f"{name} is empty; it takes a line of column names and a line per case")
    separator = _separator(text)
    frame, lines = _records(text, separator, name)
    kind = NAMES.get(separator, separator)
    return Cells(frame, lines, f"{encoding}, {kind} separated", comma_free=separator != ",")


def _parquet(data: bytes, name: str) -> Cells:
    try:
        frame = pq.read_table(io.BytesIO(data)).to_pandas()
    except (pa.ArrowException, OSError) as error:
        raise TableError(f"{name}: the Parquet file cannot be read ({error}); write it again") from error
    frame = frame.reset_index(drop=not any(frame.index.names))
    frame.columns = [str(column) for column in frame.columns]
    nested = [c for c in frame if frame[c].map(lambda cell: isinstance(cell, list | dict)).any()]
    if nested:
        raise TableError(f"{name}: the column {nested[0]} holds lists or records; flatten or drop it")
    _check_shape(frame, name)
    return Cells(frame, tuple(range(1, len(frame) + 1)), "Parquet")


def _decoded(data: bytes, name: str) -> tuple[str, str]:
    """Text and its encoding: by its mark, else UTF-8, which other text hardly ever is by chance."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _strict(data, encoding, name), encoding.removesuffix("-sig").upper()
    head = data[:LOOKED_AT_BYTES]
    for zeros, encoding in ((head[1::2], "utf-16-le"), (head[::2], "utf-16-be")):
        if len(head) > 3 and zeros.count(0) > 0.4 * len(zeros):
            return _strict(data, encoding, name), encoding.upper()
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace"), "Windows-1252"


def _strict(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise TableError(
            f"{name} begins as {encoding} and is damaged at byte {error.start}; save it again as UTF-8"
        ) from error


def _separator(text: str) -> str:
    """The separator that cuts most records into the same number of fields, more than one if possible."""
    csv.field_size_limit(2**31 - 1)
    if first := re.match(r"sep=(.)\r?\n", text):
        return first[1]
    return max(SEPARATORS, key=lambda separator: _fit(text, separator))


def _fit(text: str, separator: str) -> tuple[float, int]:
    """Share of records of the most usual width, and that width; a single column fits nothing."""
    widths: Counter[int] = Counter()
    for number, record in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator)):
        if number >= LOOKED_AT_RECORDS:
            break
        if record:
            widths[len(record)] += 1
    width, times = max(widths.items(), key=lambda item: (item[1], item[0]))
    return (times / widths.total(), width) if width > 1 else (0.0, width)


def _records(text: str, separator: str, name: str) -> tuple[pd.DataFrame, tuple[int, ...]]:
    _check_quotes(text, separator, name)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    heads: list[str] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    begins = 1
    try:
        for record in reader:
            if record and record != [""] and not (begins == 1 and text.startswith("sep=")):
                cells = [cell.strip() for cell in record]
                if not heads:
                    heads = _heads(cells)
                else:
                    rows.append(_fitted(cells, heads, begins, name))
                    lines.append(begins)
            begins = reader.line_num + 1
    except csv.Error as error:
        raise TableError(f"{name}, line {reader.line_num}: {error}; look for a NUL byte") from error
    frame = pd.DataFrame(rows, columns=heads, dtype=object)
    _check_shape(frame, name)
    return frame, tuple(lines)


def _check_quotes(text: str, separator: str, name: str) -> None:
    """raises: TableError where a quote is never closed: the rest of the file would be one field."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    begins = 1
    try:
        for _ in reader:
            begins = reader.line_num + 1
    except csv.Error as error:
        if str(error) == UNCLOSED:
            raise TableError(
                f"{name}, line {begins}: a quote is opened and never closed; close it, or double it where it "
                "is part of the text"
            ) from error


def _heads(cells: list[str]) -> list[str]:
    """Names of the columns; a repeated one is numbered, an empty one named by its place."""
    seen: Counter[str] = Counter()
    heads = []
    for number, cell in enumerate(cells, start=1):
        head = cell or f"column {number}"
        seen[head] += 1
        heads.append(head if seen[head] == 1 else f"{head} ({seen[head]})")
    return heads


def _fitted(cells: list[str], heads: list[str], line: int, name: str) -> list[str]:
    """A record as wide as the header: what its end lacks is missing, what is too much must be empty."""
    if len(cells) > len(heads) and any(cells[len(heads) :]):
        raise TableError(
            f"{name}, line {line}: {len(cells)} fields, but {len(heads)} column names; put quotes around "
            "fields that hold the separator"
        )
    return cells[: len(heads)] + [""] * (len(heads) - len(cells))


def _check_shape(frame: pd.DataFrame, name: str) -> None:
    if frame.shape[1] < 2:
        raise TableError(
            f"{name} has one column ({', '.join(map(str, frame.columns))}); at least two are "
            f"needed, separated by {', '.join(NAMES.values())}"
        )
    if frame.empty:
        raise TableError(f"{name} has column names and no rows")
