"""Which columns of which facts a feature is computed from, as its expression says itself."""

from collections.abc import Iterator
from datetime import UTC, datetime

import ibis.expr.operations as ops

from models.features.feature import Feature
from models.tables import Facts

_ANY_CUT = datetime(2000, 1, 1, tzinfo=UTC)
KEY = "account_id"


def columns_read(feature: Feature, facts: Facts) -> tuple[tuple[str, str], ...]:
    """(fact, column) of all that decides the value, in order, without `account_id`, which all have.

    Followed are the value itself and the conditions of its rows: filters, joins and groups.

    facts: unbound tables, named as the facts.
    """
    rows = feature.rows(facts, _ANY_CUT)
    trace = _Trace()
    trace.value(feature.value(rows).op())
    trace.conditions(rows.op())
    return tuple(sorted(trace.found))


class _Trace:
    """Walks an expression down to the tables it starts from."""

    def __init__(self) -> None:
        self.found: set[tuple[str, str]] = set()
        self._seen: set[ops.Node] = set()

    def value(self, node: ops.Node) -> None:
        """A value and what it is made of."""
        if node in self._seen:
            return
        self._seen.add(node)
        if isinstance(node, ops.Field):
            self._column(node)
            return
        for child in _children(node):
            if isinstance(child, ops.Relation):
                self.conditions(child)
            else:
                self.value(child)

    def conditions(self, relation: ops.Relation) -> None:
        """What decides which rows a relation has."""
        if relation in self._seen:
            return
        self._seen.add(relation)
        if isinstance(relation, ops.Filter):
            self._all(relation.predicates)
        elif isinstance(relation, ops.Aggregate):
            self._all(relation.groups.values())
        elif isinstance(relation, ops.JoinChain):
            for link in relation.rest:
                self._all(link.predicates)
        elif isinstance(relation, ops.Distinct):
            self._all(relation.parent.fields.values())
        for child in _children(relation):
            for below in [child.table] if isinstance(child, ops.JoinLink) else [child]:
                if isinstance(below, ops.Relation):
                    self.conditions(below)

    def _column(self, field: ops.Field) -> None:
        relation = field.rel
        if isinstance(relation, ops.UnboundTable):
            if field.name != KEY:
                self.found.add((relation.name, field.name))
        elif isinstance(relation, ops.Set):
            self.value(ops.Field(relation.left, field.name))
            self.value(ops.Field(relation.right, field.name))
        else:
            self.value(relation.values[field.name])
        self.conditions(relation)

    def _all(self, values: Iterator[ops.Node]) -> None:
        for each in values:
            self.value(each)


def _children(node: ops.Node) -> Iterator[ops.Node]:
    return iter(node.__children__)
