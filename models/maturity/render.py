"""A rating and its reasons as plain text, as rich text, and in one line.

Rich text uses only what Salesforce keeps of it (p, b, i, ul, li, and span with a colour); the arrows say
the same as the colours. Every text starts with a letter, so that no spreadsheet takes it for a formula.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from models.maturity.peers import Group
from models.maturity.reasons import Reason
from models.maturity.words import shorten, signed

GREEN = "rgb(0, 128, 0)"
RED = "rgb(192, 0, 0)"

HEADLINE = 2.0
"""Points that the weaker side needs to stand in the summary."""

MUCH_UNKNOWN = 5.0
"""Points from what we lack that a rep is warned of."""


@dataclass(frozen=True)
class Verdict:
    """What is explained.

    rating: a level; score: 0 to 100; close_to: the level next to it that the evidence also allows, if any.
    start: points of the score that every account starts from. similar: the customers compared with.
    unknown: points that what we lack counts for the account.
    shift: what changed since the score shown before, a sentence; empty where there is nothing to tell.
    """

    rating: str
    score: float
    close_to: str | None
    start: float
    similar: Group
    unknown: float = 0.0
    shift: str = ""

    def __str__(self) -> str:
        close = f", close to {self.close_to}" if self.close_to else ""
        return f"{self.rating.capitalize()} maturity (score {self.score:.0f}{close})"


def plain(verdict: Verdict, reasons: Sequence[Reason], limit: int = 32_768) -> str:
    """Plain text: the verdict, what changed, what speaks for a higher rating, what against, how to read it.

    limit: characters; the weakest reasons that do not fit are left out whole.
    """

    def render(shown: Sequence[Reason]) -> str:
        blocks = [f"{verdict}.", *([verdict.shift] if verdict.shift else [])]
        for heading, items in _both_sides(shown):
            lines = [f"{_item(each)}{_indented(each.talk_track)}" for each in items]
            blocks.append("\n".join([f"{heading}:", *lines]))
        blocks.append(_how_to_read(verdict, shown))
        return "\n\n".join(blocks)

    return _fitting(render, reasons, limit)


def rich(verdict: Verdict, reasons: Sequence[Reason], limit: int = 32_768) -> str:
    """The same as rich text, green what speaks for and red what speaks against.

    limit: characters of the markup, entities as they are written (an `&` is 5).
    """

    def render(shown: Sequence[Reason]) -> str:
        blocks = [f"<p><b>{escape(str(verdict))}</b></p>"]
        if verdict.shift:
            blocks.append(f"<p>{escape(verdict.shift)}</p>")
        for heading, items in _both_sides(shown):
            listed = "".join(f"<li>{_coloured(each)}{_slanted(each.talk_track)}</li>" for each in items)
            blocks.append(f"<p><b>{heading}</b></p><ul>{listed}</ul>")
        blocks.append(f"<p>{escape(_how_to_read(verdict, shown))}</p>")
        return "".join(blocks)

    return _fitting(render, reasons, limit)


def summary(verdict: Verdict, reasons: Sequence[Reason], limit: int = 255) -> str:
    """One line: the verdict and the strongest reason of either direction, the stronger one first.

    A reason that surprises needs more room than a line and is passed over; so is the weaker side where it
    is too weak for a headline. The comparison with peers is left out where it does not fit.
    """
    plainly = [reason for reason in reasons if not reason.surprising]
    ups = [("For", reason) for reason in plainly if reason.points > 0][:1]
    downs = [("Against", reason) for reason in plainly if reason.points < 0][:1]
    best = sorted(ups + downs, key=lambda side: -abs(side[1].points))
    best = [*best[:1], *(side for side in best[1:] if abs(side[1].points) >= HEADLINE)]
    full = [f"{verdict}.", *(f"{side}: {_lower(reason.sentence)}" for side, reason in best)]
    if len(" ".join(full)) <= limit:
        return " ".join(full)
    short = [f"{verdict}.", *(f"{side}: {_lower(reason.value)}." for side, reason in best)]
    if len(" ".join(short)) <= limit:
        return " ".join(short)
    return shorten(" ".join(short), limit - 1) + "."


def _both_sides(reasons: Sequence[Reason]) -> list[tuple[str, list[Reason]]]:
    """The reasons under their headings; a heading without reasons is left out."""
    sides = [
        ("What speaks for a higher rating", [reason for reason in reasons if reason.points > 0]),
        ("What speaks against it", [reason for reason in reasons if reason.points < 0]),
    ]
    return [side for side in sides if side[1]]


def _points(reason: Reason) -> int:
    """Whole and never 0: a reason of no points is none."""
    return max(1, round(reason.points)) if reason.points > 0 else min(-1, round(reason.points))


def _item(reason: Reason) -> str:
    arrow = "▲" if reason.points > 0 else "▼"
    internal = ", internal" if reason.sensitive else ""
    return f"{arrow} {reason.sentence} ({signed(_points(reason))}{internal})"


def _indented(talk_track: str) -> str:
    return f"\n   Talk track: {talk_track}" if talk_track else ""


def _coloured(reason: Reason) -> str:
    colour = GREEN if reason.points > 0 else RED
    return f'<span style="color: {colour};">{escape(_item(reason))}</span>'


def _slanted(talk_track: str) -> str:
    return f" <i>Talk track: {escape(talk_track)}</i>" if talk_track else ""


def _how_to_read(verdict: Verdict, shown: Sequence[Reason]) -> str:
    """Who is similar, what the brackets hold, and what all that is not listed comes to."""
    rest = round(verdict.score) - round(verdict.start) - sum(_points(reason) for reason in shown)
    unlisted = f", and all that is not listed comes to {signed(rest)}" if rest else ""
    told = [
        _similar(verdict.similar),
        f"Brackets hold points of the score: every customer starts from {round(verdict.start)}{unlisted}.",
    ]
    if verdict.unknown >= MUCH_UNKNOWN:
        told.append(
            f"What we do not know counts {signed(round(verdict.unknown))} here, so rely on the rating less."
        )
    if any(reason.sensitive for reason in shown):
        told.append("Internal is what people there wrote or answered; please do not quote it.")
    return " ".join(told)


def _similar(group: Group) -> str:
    others = group.members - 1
    if group.everybody:
        return (
            "Too few customers are like this one, or we know too little of it to tell; it is compared with "
            f"all {others:,} others."
        )
    return f"Similar customers are the {others:,} other {group.name}, as far as we know their figures."


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _fitting(render: Callable[[Sequence[Reason]], str], reasons: Sequence[Reason], limit: int) -> str:
    """The text with as many of the reasons, the strongest first, as fit."""
    shown = list(reasons)
    while shown and len(render(shown)) > limit:
        shown.pop()
    return render(shown)
