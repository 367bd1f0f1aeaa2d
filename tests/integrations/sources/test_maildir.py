"""Mails as they come: who, when, what about; and whatever else lies in a mailbox."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.interfaces import Batch, Watermark
from integrations.sources.identity import Pseudonyms
from integrations.sources.maildir import MaildirEmail, MaildirSettings

NOW = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
KEY = b"secret"
TOPICS = {"high_availability": ("high availability", "HA"), "security": ("security",)}
BASIC = {
    "From": "Pat <Pat@Acme.example>",
    "To": "rosa@northwind-tools.example",
    "Date": "Mon, 01 Dec 2025 10:00:00 +0100",
    "Message-ID": "<1@acme.example>",
    "Content-Type": "text/plain; charset=utf-8",
}


class Mailbox:
    """A maildir."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("cur", "new", "tmp"):
            (folder / name).mkdir()

    def deliver(
        self, text: str = "Hello.", name: str = "", delivered: datetime | None = None, **headers: str
    ) -> Path:
        """Deliver a mail; underscores in header names are hyphens, an empty header is left out."""
        given_headers = BASIC | {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{key}: {value}\n" for key, value in given_headers.items() if value)
        return self.put(f"{head}\n{text}".encode("utf-8", "surrogateescape"), name, delivered)

    def put(self, content: bytes, name: str = "", delivered: datetime | None = None) -> Path:
        path = self.folder / "new" / (name or f"{len(list((self.folder / 'new').iterdir()))}.m.host")
        path.write_bytes(content)
        seconds = (delivered or NOW - timedelta(minutes=5)).timestamp()
        os.utime(path, (seconds, seconds))
        return path

    def pull(self, since: Watermark = Watermark(), batch_rows: int = 100) -> list[Batch]:  # noqa: B008 - frozen
        own = ("northwind-tools.example",)
        settings = MaildirSettings("mail", self.folder, own, TOPICS, KEY, batch_rows=batch_rows)
        return list(MaildirEmail(settings, lambda: NOW).pull(since))

    def emails(self) -> list[dict[str, object]]:
        return [row for batch in self.pull() if batch.fact == "emails" for row in batch.rows.to_pylist()]

    def topics(self) -> dict[str, tuple[int, int]]:
        rows = [
            row for batch in self.pull() if batch.fact == "email_topics" for row in batch.rows.to_pylist()
        ]
        return {row["topic"]: (row["mentions"], row["negated"]) for row in rows}


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    return Mailbox(tmp_path)


def test_a_mail_from_a_customer(mailbox: Mailbox) -> None:
    mailbox.deliver("We need HA.", In_Reply_To="<0@northwind-tools.example>")

    (mail,) = mailbox.emails()
    names = Pseudonyms(KEY)
    assert mail == {
        "identity": f"contact:{names.address('pat@acme.example')}",
        "fallback_identity": "domain:acme.example",
        "event_at": datetime(2025, 12, 1, 9, tzinfo=UTC),
        "known_at": None,
        "message_key": names.message("1@acme.example"),
        "direction": "in",
        "reply_to": names.message("<0@northwind-tools.example>"),
    }
    assert mailbox.topics() == {"high_availability": (1, 0)}


def test_a_mail_from_us_belongs_to_its_first_customer_and_raises_no_topic(mailbox: Mailbox) -> None:
    mailbox.deliver(
        "Security is part of the Enterprise tier.",
        From="rosa@northwind-tools.example",
        To="tomas@sales.northwind-tools.example, pat@acme.example, sam@other.example",
    )

    (mail,) = mailbox.emails()
    assert (mail["direction"], mail["fallback_identity"]) == ("out", "domain:acme.example")
    assert mailbox.topics() == {}


@pytest.mark.parametrize(
    "headers",
    [
        {"From": "rosa@northwind-tools.example"},
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"List_Id": "<users.acme.example>"},
        {"Return_Path": "<>"},
        {"From": "MAILER-DAEMON@acme.example"},
        {"From": "no-reply@acme.example"},
        {"Content_Type": "multipart/report; boundary=x"},
    ],
)
def test_what_no_customer_wrote_is_left_out(mailbox: Mailbox, headers: dict[str, str]) -> None:
    mailbox.deliver(**headers)

    batches = mailbox.pull()

    assert [(batch.fact, batch.rows.num_rows, batch.rejected) for batch in batches] == [
        ("email_topics", 0, ())
    ]


@pytest.mark.parametrize(
    "date", ["", "some day in spring", "31 Feb 25:61 +9999", "Mon, 01 Jan 1900 00:00:00 +0000"]
)
def test_without_a_credible_date_the_delivery_counts(mailbox: Mailbox, date: str) -> None:
    mailbox.deliver(Date=date, delivered=datetime(2026, 1, 5, tzinfo=UTC))

    assert mailbox.emails()[0]["event_at"] == datetime(2026, 1, 5, tzinfo=UTC)


