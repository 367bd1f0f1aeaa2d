"""Explanations as plain text, rich text and a line."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.maturity.reasons import Reason
from models.maturity.render import Verdict, plain, rich, summary
from tests.models.maturity.made_up import HOSTILE

VERDICT = Verdict("medium", 58.3, "high", "Enterprise customers in EMEA")


def reason(
    points, value="Attended 3 webinars in the last 90 days", standing="more than 82 % of 47 similar customers"
):
    return Reason(("webinars_90d",), "learning", points, f"{value}, {standing}.", value, standing, False)


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
    st.builds(reason, st.floats(-20, 20).filter(bool), st.text(min_size=1, max_size=80).map("In {}".format)),
    max_size=20,
)


def test_rich_text_is_the_fixed_template():
    html = rich(VERDICT, [reason(6.2), reason(-1.4, "Has 3 contacts & more")])

    assert html == (
        "<p><b>Medium maturity (score 58, close to high)</b></p>"
        '<p>What speaks for a higher rating</p><ul><li><span style="color: rgb(0, 128, 0);">'
        "▲ Attended 3 webinars in the last 90 days, more than 82 % of 47 similar customers. (+6)</span>"
        "</li></ul>"
        '<p>What speaks against it</p><ul><li><span style="color: rgb(192, 0, 0);">'
        "▼ Has 3 contacts &amp; more, more than 82 % of 47 similar customers. (−1)</span>"
        "</li></ul>"
        "<p>Similar customers are Enterprise customers in EMEA. "
        "Numbers in brackets are points of the score.</p>"
    )


@given(REASONS, st.integers(300, 3000))
@settings(max_examples=60, deadline=None)
def test_rich_text_has_no_tag_but_the_templates_and_keeps_the_limit(reasons, limit):
    html = rich(VERDICT, reasons, limit)
    tags = Tags(html)

    assert {tag for tag, _ in tags.seen} <= {"p", "b", "ul", "li", "span"}
    assert all(set(attrs) <= {"style"} for _, attrs in tags.seen)
    assert tags.open == 0
    assert len(html) <= limit


@given(REASONS, st.integers(300, 3000))
@settings(max_examples=60, deadline=None)
def test_plain_text_keeps_the_limit_by_leaving_out_whole_reasons(reasons, limit):
    text = plain(VERDICT, reasons, limit)

    assert len(text) <= limit
    assert text.startswith("Medium")
    assert text.endswith("points of the score.")


def test_the_weakest_reasons_are_left_out_first():
    reasons = [reason(9, "First"), reason(-5, "Second"), reason(2, "Third")]

    text = plain(VERDICT, reasons, len(plain(VERDICT, reasons)) - 1)

    assert "First" in text
    assert "Second" in text
    assert "Third" not in text


def test_hostile_text_cannot_leave_its_place():
    hostile = reason(3, f"Is in the {HOSTILE} industry")

    html = rich(Verdict("low", 3, None, HOSTILE), [hostile])

    assert "<script" not in html
    assert len([tag for tag, _ in Tags(html).seen if tag == "span"]) == 1


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


@given(REASONS)
@settings(max_examples=60, deadline=None)
def test_the_summary_fits_and_starts_with_a_letter(reasons):
    text = summary(VERDICT, reasons)

    assert len(text) <= 255
    assert re.match(r"[A-Z]", text)


@pytest.mark.parametrize(("points", "shown"), [(0.5, "(+1)"), (-0.6, "(−1)"), (12.4, "(+12)")])
def test_points_are_whole_and_never_zero(points, shown):
    assert shown in plain(VERDICT, [reason(points)])
