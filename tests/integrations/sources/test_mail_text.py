"""The writer's own lines, of mails as programs write them."""

from email import message_from_string

import pytest

from integrations.sources.mail_text import html_to_text, own_lines, own_text

OWN = "Thanks, that helps.\n\nWhen can we start?"

REPLIES = {
    "no quote": OWN,
    "english": f"{OWN}\n\nOn Mon, 1 Dec 2025, Rosa <rosa@x.example> wrote:\n> We offer HA.\n>\n> Rosa",
    "english, two lines": f"{OWN}\n\nOn Mon, 1 Dec 2025, Rosa Reyes\n<rosa@x.example> wrote:\n\n> HA.",
    "english, unmarked": f"{OWN}\n\nOn 1 Dec 2025, Rosa wrote:\n\nWe offer HA.",
    "german": f"{OWN}\n\nAm 01.12.2025 10:00 schrieb Rosa <rosa@x.example>:\n> HA",
    "french": f"{OWN}\n\nLe 01/12/2025 10:00, Rosa <rosa@x.example> a écrit :\n> HA",
    "spanish": f"{OWN}\n\nEl lun, 1 dic 2025, Rosa escribió:\n> HA",
    "italian": f"{OWN}\n\nIl 1 dicembre 2025 Rosa ha scritto:\n> HA",
    "outlook": f"{OWN}\n\nFrom: Rosa <rosa@x.example>\nSent: Monday\nTo: Pat\nSubject: HA\n\nWe offer HA.",
    "outlook, german": f"{OWN}\n\nVon: Rosa\nGesendet: Montag\nAn: Pat\nBetreff: HA\n\nHA",
    "outlook, old": f"{OWN}\n\n-----Original Message-----\nFrom: Rosa\n\nHA",
    "signature": f"{OWN}\n\n-- \nPat\nHA Corp",
    "signature and quote": f"{OWN}\n-- \nPat\n\nOn 1 Dec 2025, Rosa wrote:\n> HA",
    "phone": f"{OWN}\n\nSent from my iPhone",
    "disclaimer": f"{OWN}\n\nThis message is confidential. HA",
    "inline": "On 1 Dec 2025, Rosa wrote:\n> HA\nThanks, that helps.\n> more\n\nWhen can we start?",
    "carriage returns": OWN.replace("\n", "\r\n") + "\r\n\r\n> HA\r\n",
}


@pytest.mark.parametrize("text", REPLIES.values(), ids=REPLIES.keys())
def test_quotes_and_signatures_are_stripped(text: str) -> None:
    assert own_lines(text) == OWN


@pytest.mark.parametrize(
    "text",
    [
        "From: what I hear, HA is on.",
        "On Monday at 10 we talked; the 3 of us agree.",
        "I wrote: we need HA.",
        "- one\n- two",
    ],
)
def test_what_only_looks_like_a_quote_is_kept(text: str) -> None:
    assert own_lines(text) == text


def test_html_keeps_lines_and_drops_quotes_styles_and_scripts() -> None:
    markup = (
        "<html><head><style>p{}</style></head><body><p>Hi&nbsp;Rosa &amp; all,</p>We need<br>HA."
        "<script>x()</script><blockquote type=cite><p>old <blockquote>older</blockquote></p></blockquote>"
        "Bye</body>"
    )

    assert [line.strip() for line in html_to_text(markup).split("\n") if line.strip()] == [
        "Hi\xa0Rosa & all,", "We need", "HA.", "Bye",
    ]  # fmt: skip


def test_plain_text_is_preferred_and_attachments_are_not_read() -> None:
    message = message_from_string(
        "Content-Type: multipart/mixed; boundary=b\n\n"
        "--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=x.txt\n\nattached\n"
        "--b\nContent-Type: multipart/alternative; boundary=c\n\n"
        "--c\nContent-Type: text/html\n\n<p>rich</p>\n--c\nContent-Type: text/plain\n\nplain\n--c--\n"
        "--b\nContent-Type: message/rfc822\n\nSubject: other\n\nforwarded\n--b--\n"
    )

    assert own_text(message) == "plain"


def test_a_mail_without_text_has_none() -> None:
    assert own_text(message_from_string("Content-Type: image/png\n\nx")) == ""
