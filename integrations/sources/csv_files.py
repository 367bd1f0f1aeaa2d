"""Reads CSV files as people and exporters really write them, each file once per content.

A file counts as read by its name, size and content. One that grows while it is looked at is left for
the next time. A bad row costs itself; a file with more than 5 % of bad rows is refused whole, because
then it is rather the file that is wrong: it is quarantined as one, and the other files go on. A file
without a column that is needed stops the source, since the others would lack it tomorrow.
"""

import codecs
import csv
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO
from itertools import islice, takewhile
from pathlib import Path

import pyarrow as pa

from integrations.errors import Retryable, SetupError
from integrations.interfaces import Batch, Rejected, Watermark
from integrations.sources.fact_rows import (
    Columns,
    FactShape,
    Row,
    RowReader,
    digest_of,
    fact_table,
    schema_of,
)
from integrations.sources.overlap import foreign_watermark
from integrations.sources.values import BadValue, Clock, Reading

BAD_SHARE = 0.05
FEW_ROWS = 5
"""So many bad rows never refuse a file, however short it is."""

_REMEMBERED = 250
"""Files that a watermark tells apart; beyond that, those read without a gap are one signature."""

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DELIMITERS = ",;\t|"
csv.field_size_limit(1_000_000)


@dataclass(frozen=True)
class CsvSettings:
    """Where a fact lies as CSV.

    path: a file, or a folder whose *.csv files are read in the order of their names.
    columns: as the header names them.
    timezone: of times that name none. date_format: as for `strptime`; None reads ISO 8601.
    decimal: "." or ",". encoding: None recognises a byte order mark, then UTF-8, else Windows-1252.
    kinds: foreign names of kinds of activity to ours.
    """

    name: str
    path: Path
    columns: Columns
    timezone: str = "UTC"
    date_format: str | None = None
    decimal: str = "."
    encoding: str | None = None
    batch_rows: int = 50_000
    kinds: Mapping[str, str] = field(default_factory=dict)


class CsvTable:
    """A fact from CSV files."""

    def __init__(self, settings: CsvSettings, shape: FactShape, clock: Clock) -> None:
        self.name = settings.name
        self._settings, self._shape = settings, shape
        self._reading = Reading(clock, settings.timezone, settings.date_format, settings.decimal)
        self._schema = schema_of(shape)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name}, {self._settings.path})"

    def pull(self, since: Watermark) -> Iterator[Batch]:
        """The rows of files that are new or changed since the watermark."""
        files = self._files()
        order = [each.signature for each in files]
        done = _done(self.name, since, order)
        for each in files:
            if each.signature in done:
                continue
            tables, rejected = self._read(each)
            if not each.unchanged():
                continue  # somebody writes to it: next time
            before = _watermark(order, done)
            done = done | {each.signature}
            for table in tables[:-1]:
                yield Batch(self._shape.fact, table, before)
            yield Batch(self._shape.fact, tables[-1], _watermark(order, done), tuple(rejected))

    def check(self) -> str:
        """Read the headers of all files."""
        files = self._files()
        for each in files:
            self._reader(each)
        many = "1 file" if len(files) == 1 else f"{len(files)} files"
        return f"{many}, {sum(each.size for each in files):,} bytes"

    def _files(self) -> "list[_File]":
        """The files as they lie there now, by name; an empty one is still to be written."""
        path = self._settings.path
        try:
            paths = sorted(path.glob("*.csv")) if path.is_dir() else [path]
            files = [_File.look(each) for each in paths]
        except OSError as error:
            raise SetupError(
                f"{self.name}: {error.filename} cannot be read ({error.strerror}); see path"
            ) from error
        return [each for each in files if each.size]

    def _read(self, file: "_File") -> tuple[list[pa.Table], list[Rejected]]:
        """At least one table, and what was rejected; an empty table where the whole file is refused."""
        reader, lines = self._reader(file)
        tables: list[pa.Table] = []
        rejected: list[Rejected] = []
        good = 0
        try:
            while chunk := list(islice(lines, self._settings.batch_rows)):
                rows, bad = _rows(reader, chunk, file.path.name)
                tables.append(fact_table(rows, self._schema))
                rejected += bad
                good += len(rows)
        except csv.Error as error:
            return self._refused(file, f"it is not CSV to its end ({error})")
        if len(rejected) > max(FEW_ROWS, BAD_SHARE * (good + len(rejected))):
            first = rejected[0]
            return self._refused(
                file,
                f"{len(rejected)} of {good + len(rejected)} rows are bad, first {first.row}: {first.reason}",
            )
        return tables or [fact_table([], self._schema)], rejected

    def _refused(self, file: "_File", reason: str) -> tuple[list[pa.Table], list[Rejected]]:
        whole = Rejected(file.path.name, f"the whole file is refused: {reason}", digest_of(file.signature))
        return [fact_table([], self._schema)], [whole]

    def _reader(self, file: "_File") -> "tuple[RowReader, Iterator[tuple[int, list[str]]]]":
        """The reader for a file's header, and its lines with their numbers."""
        where = f"{self.name}: {file.path.name}"
        text = self._text(file, where)
        lines = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
        header = [name.strip() for name in next(lines, [])]
        reader = RowReader(self._shape, self._settings.columns, self._reading, header, where)
        return reader, ((lines.line_num, line) for line in lines if line)

    def _text(self, file: "_File", where: str) -> str:
        try:
            content = file.path.read_bytes()
            encoding = self._settings.encoding or _encoding(content)
            # Windows-1252 leaves five bytes without a meaning; those are shown as such.
            return content.decode(encoding, "replace" if encoding == "cp1252" else "strict")
        except OSError as error:
            raise Retryable(
                f"{where} went away while it was read ({error.strerror}); tried again later"
            ) from error
        except (UnicodeError, LookupError) as error:
            raise SetupError(f"{where} is not written in {encoding} ({error}); set encoding") from error


