"""What the writer of a mail wrote: its own lines, without quotes, signature and disclaimer."""

import re
from collections.abc import Iterator
from email.message import Message
from html.parser import HTMLParser

LONGEST_TEXT = 1_000_000
"""Characters of a mail's text that are looked at."""

_HEADER = re.compile(r"^\W*(from|von|de|da|van)\s?:\s.*\S", re.IGNORECASE)
_NEXT_HEADER = re.compile(
    r"^\W*(sent|date|to|subject|gesendet|datum|an|betreff|envoyé|à|objet|enviado|para|asunto|inviato|oggetto)\s?:",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"^\s*-{3,}\s*(original message|forwarded message|ursprüngliche nachricht|weitergeleitete nachricht"
    r"|message d'origine|message d’origine|message transféré|mensaje original|messaggio originale)",
    re.IGNORECASE,
)
_WROTE = re.compile(
    r"^\W*(?:on\b.*\bwrote|am\b.*\bschrieb\b.*|le\b.*\ba écrit|el\b.*\bescribió|il\b.*\bha scritto"
    r"|em\b.*\bescreveu|op\b.*\bschreef\b.*)\s?:\s*$",
    re.IGNORECASE,
)
_WROTE_BEGINS = re.compile(r"^\W*(on|am|le|el|il|em|op)\s.*\d", re.IGNORECASE)
_SIGNATURE = re.compile(r"^(--|—)\s*$")
_DEVICE = re.compile(r"^(sent from my|von meinem .* gesendet|envoyé de mon|get outlook for)", re.IGNORECASE)
_DISCLAIMER = re.compile(
    r"^\W*(this|diese|ce|cet)\s+(e-?mail|message|communication|nachricht|courriel)\b"
    r".*(confidential|privileged|intended|vertraulich|confidentiel)",
    re.IGNORECASE,
)


def own_text(message: Message) -> str:
    """The text that the sender wrote in this mail; empty where there is none.

    The first plain part counts, else the first HTML part. Attachments are not looked into.
    """
    plain = rich = None
    for part in _text_parts(message):
        if plain is None and part.get_content_subtype() == "plain":
            plain = part
        if rich is None and part.get_content_subtype() == "html":
            rich = part
    if plain is not None:
        return own_lines(_decoded(plain))
    return own_lines(html_to_text(_decoded(rich))) if rich is not None else ""


def own_lines(text: str) -> str:
    """The lines above or between quotes, without signature, disclaimer and what is quoted."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").split("\n")]
    own: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if _ends_here(lines, at):
            break
        wrote = _wrote_lines(lines, at)
        if wrote:
            if not _quoted_with_marks(lines, at + wrote):
                break
            at += wrote
            continue
        if not line.lstrip().startswith(">"):
            own.append(line)
        at += 1
    return "\n".join(own).strip()


def html_to_text(markup: str) -> str:
    """Text of an HTML mail, a line per block; what is quoted is left out."""
    reader = _MailHtml()
    reader.feed(markup[:LONGEST_TEXT])
    reader.close()
    return "".join(reader.text)


def _text_parts(message: Message) -> Iterator[Message]:
    """Parts with text, in order; attached files and mails are not entered."""
    waiting = [message]
    while waiting:
        part = waiting.pop(0)
        if part.get_content_disposition() == "attachment" or part.get_content_maintype() == "message":
            continue
        if part.is_multipart():
            waiting[:0] = [each for each in part.get_payload() if isinstance(each, Message)]
        elif part.get_content_maintype() == "text":
            yield part


def _decoded(part: Message) -> str:
    """The part's text: in the charset it declares, else in UTF-8, else in Windows-1252."""
    payload = part.get_payload(decode=True)
    content = payload[: 4 * LONGEST_TEXT] if isinstance(payload, bytes) else b""
    for charset in (part.get_content_charset(), "utf-8"):
        try:
            if charset:
                return content.decode(charset)[:LONGEST_TEXT].replace("\x00", "")
        except (LookupError, UnicodeError, ValueError):
            continue
    return content.decode("cp1252", "replace")[:LONGEST_TEXT].replace("\x00", "")


def _ends_here(lines: list[str], at: int) -> bool:
    line = lines[at]
    if _SIGNATURE.match(line) or _ORIGINAL.match(line) or _DEVICE.match(line) or _DISCLAIMER.match(line):
        return True
    following = [each for each in lines[at + 1 : at + 6] if each.strip()]
    return bool(_HEADER.match(line)) and sum(1 for each in following if _NEXT_HEADER.match(each)) >= 2


def _wrote_lines(lines: list[str], at: int) -> int:
    """How many lines, up to three, say "On ... wrote:" from here on; 0 where none do."""
    if not _WROTE_BEGINS.match(lines[at]):
        return 0
    for count in (1, 2, 3):
        if _WROTE.match(" ".join(lines[at : at + count])):
            return count
    return 0


def _quoted_with_marks(lines: list[str], at: int) -> bool:
    following = next((line for line in lines[at:] if line.strip()), "")
    return following.lstrip().startswith(">")


class _MailHtml(HTMLParser):
    _HIDDEN = frozenset({"script", "style", "head", "title", "blockquote"})
    _BLOCKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "table", "ul", "ol", "hr"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in self._HIDDEN:
            self._hidden.append(tag)
        elif tag in self._BLOCKS:
            self.text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._hidden:
            while self._hidden.pop() != tag:
                pass
        elif tag in self._BLOCKS:
            self.text.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.text.append(" ".join(data.split("\n")))
