"""A value exactly as a field will hold it: rounded, cut, cleaned, so that equal stays equal.

A value that the server would change on saving looks changed ever after, and would be sent for ever.
"""

import html
import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from integrations.interfaces import JsonScalar
from integrations.salesforce.describe import FieldShape

Output = JsonScalar | datetime | date
"""What the daemon has to show."""


class Kind(StrEnum):
    """How a value is written. `long_text` keeps its lines, `json` is never cut."""

    PICKLIST = "picklist"
    NUMBER = "number"
    TEXT = "text"
    LONG_TEXT = "long_text"
    HTML = "html"
    JSON = "json"
    DATETIME = "datetime"


def quantise(kind: Kind, value: Output, shape: FieldShape) -> JsonScalar:
    """The value as `shape` holds it; quantising twice changes nothing. Empty texts are None.

    raises: ValueError for a number that is not finite or has too many digits, or a wrong type.
    """
    if value is None:
        return None
    return _BY_KIND[kind](value, shape)


def same(kind: Kind, ours: JsonScalar, theirs: JsonScalar) -> bool:
    """Whether a field read from the org shows the quantised value. Rich text by what a reader sees."""
    if kind is Kind.HTML and isinstance(ours, str) and isinstance(theirs, str):
        return _visible(ours) == _visible(theirs)
    if kind is Kind.DATETIME and isinstance(ours, str) and isinstance(theirs, str):
        return datetime.fromisoformat(ours) == datetime.fromisoformat(theirs)
    if kind in (Kind.TEXT, Kind.LONG_TEXT) and isinstance(theirs, str):
        return ours == theirs.replace("\r\n", "\n")
    return ours == theirs


def _number(value: Output, shape: FieldShape) -> JsonScalar:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{value!r} is no number")
    if not math.isfinite(value):
        raise ValueError(f"{value} is not finite")
    rounded = Decimal(repr(value)).quantize(Decimal(1).scaleb(-shape.scale), ROUND_HALF_UP)
    if shape.precision and abs(rounded) >= 10 ** (shape.precision - shape.scale):
        raise ValueError(f"{value} has more than {shape.precision - shape.scale} digits before the point")
    return float(rounded) + 0.0 if shape.scale else int(rounded)


def _datetime(value: Output, shape: FieldShape) -> JsonScalar:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError(f"{value!r} is no time with a time zone ({shape.name})")
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def _picklist(value: Output, shape: FieldShape) -> JsonScalar:
    text = _clean(str(value))
    if shape.type == "string" and _units(text) > shape.length:
        raise ValueError(f"{text!r} is longer than {shape.length} characters")
    return text


def _text(value: Output, shape: FieldShape) -> JsonScalar:
    return _cut_text(" ".join(_clean(str(value)).split()), shape.length) or None


def _long_text(value: Output, shape: FieldShape) -> JsonScalar:
    return _cut_text(_clean(str(value)), shape.length) or None


def _json(value: Output, shape: FieldShape) -> JsonScalar:
    """A cut JSON text is none, so one that is too long is left out whole."""
    text = _clean(str(value))
    return text if 0 < _units(text) <= shape.length else None


def _html(value: Output, shape: FieldShape) -> JsonScalar:
    return cut_html(_clean(str(value)), shape.length) or None


_BY_KIND: dict[Kind, Callable[[Output, FieldShape], JsonScalar]] = {
    Kind.PICKLIST: _picklist,
    Kind.NUMBER: _number,
    Kind.TEXT: _text,
    Kind.LONG_TEXT: _long_text,
    Kind.HTML: _html,
    Kind.JSON: _json,
    Kind.DATETIME: _datetime,
}

_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_BARE_AMPERSAND = re.compile(r"&(?!#?\w+;)")
_TAG = re.compile(r"<(?P<slash>/?)(?P<name>[A-Za-z][A-Za-z0-9]*)[^>]*>")
_VOID = ("br", "hr", "img")
_SENTENCE_END = re.compile(r"[.!?…](?=\s|$)")


def _clean(text: str) -> str:
    """Without what no text field stores: control characters, lone surrogates, outer white space."""
    return _UNSTORABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _units(text: str) -> int:
    """Length as Salesforce counts it: in UTF-16, where an emoji takes two."""
    return len(text) + sum(character > "\uffff" for character in text)


def _cut_text(text: str, length: int) -> str:
    """The text, or its whole sentences that fit, or its whole words with an ellipsis."""
    if _units(text) <= length:
        return text
    head = _fitting(text, length)
    ends = [
        match.end() for match in _SENTENCE_END.finditer(text, 0, len(head) + 1) if match.end() <= len(head)
    ]
    if ends and ends[-1] >= length // 2:
        return head[: ends[-1]]
    head = _fitting(text, length - 1)
    return (head.rsplit(None, 1)[0] if len(head.split()) > 1 else head).rstrip(" ,;:") + "…"


def _fitting(text: str, length: int) -> str:
    """The longest beginning of at most `length` UTF-16 units."""
    head = text[:length]
    while _units(head) > length:
        head = head[:-1]
    return head


def html_length(markup: str) -> int:
    """Length of rich text as the server counts it: with the markup, a bare `&` as `&amp;`."""
    return _units(_BARE_AMPERSAND.sub("&amp;", markup))


def cut_html(markup: str, length: int) -> str:
    """The markup, or its whole items and paragraphs that fit, with open elements closed."""
    if html_length(markup) <= length:
        return markup
    longest = ""
    open_tags: list[str] = []
    used = start = 0
    for tag in _TAG.finditer(markup):
        name = tag["name"].lower()
        used, start = used + html_length(markup[start : tag.end()]), tag.end()
        if used > length:
            break
        if not tag["slash"]:
            open_tags += [] if name in _VOID else [name]
        elif name in open_tags:
            while open_tags.pop() != name:
                pass
            closing = "".join(f"</{each}>" for each in reversed(open_tags))
            if name in ("li", "p") and used + len(closing) <= length:
                longest = markup[: tag.end()] + closing
    return longest


def _visible(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())