def test_no_mail_was_sent_after_its_delivery_or_in_the_future(mailbox: Mailbox) -> None:
    mailbox.deliver(Date="Mon, 01 Jun 2026 10:00:00 +0000", delivered=datetime(2026, 1, 5, tzinfo=UTC))
    mailbox.deliver(Date="Mon, 01 Jun 2026 10:00:00 +0000", delivered=datetime(2026, 6, 1, tzinfo=UTC))

    assert [mail["event_at"] for mail in mailbox.emails()] == [datetime(2026, 1, 5, tzinfo=UTC), NOW]


def test_a_mail_without_an_id_keeps_its_key(mailbox: Mailbox) -> None:
    mailbox.deliver(Message_ID="")

    assert mailbox.emails()[0]["message_key"] == mailbox.emails()[0]["message_key"]


def test_the_subject_counts_where_it_is_the_writers_own(mailbox: Mailbox) -> None:
    mailbox.deliver("Can you call?", Subject="=?utf-8?q?High_availability=3F?=")
    mailbox.deliver("Yes.", Subject="Re: Security", In_Reply_To="<0@x.example>", Message_ID="<2@x.example>")

    assert mailbox.topics() == {"high_availability": (1, 0)}


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "x-unknown", "utf-7"])
def test_a_charset_that_lies_costs_some_letters_only(mailbox: Mailbox, charset: str) -> None:
    head = "".join(f"{key}: {value}\n" for key, value in BASIC.items() if key != "Content-Type")
    body = "Grüße, wir planen high availability.".encode("latin-1")
    mailbox.put(f"{head}Content-Type: text/plain; charset={charset}\n\n".encode() + body)

    assert mailbox.topics() == {"high_availability": (1, 0)}


def test_a_stop_between_the_two_facts_loses_neither(mailbox: Mailbox) -> None:
    """The watermark moves with the topics, so that a stop after the mails yields both again."""
    for number in range(3):
        mailbox.deliver("We need HA.", Message_ID=f"<{number}@x.example>")
    first, second, *_ = mailbox.pull(batch_rows=2)

    assert (first.fact, second.fact) == ("emails", "email_topics")
    assert first.watermark == Watermark()
    again = mailbox.pull(first.watermark, batch_rows=2)
    assert again[0].rows.equals(first.rows)
    assert again[1].rows.equals(second.rows)


def test_a_mail_that_came_late_but_was_written_before_is_found(mailbox: Mailbox) -> None:
    mailbox.deliver()
    last = mailbox.pull()[-1].watermark
    mailbox.deliver(
        Message_ID="<old@x.example>",
        Date="Mon, 01 Sep 2025 10:00:00 +0000",
        delivered=datetime(2025, 9, 1, tzinfo=UTC),
    )

    assert [batch.rows.num_rows for batch in mailbox.pull(last) if batch.fact == "emails"] == [1]


def test_a_mail_that_was_read_and_moved_keeps_its_key(mailbox: Mailbox) -> None:
    path = mailbox.deliver()
    (before,) = mailbox.emails()
    path.rename(mailbox.folder / "cur" / f"{path.name}:2,S")

    assert mailbox.emails() == [before]


def test_a_mail_nested_a_thousand_deep_costs_one_row(mailbox: Mailbox) -> None:
    deep = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(1_000))
    mailbox.put(("From: pat@acme.example\n" + deep).encode())
    mailbox.deliver()

    batches = mailbox.pull()

    assert sum(batch.rows.num_rows for batch in batches if batch.fact == "emails") >= 1
    assert all("@" not in row.reason for batch in batches for row in batch.rejected)


PIECES = [
    b"From: ", b"Pat <pat@acme.example>", b"<>", b"<[x@]>", b"\n", b"\nTo: ", b"a@b.example, ", b"\nDate: ",
    b"31 Feb 25:61 +9999", b"\nSubject: =?x-no?q?=FF?=", b"=?utf-8?b?////?=", b"\nContent-Type: ",
    b"text/html; charset=x-no", b"multipart/mixed; boundary=", b"b", b"\n\n", b"--b\n", b"--b--",
    b"\x00\xff\xfe", b"\nMessage-ID: <", b">", b"\nContent-Transfer-Encoding: base64", b"<p><blockquote>",
    b"> quote", b"'", b"=?",
    b"\nContent-Disposition: attachment; filename*=x''%", b"\nContent-Type: message/rfc822",
]  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=6), max_size=25))
def test_no_mail_stops_the_others(mailbox: Mailbox, pieces: list[bytes]) -> None:
    mailbox.put(b"".join(pieces), name="hostile.m.host")
    mailbox.deliver(name="good.m.host")

    assert any(mail["message_key"] == Pseudonyms(KEY).message("1@acme.example") for mail in mailbox.emails())
