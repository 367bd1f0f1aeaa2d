"""Usage and activity from a warehouse, by a query file that an admin may change."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Connection,
    DateTime,
    String,
    TextClause,
    bindparam,
    create_engine,
    make_url,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.types import TypeEngine

from integrations.errors import Retryable, SetupError
from integrations.interfaces import Batch, Rejected, Watermark
from integrations.sources.fact_rows import (
    USAGE,
    Columns,
    FactShape,
    RowReader,
    activity,
    fact_table,
    read_all,
    schema_of,
)
from integrations.sources.overlap import Cursor, Stretch, read_cursors, write_cursors
from integrations.sources.values import BadValue, Clock, Reading

_BEGINNING = datetime(1990, 1, 1, tzinfo=UTC)
_FARTHEST_WEST = timedelta(hours=12)
_AWAY = (
    "locked",
    "unable to open",
    "timeout",
    "timed out",
    "could not",
    "connection",
    "starting up",
    "too many",
)
"""What drivers say when the database, rather than the query, is the trouble."""


@dataclass(frozen=True)
class SqlSettings:
    """Where a fact is queried.

    url: of SQLAlchemy; may hold a password. query: SQL file with the bind `:since`, in the order of
        `loaded_at`. columns: as the query names them.
    loaded_at: the query's column that says when a row was written; rows are fetched by it.
    overlap: how late a row may show behind rows written after it.
    timezone: of times that name none. kinds: foreign names of kinds of activity to ours.
    """

    name: str
    url: str = field(repr=False)
    query: Path
    columns: Columns
    loaded_at: str = "loaded_at"
    overlap: timedelta = timedelta(minutes=30)
    timezone: str = "UTC"
    batch_rows: int = 50_000
    kinds: Mapping[str, str] = field(default_factory=dict)


class _SqlTable:
    """A fact from a query, fetched by when its rows were written."""

    def __init__(self, settings: SqlSettings, shape: FactShape, clock: Clock) -> None:
        self.name = settings.name
        self._settings, self._shape, self._clock = settings, shape, clock
        self._reading = Reading(clock, settings.timezone)
        self._schema = schema_of(shape)
        self._where = f"{self.name}: {settings.query.name}"
        self._zoned: bool | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name}, {self._settings.query.name})"

    def pull(self, since: Watermark) -> Iterator[Batch]:
        """Rows written since the watermark; the overlap before it too, where anything changed there."""
        cursor = read_cursors(self.name, since).get("loaded_at")
        stretch = Stretch(self._settings.overlap)
        after: datetime | None = None
        start = _BEGINNING
        if cursor is not None:
            start = cursor.at - self._settings.overlap
            if self._unchanged(cursor, start, stretch):
                start = after = cursor.at
            else:
                stretch = Stretch(self._settings.overlap)
        with self._rows(start) as (reader, chunks):
            for chunk in chunks:
                placed, rejected = self._placed(reader, chunk)
                new = [(at, raw) for at, raw in placed if at >= start and (after is None or at > after)]
                for at, raw in new:
                    stretch.add(at, raw)
                rows, bad = read_all(reader.reader, (raw for _, raw in new))
                if rows or bad or rejected:
                    mark = write_cursors({"loaded_at": stretch.cursor()}) if stretch else since
                    table = fact_table(rows, self._schema)
                    yield Batch(self._shape.fact, table, mark, (*rejected, *bad))

    def check(self) -> str:
        """Run the query for the newest rows only."""
        with self._rows(self._clock()) as (reader, _):
            return f"{len(reader.header)} columns: {', '.join(reader.header)}"

    def _unchanged(self, cursor: Cursor, start: datetime, stretch: Stretch) -> bool:
        """Whether the overlap holds what it held when the watermark was written."""
        with self._rows(start) as (reader, chunks):
            for chunk in chunks:
                for at, raw in self._placed(reader, chunk)[0]:
                    if at > cursor.at:
                        return stretch.matches(cursor)
                    if at >= start:
                        stretch.add(at, raw)
        return stretch.matches(cursor)

    def _placed(
        self, reader: "_Reader", chunk: Sequence[Sequence[object]]
    ) -> tuple[list[tuple[datetime, tuple[object, ...]]], list[Rejected]]:
        """The rows with the instant each was written, and those without a credible one."""
        placed, rejected = [], []
        for raw in chunk:
            try:
                at = self._reading.time(raw[reader.loaded_at])
            except BadValue as error:
                trouble = BadValue(f"{self._settings.loaded_at} {error}")
                rejected.append(reader.reader.rejected(raw, trouble))
                continue
            if at < reader.last:
                raise SetupError(
                    f"{self._where}: rows do not come in the order of {self._settings.loaded_at}; "
                    f"end the query with ORDER BY {self._settings.loaded_at}"
                )
            reader.last = at
            placed.append((at, tuple(raw)))
        return placed, rejected

    @contextmanager
    def _rows(self, start: datetime) -> Iterator[tuple["_Reader", Iterator[Sequence[Sequence[object]]]]]:
        """The query's rows from `start` on, in chunks.

        raises: Retryable where the warehouse is away, SetupError where it refuses the query.
        """
        with self._translated(), self._connected() as connection:
            since, kind = self._since(connection, start)
            with connection.execute(self._statement(kind), {"since": since}) as result:
                yield self._reader(list(result.keys())), result.partitions(self._settings.batch_rows)

    def _since(self, connection: Connection, start: datetime) -> tuple[str | datetime, TypeEngine[Any]]:
        """`start` in the words of the warehouse's column, and the type to bind it as."""
        if connection.dialect.name == "sqlite":
            # Text compares right with a day whatever else stands in it: "2026-03-01" comes before
            # "2026-03-01 06:00" and "2026-03-01T06:00:00Z". The day that it is then farthest west, since
            # a text may name its own zone. The rest is left out after reading.
            return (start - _FARTHEST_WEST).strftime("%Y-%m-%d"), String()
        if self._names_zone(connection, start):
            return start, DateTime(timezone=True)
        local = start.astimezone(ZoneInfo(self._settings.timezone))
        return local.replace(tzinfo=None), DateTime(timezone=False)

    def _names_zone(self, connection: Connection, start: datetime) -> bool:
        """Whether the column's times name their zone; one without rows since `start` might as well not."""
        if self._zoned is None:
            with connection.execute(self._statement(DateTime(timezone=True)), {"since": start}) as result:
                header, row = list(result.keys()), result.fetchone()
            if row is None:
                return False
            written = row[self._reader(header).loaded_at]
            self._zoned = isinstance(written, datetime) and written.tzinfo is not None
        return self._zoned

    def _statement(self, kind: TypeEngine[Any]) -> TextClause:
        return text(self._query_text()).bindparams(bindparam("since", type_=kind))

    def _reader(self, header: list[str]) -> "_Reader":
        if self._settings.loaded_at not in header:
            raise SetupError(
                f"{self._where} gave no column '{self._settings.loaded_at}' (got {', '.join(header)}); "
                f"rename it in {self._settings.query}, or set loaded_at in config.toml"
            )
        reader = RowReader(self._shape, self._settings.columns, self._reading, header, self._where)
        return _Reader(reader, header, header.index(self._settings.loaded_at))

    def _query_text(self) -> str:
        try:
            lines = self._settings.query.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise SetupError(f"{self.name}: query {self._settings.query} cannot be read ({error})") from error
        # Comments may speak of :since too, which would count as one more bind.
        query = "\n".join(line for line in lines if not line.lstrip().startswith("--"))
        if ":since" not in query:
            raise SetupError(f"{self._where} has no :since; it must fetch only rows written at or after it")
        return query

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        """A connection that cannot write."""
        url = make_url(self._settings.url)
        sqlite = url.get_backend_name() == "sqlite"
        if sqlite and not Path(url.database or "").is_file():
            raise SetupError(f"{self.name}: there is no database at {url.database}; see url in config.toml")
        engine = create_engine(url)
        try:
            with engine.connect() as plain:
                connection = plain.execution_options(stream_results=True, postgresql_readonly=True)
                if sqlite:
                    connection.exec_driver_sql("PRAGMA query_only = ON")
                yield connection
        finally:
            engine.dispose()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (ArgumentError, NoSuchModuleError) as error:
            raise SetupError(f"{self.name}: url in config.toml is no database URL that works here") from error
        except ModuleNotFoundError as error:
            raise SetupError(
                f"{self.name}: url in config.toml asks for the driver {error.name}, which is not installed; "
                "install it, or name another (postgresql+psycopg://...)"
            ) from error
        except DBAPIError as error:
            words = self._without_password(str(error.orig))
            if error.connection_invalidated or any(sign in words.lower() for sign in _AWAY):
                raise Retryable(
                    f"{self.name}: the warehouse does not answer ({words}); tried again later"
                ) from error
            raise SetupError(
                f"{self._where}: the warehouse refused ({words}); run the query by hand with the same login"
            ) from error

    def _without_password(self, words: str) -> str:
        password = make_url(self._settings.url).password
        return words.replace(str(password), "***") if password else words


@dataclass
class _Reader:
    """One reading of the query: its header, and how far it has come."""

    reader: RowReader
    header: list[str]
    loaded_at: int
    last: datetime = _BEGINNING


class SqlUsage(_SqlTable):
    """Daily usage from a query: `usage_daily`."""

    def __init__(self, settings: SqlSettings, clock: Clock) -> None:
        super().__init__(settings, USAGE, clock)


class SqlActivity(_SqlTable):
    """Visits, events, trainings, tickets and surveys from a query: `activity`."""

    def __init__(self, settings: SqlSettings, clock: Clock) -> None:
        super().__init__(settings, activity(settings.kinds), clock)
