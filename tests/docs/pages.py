"""Reads a page's code blocks, and compares what was printed with what the page shows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"

_BLOCK = re.compile(
    r"(?:^`(?P<name>[^`\n]+)`:\n\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True)
class Block:
    """kind: of the fence (`sh`, `python`, `text`, ...). name: the file it is, where the page names one."""

    kind: str
    text: str
    name: str | None


def blocks(page: str) -> Iterator[Block]:
    """The code blocks of a page, from its top to its end."""
    for found in _BLOCK.finditer((DOCS / page).read_text(encoding="utf-8")):
        yield Block(found["kind"], found["text"], found["name"])


def shows(page: str, printed: str) -> bool:
    """Whether the output is what the page shows: … is any text within a line, a line of it any lines."""
    lines = ["(?:.*\n)*?" if line == "…" else _line(line) for line in page.splitlines()]
    return re.fullmatch("".join(lines), printed) is not None


def _line(shown: str) -> str:
    return ".*?".join(map(re.escape, shown.split("…"))) + r"\s*\n"
