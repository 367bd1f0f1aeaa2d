"""How values read on a page: ages, instants, coloured rich text."""

import re
from datetime import datetime, timedelta

from markupsafe import Markup

from integrations.localorg.instants import parse_datetime
from integrations.localorg.richtext import sanitise

_STYLE = re.compile(r' (?:style|color)="([^"]*)"')
_RGB = re.compile(
    r"rgb\(\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\)|#([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})"
)


def age(at: object, now: datetime) -> str:
    """`3 hours ago`; empty where there is no instant."""
    if not at:
        return ""
    passed = now - parse_datetime(str(at))
    if passed < timedelta(minutes=1):
        return "just now"
    for unit, length in (
        ("day", timedelta(days=1)),
        ("hour", timedelta(hours=1)),
        ("minute", timedelta(minutes=1)),
    ):
        count = passed // length
        if count:
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"


def moment(at: object) -> str:
    """`2 Mar 2026, 09:00`, in UTC; empty where there is no instant."""
    return f"{parse_datetime(str(at)):%-d %b %Y, %H:%M}" if at else ""


def coloured(html: object) -> Markup:
    """Rich text for a page whose policy allows no inline style: green and red become classes.

    It was sanitised when it was stored, and is sanitised again: nothing else is let through as markup.
    """
    return Markup(_STYLE.sub(lambda match: _class(match[1]), sanitise(str(html or ""))))  # noqa: S704 sanitised


def _class(style: str) -> str:
    found = _RGB.search(style)
    if found is None:
        return ""
    written = [each for each in found.groups() if each is not None]
    base = 10 if found[1] is not None else 16
    red, green, _ = (int(each, base) for each in written)
    return ' class="up"' if green > red else ' class="down"' if red > green else ""
