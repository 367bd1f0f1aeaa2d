"""Each value of each feature, said aloud."""

import re
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.features.wording import Wording
from models.maturity.sentences import Cell, say
from tests.models.maturity.made_up import CATALOGUE, HOSTILE

NUMBERS = [feature for feature in CATALOGUE if feature.kind == "number"]
CATEGORIES = [feature for feature in CATALOGUE if feature.kind == "category"]


NAN = float("nan")


def among(value, below=0.5, above=0.5, zeros=0.0, same=NAN, peers=47, overall=(0.5, 0.5), **more):
    """A value among its peers; overall: shares of all customers below and above."""
    return Cell(value, below, above, zeros, same, peers, *overall, 600, **more)


def sentence(name, cell, arrow=1):
    return say(CATALOGUE[name], cell, arrow).sentence()


@st.composite
def cells(draw):
    """Values and standings that can occur together."""
    value = draw(
        st.one_of(
            st.none(),
            st.sampled_from([0.0, 1.0, -1.0, 2.0, 0.001, 37.000001]),
            st.floats(-100, 1e7, allow_nan=False),
        )
    )
    below = draw(st.sampled_from([0.0, 0.001, 0.15, 0.5, 0.823, 1.0]))
    equal = draw(st.sampled_from([0.0, 0.1, 1.0])) * (1 - below)
    zeros = equal if value == 0 else draw(st.sampled_from([0.0, 0.3, 0.8, 1.0]))
    peers = draw(st.sampled_from([0, 10, 47, 12_345]))
    all_below = draw(st.sampled_from([0.0, 0.3, 0.5, 0.71, 1.0]))
    everybody = (all_below, draw(st.sampled_from([0.0, 1.0])) * (1 - all_below), max(peers, 600))
    noun = draw(st.sampled_from(["similar customers", "Small customers in EMEA"]))
    return Cell(value, below, 1 - below - equal, zeros, NAN, peers, *everybody, noun)


def assert_sayable(said):
    assert re.fullmatch(r"[A-Z].*[^ .;,]\.", said), said
    assert not re.search(r"  |_|\bnan\b|\binf\b|None|[{}]|-\d|−|\d\.\d{3}| ,| ;|\b0 [a-z]+ ago", said), said
    assert not re.search(r"(?<![\d.,])1 (?!%)[a-z-]+s\b(?<!times)", said), said
    assert len(said) < 230, said


VARIATION = next(feature for feature in NUMBERS if feature.name == "usage_variation_percent_28d")


@given(st.sampled_from(NUMBERS), cells(), st.sampled_from([-1, 1]))
@example(VARIATION, among(-0.0, 0.0, 1.0, peers=0), -1)
@settings(max_examples=400, deadline=None)
def test_every_number_makes_a_sentence_a_rep_can_say(feature, cell, arrow):
    if cell.value is not None and cell.value < 0 and not feature.wording.falling:
        cell = replace(cell, value=-cell.value)

    assert_sayable(say(feature, cell, arrow).sentence())


@given(st.sampled_from([f for f in NUMBERS if f.direction]), cells(), st.sampled_from([-1, 1]))
@settings(max_examples=400, deadline=None)
def test_a_sentence_that_agrees_does_not_contradict_its_own_number(feature, cell, arrow):
    """Where reps expect more to be good, "more than 82 %" never counts against, nor "less than 82 %" for."""
    if cell.value is None or (cell.value < 0 and not feature.wording.falling):
        return
    said = say(feature, cell, arrow)
    if not said.agrees:
        return
    expected_more = arrow == feature.direction
    last = re.split(r", (?:though|but) ", said.standing)[-1]
    fell = cell.value < 0 and said.value != feature.wording.none

    if last.startswith((f"{feature.wording.more} than", "a higher change than")):
        assert expected_more != fell
    if last.startswith((f"{feature.wording.less} than", "a lower change than")):
        assert expected_more == fell
    if said.value == feature.wording.none and not feature.wording.falling:
        assert not expected_more
    if feature.wording.others_none in last:
        assert expected_more


@pytest.mark.parametrize("feature", NUMBERS, ids=lambda feature: feature.name)
def test_missing_is_said_as_our_lack(feature):
    said = say(feature, among(None), -1)

    assert said.sentence() == f"{feature.wording.missing}."
    assert said.value.startswith(("We ", "Our CRM "))


def test_a_common_value_is_said_with_unit_and_standing():
    said = sentence("usage_events_per_day_28d", among(1243.7, below=0.829, above=0.17))

    assert said == (
        "Used the product about 1,240 times a day in the last 4 weeks, "
        "more than 82 % of 47 similar customers."
    )


