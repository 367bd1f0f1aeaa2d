"""Explanations as plain text, rich text and a line."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.maturity.peers import Group
from models.maturity.reasons import Reason
from models.maturity.render import Verdict, plain, rich, summary
from tests.models.maturity.made_up import HOSTILE

VERDICT = Verdict("medium", 58.3, "high", 46.2, Group("Enterprise customers in EMEA", 48))


def reason(
    points,
    value="Attended 3 webinars in the last 90 days",
    standing="more than 82 % of 47 similar customers",
    **more,
):
    sentence = f"{value}, {standing}."
    return Reason(("webinars_90d",), "webinars", "learning", points, sentence, value, standing, **more)


class Tags(HTMLParser):
    """Counts what a browser would see as tags."""

    def __init__(self, html):
        super().__init__()
        self.seen = []
        self.open = 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        self.open += 1

    def handle_endtag(self, _tag):
        self.open -= 1


REASONS = st.lists(
    st.builds(
        reason,
        st.floats(-20, 20).filter(bool),
        st.text(min_size=1, max_size=80).map("In {}".format),
        talk_track=st.one_of(st.just(""), st.text(min_size=1, max_size=200)),
        sensitive=st.booleans(),
        surprising=st.booleans(),
    ),
    max_size=20,
)
VERDICTS = st.builds(
    Verdict,
    st.sampled_from(["low", "medium", "high"]),
    st.floats(0, 100),
    st.sampled_from([None, "medium"]),
    st.floats(0, 100),
    st.builds(Group, st.text(max_size=100), st.integers(30, 10**6), st.booleans()),
    st.floats(0, 60),
    st.sampled_from(["", "Since 12 November 2026 the score has stayed at 59."]),
)


def test_rich_text_is_the_fixed_template():
    html = rich(VERDICT, [reason(6.2), reason(-1.4, "Has 3 contacts & more")])

    assert html == (
        "<p><b>Medium maturity (score 58, close to high)</b></p>"
        '<p><b>What speaks for a higher rating</b></p><ul><li><span style="color: rgb(0, 128, 0);">'
        "▲ Attended 3 webinars in the last 90 days, more than 82 % of 47 similar customers. (+6)</span>"
        "</li></ul>"
        '<p><b>What speaks against it</b></p><ul><li><span style="color: rgb(192, 0, 0);">'
        "▼ Has 3 contacts &amp; more, more than 82 % of 47 similar customers. (−1)</span>"
        "</li></ul>"
        "<p>Similar customers are the 47 other Enterprise customers in EMEA, as far as we know their "
        "figures. Brackets hold points of the score: every customer starts from 46, and all that is not "
        "listed comes to +7.</p>"
    )


@given(VERDICTS, REASONS, st.integers(1200, 6000))
@settings(max_examples=60, deadline=None)
def test_rich_text_has_no_tag_but_the_templates_and_keeps_the_limit(verdict, reasons, limit):
    html = rich(verdict, reasons, limit)
    tags = Tags(html)

    assert {tag for tag, _ in tags.seen} <= {"p", "b", "i", "ul", "li", "span"}
    assert all(set(attrs) <= {"style"} for _, attrs in tags.seen)
    assert tags.open == 0
    assert len(html) <= limit


@given(VERDICTS, REASONS, st.integers(800, 6000))
@settings(max_examples=60, deadline=None)
def test_plain_text_keeps_the_limit_by_leaving_out_whole_reasons(verdict, reasons, limit):
    text = plain(verdict, reasons, limit)

    assert len(text) <= limit
    assert re.match(r"[A-Z]", text)
    assert re.search(r"[^.]\.$", text)
    assert not re.search(r"\([+−]0\b", text)


@given(VERDICTS, REASONS)
@settings(max_examples=60, deadline=None)
def test_start_reasons_and_the_rest_add_up_to_the_score(verdict, reasons):
    text = plain(verdict, reasons, 10**6)
    told = [
        int(each.replace("−", "-")) for each in re.findall(r"\(([+−]\d+)(?:, internal)?\)\n", text + "\n")
    ]
    start = int(re.search(r"starts from (\d+)", text)[1])
    rest = re.search(r"comes to ([+−]\d+)", text)

    total = start + sum(told) + (int(rest[1].replace("−", "-")) if rest else 0)
    assert total == round(verdict.score)


def test_the_weakest_reasons_are_left_out_first():
    reasons = [reason(9, "First"), reason(-5, "Second"), reason(2, "Third")]

    text = plain(VERDICT, reasons, len(plain(VERDICT, reasons)) - 1)

    assert "First" in text
    assert "Second" in text
    assert "Third" not in text


def test_hostile_text_cannot_leave_its_place():
    hostile = reason(3, f"Is in the {HOSTILE} industry")

    html = rich(Verdict("low", 3, None, 46, Group(HOSTILE, 40)), [hostile])

    assert "<script" not in html
    assert len([tag for tag, _ in Tags(html).seen if tag == "span"]) == 1


def test_a_talk_track_stands_with_its_reason_and_is_escaped():
    told = [reason(3, talk_track="Ask <b>who</b> came.")]

    assert "(+3)\n   Talk track: Ask <b>who</b> came.\n" in plain(VERDICT, told)
    assert "(+3)</span> <i>Talk track: Ask &lt;b&gt;who&lt;/b&gt; came.</i></li>" in rich(VERDICT, told)


def test_what_people_wrote_is_marked_as_internal():
    text = plain(VERDICT, [reason(3, sensitive=True), reason(-2)])

    assert "(+3, internal)" in text
    assert "(−2)" in text
    assert text.endswith("please do not quote it.")
    assert "internal" not in plain(VERDICT, [reason(-2)])


def test_a_rating_that_leans_on_what_we_do_not_know_says_so():
    warned = plain(replace(VERDICT, unknown=21.7), [])

    assert "What we do not know counts +22 here, so rely on the rating less." in warned
    assert "do not know counts" not in plain(replace(VERDICT, unknown=4), [])


def test_the_change_stands_below_the_verdict():
    text = plain(replace(VERDICT, shift="Since 12 November 2026 the score has stayed at 58."), [])

    assert text.split("\n\n")[:2] == [
        "Medium maturity (score 58, close to high).",
        "Since 12 November 2026 the score has stayed at 58.",
    ]


def test_an_account_like_no_other_is_compared_with_all():
    lonely = replace(VERDICT, similar=Group("customers", 600, everybody=True))

    assert "it is compared with all 599 others." in plain(lonely, [])


def test_a_side_without_reasons_has_no_heading():
    assert "against" not in plain(VERDICT, [reason(3)])
    assert "speaks" not in rich(VERDICT, [])


def test_the_summary_tells_the_stronger_side_first():
    text = summary(VERDICT, [reason(-6, "Has 1 contact"), reason(2)], limit=1000)

    assert text == (
        "Medium maturity (score 58, close to high). Against: has 1 contact, "
        "more than 82 % of 47 similar customers. "
        "For: attended 3 webinars in the last 90 days, more than 82 % of 47 similar customers."
    )


def test_a_side_too_weak_for_a_headline_is_not_in_the_summary():
    assert "For:" not in summary(VERDICT, [reason(-6), reason(1.9)])
    assert "Against:" in summary(VERDICT, [reason(-1)])


def test_the_summary_passes_over_what_surprises():
    odd = reason(-9, "Attended 5 webinars", surprising=True)

    assert "Attended 5" not in summary(VERDICT, [odd, reason(2)])


@given(VERDICTS, REASONS, st.integers(60, 255))
@settings(max_examples=60, deadline=None)
def test_the_summary_fits_starts_with_a_letter_and_ends_with_a_full_stop(verdict, reasons, limit):
    text = summary(verdict, reasons, limit)

    assert len(text) <= limit
    assert re.match(r"[A-Z]", text)
    assert text.endswith(".")


@pytest.mark.parametrize(("points", "shown"), [(0.5, "(+1)"), (-0.6, "(−1)"), (12.4, "(+12)")])
def test_points_are_whole_and_never_zero(points, shown):
    assert shown in plain(VERDICT, [reason(points)])
