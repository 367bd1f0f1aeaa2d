"""A rating and its reasons as plain text, as rich text, and in one line.

Rich text uses only what Salesforce keeps of it (p, b, ul, li, and span with a colour); the arrows say the
same as the colours. Every text starts with a letter, so that no spreadsheet takes it for a formula.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from models.maturity.reasons import Reason
from models.maturity.words import shorten, signed

GREEN = "rgb(0, 128, 0)"
RED = "rgb(192, 0, 0)"


@dataclass(frozen=True)
class Verdict:
    """What is explained.

    rating: a level; score: 0 to 100; close_to: the level next to it that the evidence also allows, if any.
    similar: the group of customers compared with, in words.
    """

    rating: str
    score: float
    close_to: str | None
    similar: str

    def __str__(self) -> str:
        close = f", close to {self.close_to}" if self.close_to else ""
        return f"{self.rating.capitalize()} maturity (score {self.score:.0f}{close})"


def plain(verdict: Verdict, reasons: Sequence[Reason], limit: int = 32_768) -> str:
    """Plain text: the verdict, what speaks for a higher rating, what against, and who is similar.

    limit: characters; the weakest reasons that do not fit are left out whole.
    """

    def render(shown: Sequence[Reason]) -> str:
        blocks = [f"{verdict}."]
        for heading, items in _both_sides(shown):
            blocks.append("\n".join([f"{heading}:", *(_item(reason) for reason in items)]))
        blocks.append(_similar(verdict))
        return "\n\n".join(blocks)

    return _fitting(render, reasons, limit)


def rich(verdict: Verdict, reasons: Sequence[Reason], limit: int = 32_768) -> str:
    """The same as rich text, green what speaks for and red what speaks against.

    limit: characters of the markup, entities as they are written (an `&` is 5).
    """

    def render(shown: Sequence[Reason]) -> str:
        blocks = [f"<p><b>{escape(str(verdict))}</b></p>"]
        for heading, items in _both_sides(shown):
            listed = "".join(f"<li>{_coloured(reason)}</li>" for reason in items)
            blocks.append(f"<p>{heading}</p><ul>{listed}</ul>")
        blocks.append(f"<p>{escape(_similar(verdict))}</p>")
        return "".join(blocks)

    return _fitting(render, reasons, limit)


def summary(verdict: Verdict, reasons: Sequence[Reason], limit: int = 255) -> str:
    """One line: the verdict and the strongest reason of either direction, the stronger one first.

    The comparison with peers is left out where it does not fit.
    """
    ups = [("For", reason) for reason in reasons if reason.points > 0][:1]
    downs = [("Against", reason) for reason in reasons if reason.points < 0][:1]
    best = sorted(ups + downs, key=lambda side: -abs(side[1].points))
    full = [f"{verdict}.", *(f"{side}: {_lower(reason.sentence)}" for side, reason in best)]
    if len(" ".join(full)) <= limit:
        return " ".join(full)
    short = [f"{verdict}.", *(f"{side}: {_lower(reason.value)}." for side, reason in best)]
    return shorten(" ".join(short), limit)


def _both_sides(reasons: Sequence[Reason]) -> list[tuple[str, list[Reason]]]:
    """The reasons under their headings; a heading without reasons is left out."""
    sides = [
        ("What speaks for a higher rating", [reason for reason in reasons if reason.points > 0]),
        ("What speaks against it", [reason for reason in reasons if reason.points < 0]),
    ]
    return [side for side in sides if side[1]]


def _item(reason: Reason) -> str:
    if reason.points > 0:
        arrow, points = "▲", max(1, round(reason.points))
    else:
        arrow, points = "▼", min(-1, round(reason.points))
    return f"{arrow} {reason.sentence} ({signed(points)})"


def _coloured(reason: Reason) -> str:
    colour = GREEN if reason.points > 0 else RED
    return f'<span style="color: {colour};">{escape(_item(reason))}</span>'


def _similar(verdict: Verdict) -> str:
    return f"Similar customers are {verdict.similar}. Numbers in brackets are points of the score."


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _fitting(render: Callable[[Sequence[Reason]], str], reasons: Sequence[Reason], limit: int) -> str:
    """The text with as many of the reasons, the strongest first, as fit."""
    shown = list(reasons)
    while shown and len(render(shown)) > limit:
        shown.pop()
    return render(shown)
