"""A mail as the bytes that a mail server would keep."""

import html
from datetime import timedelta, timezone
from email.charset import BASE64, QP, Charset
from email.header import Header
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import Compat32
from email.utils import format_datetime, formataddr

from demo.world.records import Mail, Person


class _FoldsWhatIsLong(Compat32):
    """Leaves short headers as they are: folding them changes nothing and takes half of the time."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if len(name) + len(value) < 76 and value.isascii():
            return f"{name}: {value}\n".encode()
        return super().fold_binary(name, value)


_POLICY = _FoldsWhatIsLong()


def message_bytes(mail: Mail) -> bytes:
    """The mail in MIME: transfer encodings, encoded headers, and parts as its record says."""
    message = _body(mail)
    zone = timezone(timedelta(hours=mail.offset_h))
    message["From"] = _address(mail.sender)
    message["To"] = ", ".join(_address(person) for person in mail.to)
    if mail.cc:
        message["Cc"] = ", ".join(_address(person) for person in mail.cc)
    message["Subject"] = _header(mail.subject)
    message["Date"] = (
        "some day in spring" if mail.broken == "date" else format_datetime(mail.at.astimezone(zone))
    )
    if mail.message_id:
        message["Message-ID"] = mail.message_id
    if mail.in_reply_to:
        message["In-Reply-To"] = mail.in_reply_to
        message["References"] = mail.in_reply_to
    message["Content-Language"] = mail.language
    if mail.automatic:
        message["Auto-Submitted"] = "auto-replied"
        message["Precedence"] = "bulk"
    return message.as_bytes(policy=_POLICY)


def _body(mail: Mail) -> Message:
    plain = _part(mail, mail.text, "plain")
    if mail.form == "plain":
        return plain
    rich = _part(mail, _html(mail.text), "html")
    if mail.form == "html":
        return rich
    both = MIMEMultipart("alternative", boundary=f"=_{mail.key}")
    both.attach(plain)
    both.attach(rich)
    return both


def _part(mail: Mail, text: str, subtype: str) -> MIMEText:
    """A text part; one that breaks its charset promises UTF-8 and holds something else."""
    charset = Charset(mail.charset)
    charset.body_encoding = BASE64 if len(mail.text) % 3 == 0 else QP
    part = MIMEText(text.encode(mail.charset, "replace").decode(mail.charset), subtype, charset)  # type: ignore[arg-type]
    if mail.broken == "charset":
        part.set_param("charset", "utf-8")
    return part


def _html(text: str) -> str:
    """Paragraphs, with the quoted reply as a quote."""
    own, _, quoted = text.partition("\n> ")
    paragraphs = "".join(f"<p>{html.escape(each).replace(chr(10), '<br>')}</p>" for each in own.split("\n\n"))
    quote = html.escape(quoted.replace("\n> ", "\n")).replace("\n", "<br>")
    behind = f'<blockquote type="cite">{quote}</blockquote>' if quoted else ""
    return f"<html><head><style>p {{color: #222}}</style></head><body>{paragraphs}{behind}</body></html>"


def _address(person: Person) -> str:
    return formataddr((person.name, person.address))


def _header(text: str) -> str:
    return text if text.isascii() else Header(text, "utf-8").encode()
