"""Rich text as the org keeps it: known tags and harmless styles stay, the rest goes and its text stays."""

import re
from html import escape
from html.parser import HTMLParser

_TAGS = frozenset({
    "a", "abbr", "acronym", "address", "b", "big", "blockquote", "br", "caption", "cite", "code", "col",
    "colgroup", "dd", "del", "div", "dl", "dt", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
    "i", "img", "ins", "kbd", "li", "ol", "p", "q", "s", "samp", "small", "span", "strong", "sub", "sup",
    "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var", "strike",
})  # fmt: skip
_VOID = frozenset({"br", "col", "hr", "img"})
_SILENT = frozenset({"script", "style", "title", "template", "iframe", "object", "noscript"})
_STYLES = frozenset({"color", "background-color", "font-size", "font-family", "font-weight", "text-align"})
_ATTRIBUTES = frozenset({"color", "size", "face", "align", "colspan", "rowspan", "title", "alt"})
_LINKS = re.compile(r"(https?://|mailto:)", re.IGNORECASE)
_STYLE_VALUE = re.compile(r"[\w\s#%.,()'\"-]*", re.ASCII)


class _Sanitiser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.kept: list[str] = []
        self._open: list[str] = []
        self._silenced = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silenced += 1
        elif tag in _TAGS and not self._silenced:
            kept = "".join(_attribute(name, value or "") for name, value in attrs)
            self.kept.append(f"<{tag}{kept}>")
            if tag not in _VOID:
                self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silenced = max(0, self._silenced - 1)
        elif tag in self._open and not self._silenced:
            while (last := self._open.pop()) != tag:
                self.kept.append(f"</{last}>")
            self.kept.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._silenced:
            self.kept.append(escape(data, quote=False).replace("\N{NO-BREAK SPACE}", "&nbsp;"))

    def closed(self) -> str:
        """All that was kept, with the tags that were left open closed."""
        self.close()
        return "".join(self.kept) + "".join(f"</{tag}>" for tag in reversed(self._open))


def _attribute(name: str, value: str) -> str:
    if name == "style":
        declarations = (part.partition(":") for part in value.split(";"))
        kept = [
            f"{key.strip().lower()}: {what.strip()};"
            for key, _, what in declarations
            if key.strip().lower() in _STYLES
            and _STYLE_VALUE.fullmatch(what.strip())
            and "url" not in what.lower()
        ]
        return f' style="{escape(" ".join(kept))}"' if kept else ""
    if name in ("href", "src"):
        return f' {name}="{escape(value)}"' if _LINKS.match(value.strip()) else ""
    return f' {name}="{escape(value)}"' if name in _ATTRIBUTES else ""


def sanitise(html: str) -> str:
    """Markup that a browser may show: no script, no class, no handler, no foreign scheme."""
    sanitiser = _Sanitiser()
    sanitiser.feed(html)
    return sanitiser.closed()
