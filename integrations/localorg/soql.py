"""SOQL text to a tree; strict: whatever the grammar does not know is MALFORMED_QUERY."""

import re
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, cast

from lark import Lark, Token, Transformer, UnexpectedInput
from lark.exceptions import VisitError

from integrations.localorg.refusals import Refusal

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "'": "'", '"': '"', "\\": "\\"}


@dataclass(frozen=True)
class Path:
    """A field, seen from the queried object: (`Owner`, `Name`). at: where it stands in the text."""

    parts: tuple[str, ...]
    at: int


@dataclass(frozen=True)
class Aggregate:
    """`COUNT()`, `COUNT(Id) n`, `MAX(CreatedDate)`. name: as written."""

    function: str
    path: Path | None
    alias: str | None


@dataclass(frozen=True)
class Literal:
    """A constant. kind: `string`, `number`, `datetime`, `date`, `boolean`, `null` or `relative`."""

    kind: str
    text: str


@dataclass(frozen=True)
class Comparison:
    """operator: `= != < <= > >= like in not in`."""

    path: Path
    operator: str
    values: "tuple[Literal, ...] | Query"


@dataclass(frozen=True)
class Both:
    """joint: `AND` or `OR` over all the parts."""

    joint: str
    parts: "tuple[Condition, ...]"


@dataclass(frozen=True)
class Negation:
    """NOT."""

    part: "Condition"


Condition = Comparison | Both | Negation


@dataclass(frozen=True)
class Ordering:
    """One sort key; nulls come first unless told otherwise."""

    by: Path | Aggregate
    descending: bool
    nulls_last: bool


@dataclass(frozen=True)
class Query:
    """A parsed query. text: as it was sent, for messages that point into it."""

    text: str
    selection: "tuple[Path | Aggregate | Query, ...]"
    entity: str
    where: Condition | None
    group: tuple[Path, ...]
    order: tuple[Ordering, ...]
    limit: int | None
    offset: int
    all_rows: bool


def unescape(text: str) -> str:
    """The text of a quoted literal."""
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), text[1:-1])


def unescape_pattern(text: str) -> str:
    """The pattern of a LIKE: an escaped `%`, `_` or backslash keeps its backslash, and stands for itself."""
    return re.sub(r"\\(.)", lambda match: match[0] if match[1] in "%_\\" else _ESCAPES[match[1]], text[1:-1])


class _Build(Transformer[Token, Query]):
    """Parse tree to the classes above."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def path(self, items: list[Token]) -> Path:
        return Path(tuple(str(item) for item in items), items[0].start_pos or 0)

    def aggregate(self, items: list[Token | Path | None]) -> Aggregate:
        function, path, alias = items
        assert path is None or isinstance(path, Path)  # noqa: S101 the grammar says so
        return Aggregate(str(function).lower(), path, None if alias is None else str(alias))

    def value(self, items: list[Token]) -> Literal:
        token = items[0]
        kind = {"TRUE": "boolean", "FALSE": "boolean", "RELATIVE_N": "relative"}.get(
            token.type, token.type.lower()
        )
        return Literal(kind, unescape(token) if kind == "string" else str(token).lower())

    def values(self, items: list[Literal]) -> tuple[Literal, ...]:
        return tuple(items)

    def subselect(self, items: list[Query]) -> Query:
        return items[0]

    child = subselect

    def comparison(self, items: list[Path | Token | Literal]) -> Comparison:
        path, operator, value = items
        return Comparison(path, str(operator).replace("<>", "!="), (value,))  # type: ignore[arg-type]

    def like(self, items: list[Path | Token]) -> Comparison:
        return Comparison(items[0], "like", (Literal("string", unescape_pattern(str(items[1]))),))  # type: ignore[arg-type]

    def among(self, items: list[Path | tuple[Literal, ...]]) -> Comparison:
        return Comparison(items[0], "in", items[1])  # type: ignore[arg-type]

    def not_among(self, items: list[Path | tuple[Literal, ...]]) -> Comparison:
        return Comparison(items[0], "not in", items[1])  # type: ignore[arg-type]

    def conjunction(self, items: list[Condition]) -> Both:
        return Both("AND", tuple(items))

    def disjunction(self, items: list[Condition]) -> Both:
        return Both("OR", tuple(items))

    def negation(self, items: list[Condition]) -> Negation:
        return Negation(items[0])

    def where(self, items: list[Condition]) -> Condition:
        return items[0]

    def group(self, items: list[Path]) -> tuple[Path, ...]:
        return tuple(items)

    def ordering(self, items: list[Path | Aggregate | Token | None]) -> Ordering:
        by, direction, nulls = items
        return Ordering(by, str(direction).lower() == "desc", str(nulls).lower().endswith("last"))  # type: ignore[arg-type]

    def order(self, items: list[Ordering]) -> tuple[Ordering, ...]:
        return tuple(items)

    def limit(self, items: list[Token]) -> int:
        return int(items[0])

    offset = limit

    def query(self, items: list[Any]) -> Query:
        selection, (entity, where, group, order, limit, offset, all_rows) = items[:-7], items[-7:]
        return Query(
            self._text,
            tuple(selection),
            str(entity),
            where,
            group or (),
            order or (),
            limit,
            offset or 0,
            all_rows is not None,
        )


_GRAMMAR = Lark(
    (FilePath(__file__).parent / "soql.lark").read_text("utf-8"),
    start="query",
    parser="lalr",
    maybe_placeholders=True,
)


def parse(text: str) -> Query:
    """The query that the text says.

    raises: Refusal, MALFORMED_QUERY, naming the first token that does not fit.
    """
    try:
        tree = _GRAMMAR.parse(text)
        return _Build(text).transform(tree)
    except UnexpectedInput as error:
        at = cast("int | None", error.pos_in_stream)
        rest = text[at:].strip() if at is not None and at >= 0 else ""
        token = re.match(r"\w+|\S", rest)
        raise Refusal(
            400, "MALFORMED_QUERY", f"unexpected token: {token[0] if token else '<EOF>'}"
        ) from error
    except VisitError as error:
        raise Refusal(400, "MALFORMED_QUERY", str(error.orig_exc)) from error
