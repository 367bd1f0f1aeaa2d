"""E-mails from a maildir: who wrote when, and about which topics. Bodies are read and not kept."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from itertools import islice
from pathlib import Path

import pyarrow as pa

from integrations.errors import SetupError
from integrations.interfaces import Batch, Rejected, Watermark
from integrations.sources.fact_rows import Row, digest_of, fact_schema, fact_table
from integrations.sources.identity import Pseudonyms, domain_of
from integrations.sources.mail_text import own_text
from integrations.sources.overlap import Overlap, read_cursors, write_cursors
from integrations.sources.topics import TopicIndex
from integrations.sources.values import EARLIEST, BadValue, Clock

EMAILS = fact_schema(("message_key", pa.string()), ("direction", pa.string()), ("reply_to", pa.string()))
EMAIL_TOPICS = fact_schema(
    ("message_key", pa.string()), ("topic", pa.string()), ("mentions", pa.int64()), ("negated", pa.int64())
)
LONGEST_MAIL = 4 * 1024 * 1024
"""Bytes of a mail that are read: its headers and its text stand first."""

_TELLING_HEADERS = ("Auto-Submitted", "Precedence", "Return-Path")
_AUTOMATIC_SENDERS = ("mailer-daemon", "postmaster", "no-reply", "noreply", "do-not-reply", "donotreply")


@dataclass(frozen=True)
class MaildirSettings:
    """Where mails lie and how they are read.

    own_domains: ours; a mail from there is outgoing. topics: name to phrases. key: secret of the
        pseudonyms, the same as for the CRM's contacts.
    overlap: how late a file may show behind files that came after it.
    """

    name: str
    path: Path
    own_domains: Sequence[str]
    topics: Mapping[str, Sequence[str]]
    key: bytes = field(repr=False)
    overlap: timedelta = timedelta(minutes=10)
    batch_rows: int = 5_000


@dataclass(frozen=True)
class _File:
    """A mail's file. arrived: when it came to this place (a copy or a move sets that, a sender cannot)."""

    path: Path
    arrived: datetime
    delivered: datetime

    @property
    def key(self) -> str:
        """The name without the flags that mail programs append."""
        return self.path.name.partition(":")[0]