def test_the_standing_takes_the_side_that_explains_the_arrow():
    usage = "usage_events_per_day_28d"

    assert "more than 60 %" in sentence(usage, among(50.0, below=0.6, above=0.4), arrow=1)
    assert "as is usual for similar customers" in sentence(usage, among(50.0, below=0.6, above=0.4), arrow=-1)


@pytest.mark.parametrize(
    ("zeros", "said"),
    [
        (0.8, "Attended no webinar in the last 90 days, like 80 % of 47 similar customers."),
        (0.3, "Attended no webinar in the last 90 days, unlike 70 % of 47 similar customers."),
    ],
)
def test_none_at_all_has_words_of_its_own(zeros, said):
    assert sentence("webinars_90d", among(0.0, below=0, above=1 - zeros, zeros=zeros), arrow=-1) == said


def test_what_few_peers_have_is_told_by_those_who_have_none():
    said = sentence("webinars_90d", among(1.0, below=0.8, above=0.1, zeros=0.8))

    assert said == "Attended 1 webinar in the last 90 days; 80 % of 47 similar customers attended none."


def test_a_fall_is_compared_as_a_fall():
    """A fall by 3 % that is better than most is a smaller fall, not "more"."""
    users = "usage_users_growth_percent_28d"

    assert "fell by 30 % in the last 4 weeks, more than 90 %" in sentence(
        users, among(-30.0, 0.1, 0.9), arrow=-1
    )
    assert "fell by 3 % in the last 4 weeks, less than 90 %" in sentence(
        users, among(-3.0, 0.9, 0.1), arrow=1
    )


def test_a_standing_that_speaks_against_the_arrow_is_left_out_where_the_words_speak_for_it():
    said = say(CATALOGUE["usage_growth_percent_28d"], among(30.0, below=0.1, above=0.9), 1)

    assert said.agrees
    assert said.standing == ""


@pytest.mark.parametrize(
    ("below", "said"),
    [
        (0.15, "less than 85 % of 47 similar customers, though more than 71 % of all 600 customers."),
        (0.45, "as is usual for similar customers, but more than 71 % of all 600 customers."),
        (0.6, "more than 60 % of 47 similar customers."),
    ],
)
def test_where_only_all_customers_explain_the_arrow_they_are_told_too(below, said):
    cell = among(500.0, below=below, above=1 - below, overall=(0.71, 0.29))

    assert sentence("usage_events_per_day_28d", cell, 1).endswith(said)


def test_what_neither_peers_nor_all_customers_explain_does_not_agree():
    cell = among(500.0, below=0.1, above=0.9, overall=(0.3, 0.7))

    assert not say(CATALOGUE["usage_events_per_day_28d"], cell, 1).agrees


def test_peers_of_another_group_than_the_accounts_own_are_named():
    said = sentence("employees", among(206.0, below=0.92, above=0.08, among="Small customers in AMER"))

    assert said == "Has 206 employees, more than 92 % of 47 Small customers in AMER."


@pytest.mark.parametrize(
    ("arrow", "said"),
    [
        (-1, "Is in the Media industry; such customers score 38 on average, all customers 47."),
        (1, "Is in the Media industry, like 10 % of 47 similar customers."),
    ],
)
def test_a_category_is_explained_by_its_average_where_that_agrees(arrow, said):
    cell = among("Media", same=0.1, average=38.2, all_average=46.7)

    assert sentence("industry", cell, arrow) == said
    assert say(CATALOGUE["industry"], cell, arrow).agrees == (arrow < 0)


def test_nothing_is_compared_with_too_few_peers():
    said = sentence("contacts", among(4.0, NAN, NAN, NAN, peers=0, overall=(NAN, NAN)))

    assert said == "Has 4 contacts in our CRM."


@pytest.mark.parametrize("feature", CATEGORIES, ids=lambda feature: feature.name)
def test_a_hostile_category_is_cut_and_cleaned(feature):
    said = say(feature, among(HOSTILE + "x" * 500, same=0.0), 1).sentence()

    assert len(said) < 150
    assert said[0].isalpha()
    assert not any(c in said for c in "\u202e\n")


def test_braces_in_a_category_are_text():
    assert sentence("industry", among("{v.__class__}", same=0.1)) == (
        "Is in the {v.__class__} industry, like 10 % of 47 similar customers."
    )


@pytest.mark.parametrize("feature", CATALOGUE.features, ids=lambda feature: feature.name)
def test_templates_are_clauses(feature):
    wording: Wording = feature.wording
    for clause in (wording.some, wording.missing, wording.none, wording.falling):
        assert clause == "" or (clause[0].isupper() and clause[-1] not in ". ")
    assert "{v" in wording.some
    assert wording.others_none[0].islower()
