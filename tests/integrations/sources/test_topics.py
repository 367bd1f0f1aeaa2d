"""What counts as a mention, and what as a denial."""

import pytest

from integrations.sources.topics import Mentions, TopicIndex

INDEX = TopicIndex(
    {
        "high_availability": ("high availability", "HA", "Hochverfügbarkeit", "haute disponibilité"),
        "multi_site": ("multi-site", "second site"),
        "automation": ("automation", "automatisation"),
        "cost": ("cost", "licence cost"),
    }
)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("We plan for High Availability.", "high_availability"),
        ("high-availability/failover", "high_availability"),
        ("Is HA included?", "high_availability"),
        ("Wir planen Hochverfügbarkeit!", "high_availability"),
        ("multisite, please", "multi_site"),
        ("two multi sites", "multi_site"),
        ("vers l’automatisation des livraisons", "automation"),
        ("Not only HA, also more", "high_availability"),
        ("No problem. HA it is", "high_availability"),
        ("We have no budget, but HA is a must", "high_availability"),
    ],
)
def test_a_mention_in_any_spelling(text: str, topic: str) -> None:
    assert INDEX.count(text) == {topic: Mentions(1, 0)}


@pytest.mark.parametrize(
    "text",
    [
        "We do not need high availability.",
        "We don't want HA",
        "There are no plans for any kind of high availability",
        "High availability is not needed for us.",
        "High availability is out of scope",
        "a single node instead of HA",
        "Wir brauchen keine Hochverfügbarkeit",
        "Hochverfügbarkeit brauchen wir nicht",
        "Nous n’avons pas besoin de haute disponibilité",
    ],
)
def test_a_denial_is_counted_apart(text: str) -> None:
    assert INDEX.count(text) == {"high_availability": Mentions(1, 1)}


@pytest.mark.parametrize(
    "text", ["ha ha, very funny", "the site", "a multi-level site", "Highly. Available.", ""]
)
def test_what_is_no_mention(text: str) -> None:
    assert INDEX.count(text) == {}


def test_the_longest_phrase_counts_once() -> None:
    assert INDEX.count("The licence cost, and again the cost.") == {"cost": Mentions(2, 0)}


def test_no_topics_find_nothing() -> None:
    assert TopicIndex({}).count("anything") == {}
