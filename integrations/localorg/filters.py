"""WHERE clauses: SOQL conditions to SQL, with Salesforce's rules on which literal fits which field.

SOQL knows no third truth value: a comparison with null is true or false, and NOT turns it round. So `=`
becomes SQL's IS, and the rest counts null as false.
"""

from collections.abc import Callable
from datetime import date, datetime

from integrations.localorg.ids import full_id
from integrations.localorg.instants import parse_datetime, relative_range, wire
from integrations.localorg.refusals import Refusal
from integrations.localorg.schema import KINDS, NUMBER_KINDS, TEXT_KINDS, FieldDef
from integrations.localorg.soql import Both, Comparison, Condition, Literal, Negation, Path, Query
from integrations.localorg.store import Value

Sql = tuple[str, list[Value]]
Resolve = Callable[[Path], tuple[str, FieldDef]]

_ACCEPTS = {"Date": {"date", "relative"}, "DateTime": {"datetime", "relative"}, "Checkbox": {"boolean"}}


class FilterCompiler:
    """Conditions of one query to SQL.

    resolve: a path to its SQL column and field. subselect: a semi-join's query to SQL.
    """

    def __init__(self, resolve: Resolve, subselect: Callable[[Query], Sql], now: datetime) -> None:
        self._resolve = resolve
        self._subselect = subselect
        self._now = now

    def condition(self, condition: Condition) -> Sql:
        """SQL that is 0 or 1, never null."""
        if isinstance(condition, Negation):
            sql, values = self.condition(condition.part)
            return f"NOT {sql}", values
        if isinstance(condition, Both):
            parts = [self.condition(part) for part in condition.parts]
            joined = f" {condition.joint} ".join(sql for sql, _ in parts)
            return f"({joined})", [value for _, values in parts for value in values]
        return self._comparison(condition)

    def _comparison(self, comparison: Comparison) -> Sql:
        column, field = self._resolve(comparison.path)
        if not KINDS[field.kind].filterable:
            raise Refusal(400, "INVALID_FIELD", f"field '{field.name}' can not be filtered in a query call")
        if isinstance(comparison.values, Query):
            sql, values = self._subselect(comparison.values)
            return self._among(column, comparison.operator, f"({sql})", values)
        if comparison.operator in ("in", "not in"):
            return self._listed(column, field, comparison.operator, comparison.values)
        literal = comparison.values[0]
        if literal.kind == "relative":
            return self._relative(column, field, comparison.operator, literal)
        value = literal_value(field, literal)
        return _compared(column, field, comparison.operator, value)

    def _listed(self, column: str, field: FieldDef, operator: str, literals: tuple[Literal, ...]) -> Sql:
        values = [literal_value(field, each) for each in literals]
        marks = ", ".join("?" for value in values if value is not None)
        sql, used = self._among(column, "in", f"({marks})", [value for value in values if value is not None])
        if None in values:
            sql = f"({sql} OR {column} IS NULL)"
        return (f"NOT {sql}" if operator == "not in" else sql), used

    def _among(self, column: str, operator: str, members: str, values: list[Value]) -> Sql:
        sql = f"ifnull({column} IN {members}, 0)"
        return (f"NOT {sql}" if operator == "not in" else sql), values

    def _relative(self, column: str, field: FieldDef, operator: str, literal: Literal) -> Sql:
        _check(field, literal)
        start, end = (_edge(field, day) for day in relative_range(literal.text, self._now))
        inside = f"ifnull({column} >= ? AND {column} < ?, 0)"
        shapes: dict[str, Sql] = {
            "=": (inside, [start, end]),
            "!=": (f"NOT {inside}", [start, end]),
            "<": (f"ifnull({column} < ?, 0)", [start]),
            ">": (f"ifnull({column} >= ?, 0)", [end]),
            "<=": (f"ifnull({column} < ?, 0)", [end]),
            ">=": (f"ifnull({column} >= ?, 0)", [start]),
        }
        return shapes[operator]


def _edge(field: FieldDef, day: date) -> Value:
    return day.isoformat() if field.kind == "Date" else f"{day.isoformat()}T00:00:00.000+0000"


def _compared(column: str, field: FieldDef, operator: str, value: Value) -> Sql:
    if operator in ("=", "!="):
        return f"({column} {'IS' if operator == '=' else 'IS NOT'} ?)", [value]
    if operator == "like":
        if field.kind not in TEXT_KINDS:
            raise _bad_operator(field)
        return f"ifnull({column} LIKE ? ESCAPE '\\', 0)", [value]
    if field.kind == "Checkbox":
        raise _bad_operator(field)
    return f"ifnull({column} {operator} ?, 0)", [value]


def _bad_operator(field: FieldDef) -> Refusal:
    return Refusal(400, "INVALID_QUERY_FILTER_OPERATOR", f"invalid operator on {field.describe_type} field")


def literal_value(field: FieldDef, literal: Literal) -> Value:
    """What the column is compared with.

    raises: Refusal where the literal does not fit the field.
    """
    if literal.kind == "null":
        return None
    _check(field, literal)
    if literal.kind == "boolean":
        return int(literal.text == "true")
    if literal.kind == "number":
        return float(literal.text)
    if literal.kind == "datetime":
        return wire(parse_datetime(literal.text))
    if (
        field.describe_type in ("id", "reference")
        and literal.text
        and field.reference_to != "EntityDefinition"
    ):
        found = full_id(literal.text)
        if found is None:
            raise Refusal(400, "INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {literal.text}")
        return found
    return literal.text or None


def _check(field: FieldDef, literal: Literal) -> None:
    accepted = _ACCEPTS.get(field.kind) or ({"number"} if field.kind in NUMBER_KINDS else {"string"})
    if literal.kind in accepted:
        return
    quoted = "should be enclosed in quotes" if accepted == {"string"} else "should not be enclosed in quotes"
    kind = "dateTime" if field.kind == "DateTime" else field.describe_type
    raise Refusal(
        400,
        "INVALID_FIELD",
        f"value of filter criterion for field '{field.name}' must be of type {kind} and {quoted}",
    )