class MaildirEmail:
    """`emails` and `email_topics` from a maildir.

    Both facts of a mail come under one watermark, which moves with the second: a stop between them
    yields the first again, and its rows have keys. Topics are counted in mails from customers only.
    Automatic replies, bounces, lists and mails among ourselves are left out; they say nothing about a
    customer. A mail that cannot be parsed is rejected, whatever the parser raises.
    """

    def __init__(self, settings: MaildirSettings, clock: Clock) -> None:
        self.name = settings.name
        self._settings, self._clock = settings, clock
        self._pseudonyms = Pseudonyms(settings.key)
        self._topics = TopicIndex(settings.topics)
        self._own = tuple(domain for text in settings.own_domains if (domain := domain_of(text)))

    def __repr__(self) -> str:
        return f"MaildirEmail({self.name}, {self._settings.path})"

    def pull(self, since: Watermark) -> Iterator[Batch]:
        """Mails whose files arrived since the watermark, in the order of their arrival."""
        overlap: Overlap[_File] = Overlap(
            self._settings.overlap, read_cursors(self.name, since).get("arrived")
        )
        files = (file for file in self._files() if overlap.start is None or file.arrived >= overlap.start)
        unseen = overlap.unseen((file.arrived, file.key, file) for file in files)
        while chunk := list(islice(unseen, self._settings.batch_rows)):
            emails, topics, rejected = self._read_all(chunk)
            mark = write_cursors({"arrived": overlap.cursor()})
            if emails or rejected:
                yield Batch("emails", fact_table(emails, EMAILS), since, tuple(rejected))
            yield Batch("email_topics", fact_table(topics, EMAIL_TOPICS), mark)
            since = mark

    def check(self) -> str:
        """Count the mails."""
        return f"{len(self._files()):,} mails"

    def _files(self) -> list[_File]:
        found = []
        try:
            for path in (
                path for folder in ("new", "cur") for path in (self._settings.path / folder).iterdir()
            ):
                with suppress(FileNotFoundError):  # moved from new to cur under our eyes: listed next time
                    status = path.stat()
                    arrived = datetime.fromtimestamp(status.st_ctime_ns // 1000 / 1e6, UTC)
                    found.append(_File(path, arrived, datetime.fromtimestamp(status.st_mtime, UTC)))
        except OSError as error:
            raise SetupError(
                f"{self.name}: {error.filename} cannot be read ({error.strerror}); "
                "path must be a maildir, with the folders cur and new"
            ) from error
        return sorted(found, key=lambda file: (file.arrived, file.key))

    def _read_all(self, files: Sequence[_File]) -> tuple[list[Row], list[Row], list[Rejected]]:
        emails: list[Row] = []
        topics: list[Row] = []
        rejected: list[Rejected] = []
        for file in files:
            try:
                mail = self._read(file)
            except FileNotFoundError:
                continue  # moved or deleted since it was listed; where it went, it is listed next time
            except Exception as error:  # noqa: BLE001 - the parser raises anything on hostile mails
                rejected.append(_rejected(file, error))
                continue
            if mail is not None:
                emails.append(mail)
                topics += mail.pop("topics")
        return emails, topics, rejected

    def _read(self, file: _File) -> Row | None:
        """The mail's row of `emails`, its rows of `email_topics` under "topics"; None if it is left out."""
        with file.path.open("rb") as stream:
            content = stream.read(LONGEST_MAIL)
        message = message_from_bytes(content)
        if is_automatic(message):
            return None
        who = self._customer(message)
        if who is None:
            return None
        direction, address = who
        key = self._pseudonyms.message(_id_of(message, "Message-ID") or digest_of(content))
        answered = _id_of(message, "In-Reply-To")
        mail: Row = {
            "identity": f"contact:{self._pseudonyms.address(address)}",
            "fallback_identity": f"domain:{domain_of(address)}",
            "event_at": self._sent_at(message, file),
            "message_key": key,
            "direction": direction,
            "reply_to": self._pseudonyms.message(answered) if answered else None,
        }
        found = self._topics.count(_said(message)) if direction == "in" else {}
        mail["topics"] = [
            {**mail, "topic": topic, "mentions": each.mentions, "negated": each.negated}
            for topic, each in sorted(found.items())
        ]
        return mail

    def _customer(self, message: Message) -> tuple[str, str] | None:
        """Direction and the customer's address; None for a mail among ourselves.

        raises: BadValue where the sender cannot be read.
        """
        sender = next(iter(_addresses(message, "From", "Sender")), None)
        if sender is None:
            raise BadValue("it has no sender with a domain")
        if not self._is_ours(sender):
            return "in", sender
        customers = (address for address in _addresses(message, "To", "Cc") if not self._is_ours(address))
        customer = next(customers, None)
        return ("out", customer) if customer else None

    def _is_ours(self, address: str) -> bool:
        domain = domain_of(address) or ""
        return any(domain == own or domain.endswith(f".{own}") for own in self._own)

    def _sent_at(self, message: Message, file: _File) -> datetime:
        """The date in the header, if it is credible, but never after the delivery or now."""
        latest = min(file.delivered, self._clock())
        try:
            sent = parsedate_to_datetime(str(message["Date"]))
            sent = sent.replace(tzinfo=UTC) if sent.tzinfo is None else sent.astimezone(UTC)
        except (TypeError, ValueError, OverflowError, IndexError):
            return latest
        return min(sent, latest) if sent.date() >= EARLIEST else latest


def is_automatic(message: Message) -> bool:
    """Whether a program wrote the mail: a reply, a bounce, a list, one of our own alerts."""
    headers = {name: str(message.get(name, "")).strip().lower() for name in _TELLING_HEADERS}
    sender = next(iter(_addresses(message, "From")), "")
    return (
        headers["Auto-Submitted"] not in ("", "no")
        or headers["Precedence"] in ("bulk", "list", "junk", "auto_reply")
        or any(name in message for name in ("List-Id", "X-Autoreply", "X-Autorespond", "X-Loop"))
        or headers["Return-Path"] == "<>"
        or message.get_content_type() == "multipart/report"
        or sender.partition("@")[0] in _AUTOMATIC_SENDERS
    )


def _said(message: Message) -> str:
    """The writer's own words: of the text, and of the subject where it is the writer's."""
    text = own_text(message)
    if "In-Reply-To" in message:
        return text
    subject = str(make_header(decode_header(str(message.get("Subject", "")))))
    return f"{subject}\n{text}"


def _addresses(message: Message, *names: str) -> list[str]:
    """Lower-cased addresses with a domain, in order."""
    values = [str(value) for name in names for value in message.get_all(name, [])]
    found = [address.strip().lower() for _, address in getaddresses(values)]
    return [address for address in found if "@" in address and domain_of(address)]


def _id_of(message: Message, name: str) -> str | None:
    """The first Message-ID in a header."""
    return next(iter(str(message.get(name, "")).split()), None)


def _rejected(file: _File, error: Exception) -> Rejected:
    reason = str(error) if isinstance(error, BadValue) else f"the parser gave up ({type(error).__name__})"
    return Rejected(f"mail {file.key}", reason, digest_of(file.key))
