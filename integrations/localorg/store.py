"""The org's SQLite file: schema, records, write log, calls and sessions, safe against SIGKILL."""

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from integrations.localorg.ids import new_id
from integrations.localorg.schema import KINDS, FieldDef, ObjectDef

Value = str | float | int | None
Row = dict[str, Value]

_OBJECT = TypeAdapter(ObjectDef)

_TABLES = """
CREATE TABLE IF NOT EXISTS sobject (name TEXT PRIMARY KEY, position INTEGER, json TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS write_log (
    n INTEGER PRIMARY KEY, at TEXT, user_id TEXT, action TEXT, object TEXT, record_id TEXT,
    before TEXT, after TEXT, request_id TEXT);
CREATE TABLE IF NOT EXISTS api_call (
    n INTEGER PRIMARY KEY, at TEXT, user_id TEXT, session TEXT, method TEXT, path TEXT, status INTEGER,
    request_id TEXT, client TEXT);
CREATE INDEX IF NOT EXISTS api_call_at ON api_call (at);
CREATE TABLE IF NOT EXISTS session (token TEXT PRIMARY KEY, user_id TEXT, expires_at TEXT, csrf TEXT);
CREATE TABLE IF NOT EXISTS client (
    client_id TEXT PRIMARY KEY, secret_salt TEXT, secret_hash TEXT, user_id TEXT);
CREATE TABLE IF NOT EXISTS client_key (client_id TEXT PRIMARY KEY, public_key TEXT);
CREATE TABLE IF NOT EXISTS password (user_id TEXT PRIMARY KEY, salt TEXT, hash TEXT);
CREATE TABLE IF NOT EXISTS deploy (id TEXT PRIMARY KEY, json TEXT NOT NULL);
"""


@dataclass(frozen=True)
class WriteEntry:
    """One record written: what changed, by whom, in which request.

    action: `create`, `update`, `delete`, `load` or `merge`.
    before, after: the fields that changed, with their values; a creation has no `before`.
    """

    n: int
    at: str
    user_id: str
    action: str
    object: str
    record_id: str
    before: Mapping[str, Value]
    after: Mapping[str, Value]
    request_id: str


@dataclass(frozen=True)
class ApiCall:
    """One request that counted against the org's daily limit. session: a digest, never the token."""

    at: str
    user_id: str
    session: str
    method: str
    path: str
    status: int
    request_id: str
    client: str


