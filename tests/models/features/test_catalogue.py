"""Every feature is documented, in words that a rep understands."""

import re
from dataclasses import fields

import numpy as np
import pytest

from models.errors import ModelError
from models.features.catalogue import Catalogue, Feature, catalogue
from models.features.expect import Constant, Expectation, Monotone, Range, Rate, Step
from models.tables import Facts
from tests.models.features.examples import CATALOGUE

every_feature = pytest.mark.parametrize("feature", CATALOGUE.features, ids=CATALOGUE.names)

JARGON = re.compile(
    r"\b(coefficient|covariance|cut|deviation|distribution|feature|mean|median|nan|null|percentile|quantile|"
    r"quotient|ratio|regression|score|slope|snapshot|standard|variance|variation|volatility|window|\d+d)\b|_",
    re.IGNORECASE,
)


def test_there_are_features_of_every_family() -> None:
    assert list(CATALOGUE.families) == [
        "usage level",
        "usage trend",
        "usage rhythm",
        "breadth",
        "web",
        "learning",
        "experience",
        "email",
        "topics",
        "crm",
        "firmographics",
    ]
    assert len(catalogue([], [])) >= 85


@every_feature
def test_label_reads_inside_a_sentence(feature: Feature) -> None:
    assert feature.label[0].islower()
    assert feature.label.strip(" .") == feature.label
    assert not JARGON.search(feature.label), "jargon"
    assert 10 <= len(feature.label) <= 90


def test_labels_are_all_different() -> None:
    assert len({feature.label for feature in CATALOGUE}) == len(CATALOGUE)


@every_feature
def test_feature_is_documented(feature: Feature) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", feature.name)
    assert bool(feature.unit) == (feature.kind == "number")
    assert feature.meaning.endswith(".")
    assert "issing" in feature.meaning, "says when it is missing"
    assert feature.owner
    assert feature.direction in (-1, 0, 1)
    assert set(feature.sources) <= {field.name for field in fields(Facts)}
    assert feature.sources


@every_feature
def test_a_window_in_the_name_is_the_one_in_the_meaning(feature: Feature) -> None:
    if window := re.search(r"_(\d+)d$", feature.name):
        assert re.search(rf"\b{window[1]} days\b", feature.meaning)


def test_what_customers_wrote_or_answered_is_sensitive() -> None:
    sensitive = {feature.family for feature in CATALOGUE if feature.sensitive}

    assert sensitive == {"topics", "experience"}


def test_topics_and_technologies_are_those_configured() -> None:
    configured = catalogue(["edge_sites"], ["Helm", "C++"])

    extra = set(configured.names) - set(catalogue([], []).names)
    assert extra == {
        "topic_edge_sites_180d",
        "usage_helm_percent_90d",
        "usage_helm_shift_percent_90d",
        "usage_c_percent_90d",
        "usage_c_shift_percent_90d",
    }


def test_a_feature_is_found_by_its_name() -> None:
    assert CATALOGUE["tier"].kind == "category"
    with pytest.raises(KeyError):
        CATALOGUE["no_such_feature"]


def test_two_features_of_one_name_are_refused() -> None:
    with pytest.raises(ModelError, match="topic_security_180d"):
        catalogue(["security", "security"], [])
    with pytest.raises(ModelError, match="tier"):
        Catalogue((CATALOGUE["tier"], CATALOGUE["tier"]))


@pytest.mark.parametrize(
    ("expect", "before", "now", "held"),
    [
        (Constant(), [1, 2], [1, 3], [True, False]),
        (Monotone(), [1, 2, 2], [1, 3, 1], [True, True, False]),
        (Step(per_day=1, tolerance=0.5), [10, 10, 10], [12, 12.5, 13], [True, True, False]),
        (Rate(low=-1, high=3), [0, 0, 0, 0], [-3, -2, 6, 7], [False, True, True, False]),
        (Range(low=0, high=100), [-5, 5, 5], [0, 100, 101], [True, True, False]),
    ],
)
def test_expectations_say_which_accounts_changed_as_they_should(
    expect: Expectation, before: list[float], now: list[float], held: list[bool]
) -> None:
    """Over two days."""
    assert expect.holds(np.array(before, float), np.array(now, float), 2.0).tolist() == held


def test_counts_and_shares_are_expected_where_they_can_be() -> None:
    """A negative count is a mistake of the source; only changes and trends may fall below zero."""
    unbounded = [feature for feature in CATALOGUE if feature.kind == "number" and feature.expect is None]

    assert all(feature.wording.falling for feature in unbounded)


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        (Constant(), "never changes"),
        (Monotone(), "never falls"),
        (Step(per_day=1, tolerance=2), "grows by 1 a day"),
        (Rate(low=0, high=0.5), "changes by 0 to 0.5 a day"),
        (Range(0, 100), "0 to 100"),
        (Range(1, float("inf")), "at least 1"),
    ],
)
def test_an_expectation_is_documented_in_words(expect: Expectation, said: str) -> None:
    assert str(expect) == said
