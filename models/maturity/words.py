"""Numbers, dates and foreign text as people say them."""

import unicodedata
from datetime import date

ELLIPSIS = "…"


def clean(text: str) -> str:
    """Text from data without control, bidirectional and invisible characters, on one line."""
    spaced = "".join(" " if c.isspace() else c for c in text)
    kept = "".join(c for c in spaced if unicodedata.category(c)[0] != "C")
    return " ".join(kept.split())


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, cut at a word where one is near, with an ellipsis."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    at_word = cut.rsplit(" ", 1)[0]
    return (at_word if len(at_word) > limit // 2 else cut).rstrip(" ,;:.") + ELLIPSIS


def long_date(day: date) -> str:
    """3 March 2026."""
    return f"{day.day} {day:%B %Y}"


def plural(count: float, singular: str, several: str) -> str:
    """The noun for a count as it is shown."""
    return singular if abs(count) == 1 else several


def people_number(value: float) -> str:
    """A number as a person would say it: three digits that matter, thousands grouped, no trailing zeros.

    1243.7 -> "about 1,240"; 37.0 -> "37"; 2.35 -> "2.4"; 0.04 -> "0.04".
    """
    shown = shown_number(value)
    if abs(shown) >= 1000 and shown != value:
        return f"about {shown:,.0f}"
    return f"{shown:,.0f}" if shown == int(shown) else f"{shown:,.2f}".rstrip("0")


def shown_number(value: float) -> float:
    """The number that `people_number` shows, to choose singular or plural by."""
    size = abs(value)
    if size >= 1000:
        digits = 2 - (len(str(int(size))) - 1)
    elif size >= 10:
        digits = 0
    elif size >= 1:
        digits = 1
    else:
        digits = 2
    return round(value, digits) + 0.0