def _rows(
    reader: RowReader, chunk: list[tuple[int, list[str]]], name: str
) -> tuple[list[Row], list[Rejected]]:
    rows: list[Row] = []
    rejected: list[Rejected] = []
    for number, line in chunk:
        try:
            if len(line) != reader.width:
                raise BadValue(f"it has {len(line)} columns, the header {reader.width}")
            rows.append(reader.read(line))
        except BadValue as error:
            rejected.append(reader.rejected(line, error, f"line {number} of {name}"))
    return rows, rejected


def _encoding(content: bytes) -> str:
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return encoding
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _delimiter(text: str) -> str:
    """The one that cuts the header into the most columns."""
    header = text.partition("\n")[0]
    return max(_DELIMITERS, key=lambda mark: len(next(csv.reader([header], delimiter=mark), [])))


# --- which files are done ---------------------------------------------------------------------------


@dataclass(frozen=True)
class _File:
    """A file as it lay there at the first look. signature: of its name and content, 12 hex digits."""

    path: Path
    size: int
    changed_ns: int
    signature: str

    @classmethod
    def look(cls, path: Path) -> "_File":
        seen = path.stat()
        with path.open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").digest()
        return cls(path, seen.st_size, seen.st_mtime_ns, _sign(path.name.encode() + content))

    def unchanged(self) -> bool:
        """Whether nobody wrote to it since."""
        try:
            now = self.path.stat()
        except FileNotFoundError:
            return False
        return (now.st_size, now.st_mtime_ns) == (self.size, self.changed_ns)


def _sign(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def _done(source: str, since: Watermark, order: list[str]) -> frozenset[str]:
    """Signatures of the files that the watermark covers.

    raises: SetupError where another kind of source wrote it.
    """
    if since.value is None:
        return frozenset()
    try:
        value = json.loads(since.value)
        folded, apart = value["folded"], value["files"].split()
        first = order[: value["first"]]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise foreign_watermark(source) from error
    # Where one of the folded files changed, all of them are read again: the lake knows their rows.
    unchanged = folded == _sign(" ".join(first).encode())
    return frozenset(first if unchanged else ()) | frozenset(apart)


def _watermark(order: list[str], done: frozenset[str]) -> Watermark:
    count = 0
    if len(done) > _REMEMBERED:
        count = sum(1 for _ in takewhile(done.__contains__, order))
    apart = [signature for signature in order[count:] if signature in done]
    folded = _sign(" ".join(order[:count]).encode())
    files = " ".join(apart[-_REMEMBERED:])
    return Watermark(json.dumps({"first": count, "folded": folded, "files": files}))
