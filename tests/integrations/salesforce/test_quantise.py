"""Values as a field holds them: quantising twice is quantising once, and everything fits."""

from datetime import UTC, datetime, timedelta, timezone
from html import escape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.salesforce.describe import FieldShape
from integrations.salesforce.quantise import Kind, html_length, quantise, same

TEXT = st.text(alphabet=st.characters(codec="utf-16", exclude_categories=()), max_size=400)
START = datetime.fromisoformat("2000-01-01")
HOSTILE = st.one_of(TEXT, st.text(alphabet="a. !?\n\r\t&<>\x00😀\ud800é", max_size=400))


def units(text: object) -> int:
    return len(str(text).encode("utf-16-le")) // 2


def text_shape(length: int) -> FieldShape:
    return FieldShape("F__c", "string", length=length)


@given(HOSTILE, st.integers(20, 255), st.sampled_from([Kind.TEXT, Kind.LONG_TEXT]))
def test_texts_fit_and_stay(text: str, length: int, kind: Kind) -> None:
    once = quantise(kind, text, text_shape(length))

    assert once is None or 0 < units(once) <= length
    assert quantise(kind, once, text_shape(length)) == once
    assert same(kind, once, once)


@given(st.lists(HOSTILE, max_size=30), st.integers(256, 2000))
def test_rich_text_is_cut_by_whole_items_and_stays_well_formed(items: list[str], length: int) -> None:
    markup = "<p>Why:</p><ul>" + "".join(f"<li><b>{escape(item)}</b></li>" for item in items) + "</ul>"
    once = str(quantise(Kind.HTML, markup, text_shape(length)))

    assert html_length(once) <= length
    assert once.count("<li>") == once.count("</li>")
    assert once.endswith("</ul>") or once == "<p>Why:</p>"
    assert quantise(Kind.HTML, once, text_shape(length)) == once
    HTMLParser().feed(once)


def test_an_ampersand_counts_as_five_in_rich_text() -> None:
    assert html_length("<p>R&D &amp; more</p>") == len("<p>R&amp;D &amp; more</p>")


@given(st.floats(-9999, 9999), st.integers(0, 4))
def test_numbers_are_rounded_once_and_for_all(number: float, scale: int) -> None:
    shape = FieldShape("F__c", "double", precision=12, scale=scale)
    once = quantise(Kind.NUMBER, number, shape)

    assert isinstance(once, int | float)
    assert abs(once - number) <= 0.5 * 10**-scale + 1e-9
    assert quantise(Kind.NUMBER, once, shape) == once


def test_halves_are_rounded_away_from_zero_as_salesforce_does() -> None:
    shape = FieldShape("F__c", "double", precision=4, scale=1)
    assert quantise(Kind.NUMBER, 62.25, shape) == 62.3
    assert quantise(Kind.NUMBER, -0.04, shape) == 0


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 1000.0, 999.96, True, "5"])
def test_what_a_number_field_cannot_hold_is_refused(number: float) -> None:
    with pytest.raises(ValueError):
        quantise(Kind.NUMBER, number, FieldShape("F__c", "double", precision=4, scale=1))


@given(st.datetimes(START, START + timedelta(days=50_000)), st.integers(-12, 14))
def test_times_are_whole_seconds_in_utc(naive: datetime, hours: int) -> None:
    local = naive.replace(tzinfo=timezone(timedelta(hours=hours)))
    once = str(quantise(Kind.DATETIME, local, FieldShape("F__c", "datetime")))

    assert once.endswith(".000+0000")
    assert datetime.fromisoformat(once) == local.astimezone(UTC).replace(microsecond=0)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        quantise(Kind.DATETIME, START, FieldShape("F__c", "datetime"))


def test_a_text_ends_at_a_sentence_where_that_keeps_half_of_it() -> None:
    text = "Usage grew by a third. Two trainings were attended. Satisfaction is falling since May."
    assert quantise(Kind.TEXT, text, text_shape(60)) == "Usage grew by a third. Two trainings were attended."
    assert quantise(Kind.TEXT, text, text_shape(20)) == "Usage grew by a…"


def test_a_json_text_is_left_out_rather_than_cut() -> None:
    assert quantise(Kind.JSON, '{"a": 1}', text_shape(8)) == '{"a": 1}'
    assert quantise(Kind.JSON, '{"a": 10}', text_shape(8)) is None


def test_rich_text_is_the_same_when_a_reader_sees_the_same() -> None:
    ours = '<p><b>R&amp;D</b> grew</p><ul><li><span style="color: rgb(0, 128, 0);">up</span></li></ul>'
    theirs = "<p><strong>R&amp;D</strong>  grew</p><ul><li>up</li></ul>"
    assert same(Kind.HTML, ours, theirs)
    assert not same(Kind.HTML, ours, theirs.replace("up", "down"))
