"""All features there are, for a configuration."""

from collections.abc import Sequence

from models.features import (
    breadth,
    crm,
    email,
    email_topics,
    experience,
    firmographics,
    learning,
    usage_level,
    usage_rhythm,
    usage_trend,
    web,
)
from models.features.feature import Catalogue, Feature

__all__ = ["Catalogue", "Feature", "catalogue"]


def catalogue(topics: Sequence[str], technologies: Sequence[str]) -> Catalogue:
    """Every feature, family by family.

    topics: names of the configured e-mail topics. technologies: those whose share is a feature of its
    own, as they are named in the usage facts.

    raises: ModelError when two topics or technologies have one name.
    """
    return Catalogue(
        (
            *usage_level.FEATURES,
            *usage_trend.FEATURES,
            *usage_rhythm.FEATURES,
            *breadth.features(technologies),
            *web.FEATURES,
            *learning.FEATURES,
            *experience.FEATURES,
            *email.FEATURES,
            *email_topics.features(topics),
            *crm.FEATURES,
            *firmographics.FEATURES,
        )
    )
