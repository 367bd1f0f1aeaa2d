"""Running SOQL: a parsed query to SQL and its rows to records as the REST API shows them."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from integrations.localorg.filters import FilterCompiler, Sql
from integrations.localorg.permissions import Access
from integrations.localorg.refusals import Refusal, invalid_type, no_such_column, no_such_relationship
from integrations.localorg.schema import KINDS, FieldDef, ObjectDef
from integrations.localorg.soql import Aggregate, Ordering, Path, Query, parse
from integrations.localorg.store import Store, Value

Record = dict[str, object]

MAX_OFFSET = 2000
MAX_PARENTS = 5


@dataclass(frozen=True)
class Asker:
    """For whom and when a query runs. version: of the API, for the URLs in the answer."""

    access: Access
    now: datetime
    version: str
    tooling: bool = False
    include_deleted: bool = False


@dataclass(frozen=True)
class Answered:
    """All the records of a query. total: what `totalSize` says (a bare COUNT() has no records)."""

    total: int
    records: list[Record]


@dataclass
class _Node:
    """Selected fields of one object along a relationship: a column number, or a further node."""

    target: ObjectDef
    alias: str
    id_column: int = -1
    leaves: dict[str, "int | _Node"] = field(default_factory=dict)
    reads: dict[int, FieldDef] = field(default_factory=dict)


def run(store: Store, text: str, asker: Asker) -> Answered:
    """The answer to a query.

    raises: Refusal.
    """
    query = parse(text)
    return _Run(store, query, asker, query.entity).answer()


class _Run:
    """One query (or sub-query) on its way to SQL."""

    def __init__(
        self,
        store: Store,
        query: Query,
        asker: Asker,
        entity: str,
        parent: tuple[FieldDef, str] | None = None,
    ):
        self._store = store
        self._query = query
        self._asker = asker
        self._parent = parent
        self.target = self._object(entity)
        self._joins: dict[tuple[str, ...], tuple[str, ObjectDef]] = {(): ("t0", self.target)}
        self._join_sql: list[str] = []
        self._columns: list[str] = []

    def answer(self) -> Answered:
        if self._query.offset > MAX_OFFSET:
            raise Refusal(400, "NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {MAX_OFFSET}")
        aggregates = any(isinstance(each, Aggregate) for each in self._query.selection)
        if aggregates or self._query.group:
            return self._aggregate()
        return self._records()

    def _object(self, name: str) -> ObjectDef:
        folded = name.lower()
        found = next((each for key, each in self._store.objects.items() if key.lower() == folded), None)
        served = found is not None and (found.tooling if self._asker.tooling else found.rest)
        if found is None or not served or not self._asker.access.may("Read", found):
            raise invalid_type(name)
        return found

    # Fields

    def column(self, path: Path) -> tuple[str, FieldDef]:
        """The SQL column and the field of a path."""
        alias, owner, name = self._walk(path)
        found = owner.field(name)
        if found is None or not self._asker.access.sees(owner, found):
            raise no_such_column(self._query.text, path.at, name, owner.name)
        return f'{alias}."{found.name}"', found

    def _walk(self, path: Path) -> tuple[str, ObjectDef, str]:
        *relations, name = path.parts
        if relations and relations[0].lower() == self.target.name.lower():
            relations = relations[1:]
        key: tuple[str, ...] = ()
        for relation in relations:
            key = self._join(key, relation, path)
        alias, owner = self._joins[key]
        return alias, owner, name

    def _join(self, key: tuple[str, ...], relation: str, path: Path) -> tuple[str, ...]:
        alias, owner = self._joins[key]
        link = owner.parent(relation) if len(key) < MAX_PARENTS else None
        if link is None or not self._asker.access.sees(owner, link):
            raise no_such_relationship(self._query.text, path.at, relation)
        further = (*key, link.relationship)
        if further not in self._joins:
            new = f"t{len(self._joins)}"
            self._joins[further] = (new, self._store.objects[link.reference_to])
            self._join_sql.append(
                f'LEFT JOIN "{link.reference_to}" {new} ON {new}.Id = {alias}."{link.name}"'
            )
        return further

    # SQL

    def _add(self, sql: str) -> int:
        self._columns.append(sql)
        return len(self._columns) - 1

    def _filters(self) -> FilterCompiler:
        return FilterCompiler(self.column, self._semi_join, self._asker.now)

    def _semi_join(self, query: Query) -> Sql:
        inner = _Run(self._store, query, self._asker, query.entity)
        if len(query.selection) != 1 or not isinstance(query.selection[0], Path):
            raise Refusal(400, "MALFORMED_QUERY", "semi join sub-selects select exactly one field")
        column, _ = inner.column(query.selection[0])
        inner._add(column)
        where, values = inner._where()
        return f"{inner._from()} {where} AND {column} IS NOT NULL", values

    def _where(self) -> Sql:
        parts: list[str] = ["1"]
        values: list[Value] = []
        deleted = self._asker.include_deleted or self._query.all_rows
        if "IsDeleted" in self.target.fields and not deleted:
            parts.append("t0.IsDeleted = 0")
        if self._parent is not None:
            parts.append(f't0."{self._parent[0].name}" = ?')
            values.append(self._parent[1])
        if self._query.where is not None:
            sql, more = self._filters().condition(self._query.where)
            parts.append(sql)
            values.extend(more)
        return "WHERE " + " AND ".join(parts), values

    def _from(self) -> str:
        columns = ", ".join(self._columns) or "1"
        return f'SELECT {columns} FROM "{self.target.name}" t0 {" ".join(self._join_sql)}'  # noqa: S608 resolved names

    def _rows(self) -> list[tuple[Value, ...]]:
        where, values = self._where()
        order = self._ordered()
        group = ", ".join(self.column(path)[0] for path in self._query.group)
        sql = " ".join((self._from(), where, f"GROUP BY {group}" if group else "", order))
        limit = -1 if self._query.limit is None else self._query.limit
        return self._store.tuples(f"{sql} LIMIT {limit} OFFSET {self._query.offset}", values)

    def _ordered(self) -> str:
        keys = [self._sort_key(each) for each in self._query.order]
        return f"ORDER BY {', '.join(keys)}" if keys else ""

    def _sort_key(self, ordering: Ordering) -> str:
        if isinstance(ordering.by, Aggregate):
            sql = self._function(ordering.by)
        else:
            sql, found = self.column(ordering.by)
            if not KINDS[found.kind].filterable:
                raise Refusal(400, "INVALID_FIELD", f"field '{found.name}' can not be sorted in a query call")
        direction, nulls = (
            "DESC" if ordering.descending else "ASC",
            "LAST" if ordering.nulls_last else "FIRST",
        )
        return f"{sql} {direction} NULLS {nulls}"

    # Records

    def _records(self) -> Answered:
        root = _Node(self.target, "t0")
        root.id_column = self._add('t0."Id"')
        children: list[tuple[str, Query, FieldDef, ObjectDef]] = []
        for each in self._query.selection:
            if isinstance(each, Path):
                self._select(root, each)
            elif isinstance(each, Query):
                children.append(self._child(each))
        rows = self._rows()
        self._check_metadata(root, len(rows))
        records = [self._shaped(root, row) for row in rows]
        for name, query, link, target in children:
            for row, record in zip(rows, records, strict=True):
                record[name] = self._children(query, link, target, str(row[root.id_column]))
        return Answered(len(records), records)

    def _check_metadata(self, root: _Node, size: int) -> None:
        if size > 1 and not {"Metadata", "FullName"}.isdisjoint(root.leaves):
            raise Refusal(
                400,
                "MALFORMED_QUERY",
                "When retrieving results with Metadata or FullName fields, the query "
                f"qualifications must specify no more than one row for retrieval. Result size: {size}",
            )

    def _select(self, root: _Node, path: Path) -> None:
        alias, _, _ = self._walk(path)
        column, found = self.column(path)
        node = root
        key = next(key for key, (used, _) in self._joins.items() if used == alias)
        for depth in range(1, len(key) + 1):
            used, target = self._joins[key[:depth]]
            if key[depth - 1] not in node.leaves:
                further = _Node(target, used)
                further.id_column = self._add(f'{used}."Id"')
                node.leaves[key[depth - 1]] = further
            inner = node.leaves[key[depth - 1]]
            assert isinstance(inner, _Node)  # noqa: S101 relationship and field names differ
            node = inner
        if found.name in node.leaves:
            raise Refusal(400, "MALFORMED_QUERY", f"duplicate field selected: {found.name}")
        node.leaves[found.name] = self._add(column)
        node.reads[len(self._columns) - 1] = found

    def _shaped(self, node: _Node, row: tuple[Value, ...]) -> Record:
        record: Record = {"attributes": self.attributes(node.target.name, str(row[node.id_column]))}
        for name, leaf in node.leaves.items():
            if isinstance(leaf, _Node):
                record[name] = self._shaped(leaf, row) if row[leaf.id_column] is not None else None
            else:
                record[name] = shown(node.reads[leaf], row[leaf])
        return record

    def attributes(self, name: str, record_id: str) -> Record:
        """The `attributes` of a record in an answer."""
        place = "tooling/sobjects" if self._asker.tooling else "sobjects"
        return {"type": name, "url": f"/services/data/v{self._asker.version}/{place}/{name}/{record_id}"}

    def _child(self, query: Query) -> tuple[str, Query, FieldDef, ObjectDef]:
        for target in self._store.objects.values():
            for link in target.fields.values():
                mine = link.reference_to == self.target.name and link.children.lower() == query.entity.lower()
                if mine and self._asker.access.may("Read", target) and self._asker.access.sees(target, link):
                    return link.children, query, link, target
        raise invalid_type(query.entity)

    def _children(self, query: Query, link: FieldDef, target: ObjectDef, parent_id: str) -> Record | None:
        found = _Run(self._store, query, self._asker, target.name, (link, parent_id)).answer()
        return {"totalSize": found.total, "done": True, "records": found.records} if found.total else None

    # Aggregates

    def _aggregate(self) -> Answered:
        only = self._query.selection[0]
        if isinstance(only, Aggregate) and only.path is None and not self._query.group:
            if len(self._query.selection) > 1:
                raise Refusal(400, "MALFORMED_QUERY", "COUNT() must be the only element in the SELECT list")
            self._add("1")
            return Answered(len(self._rows()), [])
        readers = [self._aggregated(each) for each in self._query.selection]
        names = self._names()
        records: list[Record] = []
        for row in self._rows():
            values = (read(value) for read, value in zip(readers, row, strict=True))
            records.append(
                {"attributes": {"type": "AggregateResult"}, **dict(zip(names, values, strict=True))}
            )
        return Answered(len(records), records)

    def _names(self) -> list[str]:
        names: list[str] = []
        unnamed = 0
        for each in self._query.selection:
            if isinstance(each, Path):
                names.append(self.column(each)[1].name)
            elif isinstance(each, Aggregate):
                names.append(each.alias or f"expr{unnamed}")
                unnamed += each.alias is None
        return names

    def _aggregated(self, each: Path | Aggregate | Query) -> Callable[[Value], object]:
        if isinstance(each, Query):
            raise Refusal(400, "MALFORMED_QUERY", "a grouped query has no sub-query")
        if isinstance(each, Aggregate):
            self._add(self._function(each))
            kind = self.column(each.path)[1] if each.path and not each.function.startswith("count") else None
            return lambda value: value if kind is None else shown(kind, value)
        column, found = self.column(each)
        if column not in {self.column(path)[0] for path in self._query.group}:
            raise Refusal(400, "MALFORMED_QUERY", f"Field must be grouped or aggregated: {found.name}")
        if not KINDS[found.kind].filterable:
            raise Refusal(400, "INVALID_FIELD", f"field '{found.name}' can not be grouped in a query call")
        self._add(column)
        return lambda value: shown(found, value)

    def _function(self, aggregate: Aggregate) -> str:
        if aggregate.path is None:
            raise Refusal(400, "MALFORMED_QUERY", "unexpected token: )")
        column, found = self.column(aggregate.path)
        if not KINDS[found.kind].filterable:
            raise Refusal(400, "INVALID_FIELD", f"field '{found.name}' can not be aggregated in a query call")
        if aggregate.function == "count_distinct":
            return f"count(DISTINCT {column})"
        return f"{aggregate.function}({column})"


def shown(definition: FieldDef, value: Value) -> object:
    """A stored value as JSON shows it."""
    if value is None:
        return None
    if definition.kind == "Checkbox":
        return bool(value)
    if definition.kind == "AnyType":
        return json.loads(str(value))
    return value
