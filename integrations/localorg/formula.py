"""Validation rules: parse a formula once, then ask whether a record trips it."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lark import Lark, Token, Tree
from lark.exceptions import LarkError

from integrations.localorg.store import Value

_PARSER = Lark(
    (Path(__file__).parent / "formula.lark").read_text("utf-8"), parser="lalr", maybe_placeholders=True
)
_ORDER: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
}  # fmt: skip
_FUNCTIONS = frozenset(
    {"AND", "OR", "NOT", "ISBLANK", "ISNULL", "ISCHANGED", "PRIORVALUE", "ISNEW", "ISPICKVAL", "TEXT", "LEN"}
)


class BadFormula(ValueError):
    """The formula does not parse, or uses a function or field that the org does not have."""


@dataclass(frozen=True)
class Occasion:
    """A record being written. before: None when it is new."""

    before: Mapping[str, Value] | None
    after: Mapping[str, Value]

    def value(self, name: str) -> Value:
        """The field as it will be."""
        return self.after.get(name)

    def prior(self, name: str) -> Value:
        """The field as it was; of a new record, as it will be."""
        return (self.after if self.before is None else self.before).get(name)


def check(formula: str, fields: frozenset[str]) -> None:
    """Look whether the org can evaluate the formula.

    raises: BadFormula.
    """
    tree = _parsed(formula)
    for node in tree.iter_subtrees():
        if node.data == "field" and str(node.children[0]) not in fields:
            raise BadFormula(f"Field {node.children[0]} does not exist. Check spelling.")
        if node.data == "call" and str(node.children[0]).upper() not in _FUNCTIONS:
            raise BadFormula(f"Unknown function {node.children[0]}. Check spelling.")


def trips(formula: str, occasion: Occasion) -> bool:
    """Whether the rule refuses this record."""
    return bool(_evaluate(_parsed(formula), occasion))


@lru_cache(maxsize=256)
def _parsed(formula: str) -> Tree[Token]:
    try:
        return _PARSER.parse(formula)
    except LarkError as error:
        raise BadFormula(f"Syntax error. {str(error).splitlines()[0]}") from error


def _evaluate(node: Tree[Token], occasion: Occasion) -> Value:
    parts = node.children
    if node.data in _NODES:
        return _NODES[node.data](parts, occasion)
    value = _evaluate(parts[0], occasion)  # type: ignore[arg-type]
    for sign, part in zip(parts[1::2], parts[2::2], strict=True):
        value = _binary(str(sign), value, _evaluate(part, occasion))  # type: ignore[arg-type]
    return value


def _binary(sign: str, left: Value, right: Value) -> Value:
    if sign in ("=", "=="):
        return left == right
    if sign in ("<>", "!="):
        return left != right
    if left is None or right is None:
        return None
    if sign in _ORDER:
        return _ORDER[sign](left, right)  # type: ignore[arg-type]
    return _ARITHMETIC[sign](left, right)  # type: ignore[arg-type]


def _call(parts: list[Tree[Token] | Token], occasion: Occasion) -> Value:
    name, *arguments = parts
    given = [each for each in arguments if isinstance(each, Tree)]
    function = str(name).upper()
    if function in ("ISCHANGED", "PRIORVALUE"):
        field = str(given[0].children[0])
        prior = occasion.prior(field)
        return prior if function == "PRIORVALUE" else occasion.value(field) != prior
    if function == "ISNEW":
        return occasion.before is None
    return _apply(function, [_evaluate(each, occasion) for each in given])


def _apply(function: str, values: list[Value]) -> Value:
    if function == "AND":
        return all(values)
    if function == "OR":
        return any(values)
    if function == "NOT":
        return not values[0]
    if function in ("ISBLANK", "ISNULL"):
        return values[0] is None or values[0] == ""
    if function == "ISPICKVAL":
        return (values[0] or "") == (values[1] or "")
    if function == "LEN":
        return len(str(values[0] or ""))
    return "" if values[0] is None else str(values[0])


def _constant(parts: list[Tree[Token] | Token], _: Occasion) -> Value:
    return {"true": True, "false": False}.get(str(parts[0]).lower())


_NODES: Mapping[str, Callable[[list[Tree[Token] | Token], Occasion], Value]] = {
    "number": lambda parts, _: float(str(parts[0])),
    "string": lambda parts, _: str(parts[0])[1:-1],
    "constant": _constant,
    "field": lambda parts, occasion: occasion.value(str(parts[0])),
    "call": _call,
    "minus": lambda parts, occasion: -float(_evaluate(parts[0], occasion) or 0),  # type: ignore[arg-type]
    "inverse": lambda parts, occasion: not _evaluate(parts[0], occasion),  # type: ignore[arg-type]
    "either_of": lambda parts, occasion: any(_evaluate(part, occasion) for part in parts),  # type: ignore[arg-type]
    "both_of": lambda parts, occasion: all(_evaluate(part, occasion) for part in parts),  # type: ignore[arg-type]
}