class Store:
    """Tables of records behind one lock; every statement runs inside `transaction` or alone."""

    def __init__(self, file: Path) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_TABLES)
        self.schema_version = 0
        self.objects: dict[str, ObjectDef] = self._stored_objects()

    def close(self) -> None:
        """Close the file; nothing may be asked afterwards."""
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, the schema included; inside another one, a savepoint."""
        with self._lock:
            begin, commit, rollback = self._brackets()
            schema = dict(self.objects)
            self._db.execute(begin)
            self._depth += 1
            try:
                yield
            except BaseException:
                for statement in rollback:
                    self._db.execute(statement)
                self.objects = schema
                self.schema_version += 1
                raise
            else:
                self._db.execute(commit)
            finally:
                self._depth -= 1

    def _brackets(self) -> tuple[str, str, tuple[str, ...]]:
        if self._depth == 0:
            return "BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",)
        name = f"level{self._depth}"
        return f"SAVEPOINT {name}", f"RELEASE {name}", (f"ROLLBACK TO {name}", f"RELEASE {name}")

    def rows(self, sql: str, values: Iterable[Value] = ()) -> list[Row]:
        """The rows of a SELECT."""
        with self._lock:
            return [dict(row) for row in self._db.execute(sql, tuple(values))]

    def tuples(self, sql: str, values: Iterable[Value] = ()) -> list[tuple[Value, ...]]:
        """The rows of a SELECT whose columns have no names of their own."""
        with self._lock:
            return [tuple(row) for row in self._db.execute(sql, tuple(values))]

    def run(self, sql: str, values: Iterable[Value] = ()) -> None:
        """One statement that changes something."""
        with self._lock:
            self._db.execute(sql, tuple(values))

    # Schema

    def _stored_objects(self) -> dict[str, ObjectDef]:
        stored = self._db.execute("SELECT json FROM sobject ORDER BY position").fetchall()
        each = (_OBJECT.validate_json(row["json"]) for row in stored)
        return {one.name: one for one in each}

    def put_object(self, new: ObjectDef) -> None:
        """Add an object or change it: its table gains the columns it lacks and loses none."""
        with self.transaction():
            old = self.objects.get(new.name)
            if old is None:
                columns = ", ".join(_column(each) for each in new.fields.values())
                self.run(f'CREATE TABLE "{new.name}" ({columns})')
                self._index(new, new.fields.values())
            else:
                added = [each for name, each in new.fields.items() if name not in old.fields]
                for each in added:
                    self.run(f'ALTER TABLE "{new.name}" ADD COLUMN {_column(each)}')
                self._index(new, added)
            self.run(
                "INSERT INTO sobject VALUES (?, (SELECT count(*) FROM sobject), ?) "
                "ON CONFLICT (name) DO UPDATE SET json = excluded.json",
                (new.name, _OBJECT.dump_json(new).decode()),
            )
            self.objects = {**self.objects, new.name: new}
            self.schema_version += 1

    def _index(self, owner: ObjectDef, fields: Iterable[FieldDef]) -> None:
        for each in fields:
            wanted = each.unique or each.external_id or each.reference_to or each.name == "SystemModstamp"
            if wanted and not each.name.endswith("ById"):
                self.run(
                    f'CREATE INDEX IF NOT EXISTS "{owner.name}_{each.name}" ON "{owner.name}" ("{each.name}")'
                )

    # Records

    def next_number(self, counter: str) -> int:
        """1, 2, 3, … per counter."""
        sql = (
            "INSERT INTO counter VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1 "
            "RETURNING value AS value"
        )
        return int(self.rows(sql, (counter,))[0]["value"] or 0)

    def next_id(self, prefix: str) -> str:
        """A fresh id with this key prefix."""
        return new_id(prefix, self.next_number(f"id {prefix}"))

    def get(self, object_name: str, record_id: str) -> Row | None:
        """One record, deleted ones included."""
        found = self.rows(f'SELECT * FROM "{object_name}" WHERE Id = ?', (record_id,))  # noqa: S608 known object
        return found[0] if found else None

    def find(self, object_name: str, **equal: Value) -> list[Row]:
        """Records that are not deleted and have these values."""
        where = " AND ".join(f'"{name}" IS ?' for name in equal) or "1"
        sql = f'SELECT * FROM "{object_name}" WHERE IsDeleted = 0 AND {where}'  # noqa: S608 known names
        return self.rows(sql, equal.values())

    def insert(self, object_name: str, row: Mapping[str, Value]) -> None:
        """Add a record as it is."""
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" * len(row))
        self.run(f'INSERT INTO "{object_name}" ({names}) VALUES ({marks})', row.values())  # noqa: S608 known names

    def update(self, object_name: str, record_id: str, changes: Mapping[str, Value]) -> None:
        """Set these fields of a record."""
        sets = ", ".join(f'"{name}" = ?' for name in changes)
        self.run(f'UPDATE "{object_name}" SET {sets} WHERE Id = ?', (*changes.values(), record_id))  # noqa: S608

    # Logs

    def log_write(
        self,
        at: str,
        user_id: str,
        action: str,
        target: tuple[str, str],
        before: Mapping[str, Value],
        after: Mapping[str, Value],
        request_id: str,
    ) -> None:
        """Note one record written. target: object and id."""
        self.run(
            "INSERT INTO write_log (at, user_id, action, object, record_id, before, after, request_id) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (at, user_id, action, *target, json.dumps(before), json.dumps(after), request_id),
        )

    def write_log(self, since: int = 0, object_name: str | None = None) -> list[WriteEntry]:
        """Every write in the order it was applied. since: leaves out entries up to this number."""
        rows = self.rows(
            "SELECT * FROM write_log WHERE n > ? AND (? IS NULL OR object = ?) ORDER BY n",
            (since, object_name, object_name),
        )
        return [
            WriteEntry(
                **{**row, "before": json.loads(str(row["before"])), "after": json.loads(str(row["after"]))}
            )
            for row in rows
        ]

    def log_call(self, call: ApiCall) -> None:
        """Note one request."""
        self.run(
            "INSERT INTO api_call (at, user_id, session, method, path, status, request_id, client) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                call.at,
                call.user_id,
                call.session,
                call.method,
                call.path,
                call.status,
                call.request_id,
                call.client,
            ),
        )

    def api_calls(self, session: str | None = None) -> list[ApiCall]:
        """The requests so far, oldest first, of all sessions or of one (see `auth.session_digest`)."""
        rows = self.rows(
            "SELECT at, user_id, session, method, path, status, request_id, client FROM api_call "
            "WHERE ? IS NULL OR session = ? ORDER BY n",
            (session, session),
        )
        return [ApiCall(**row) for row in rows]  # type: ignore[arg-type]

    def calls_since(self, at: str) -> int:
        """How many requests came after this instant."""
        return int(self.rows("SELECT count(*) AS n FROM api_call WHERE at > ?", (at,))[0]["n"] or 0)


def _column(definition: FieldDef) -> str:
    kind = KINDS[definition.kind].column
    if definition.case_sensitive:
        kind = "TEXT"
    primary = " PRIMARY KEY" if definition.name == "Id" else ""
    default = " DEFAULT 0" if definition.kind == "Checkbox" else ""
    return f'"{definition.name}" {kind}{primary}{default}'
