"""Topics: what the customer's e-mails are about."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

import ibis
import ibis.expr.types as ir

from models.features.expect import NOT_NEGATIVE
from models.features.expressions import before, counted, known_since, within
from models.features.feature import Feature
from models.features.wording import NO_EARLIER_EMAIL, NO_EMAIL, Wording, literal
from models.tables import Facts


def mentions(facts: Facts, cut: datetime) -> ir.Table:
    """One row per topic of a customer's mail before the cut, and one without a topic per mail of either side.

    Columns: account_id, age_days, topic, mentions (negated ones included), negated. The rows without a
    topic make an account known that writes, or is written to, but about none of the topics.
    """
    mails = before(facts.emails, cut)
    topics = before(facts.email_topics, cut).cast({"mentions": "int64", "negated": "int64"})
    about = topics.semi_join(mails.filter(mails.direction == "in"), ["account_id", "message_key"])
    silent = mails.select(
        "account_id",
        "age_days",
        topic=ibis.literal(""),
        mentions=ibis.literal(0, type="int64"),
        negated=ibis.literal(0, type="int64"),
    )
    return about.select(*silent.columns).union(silent)


def first_mentions(facts: Facts, cut: datetime) -> ir.Table:
    """One row per account and topic, and one without a topic.

    Columns: account_id, age_days (of the first row), first_days (since the first mention without a negation;
        null where there is none).
    """
    rows = mentions(facts, cut)
    return rows.group_by(["account_id", "topic"]).aggregate(
        age_days=rows.age_days.max(), first_days=rows.age_days.max(where=rows.mentions > rows.negated)
    )


_feature = partial(
    Feature,
    family="topics",
    sources=("email_topics", "emails"),
    owner="sales",
    rows=mentions,
    unit="mentions",
    sensitive=True,
)


def features(topics: Sequence[str]) -> tuple[Feature, ...]:
    """The family, with a count for each of the configured topics."""
    return (
        *(_mentioned(topic) for topic in topics),
        _feature(
            name="topics_raised_180d",
            label="number of different topics raised in e-mails of the last half year",
            unit="topics",
            meaning="Configured topics that at least one of the customer's e-mails of the 180 days before "
            "the cut mentions without a negation. Zero when there were none; missing when no e-mail of "
            "either side was ever landed.",
            direction=+1,
            expect=NOT_NEGATIVE,
            wording=Wording(
                some="Raised {v:topic|different topics} in e-mails of the last half year",
                missing=NO_EMAIL,
                none="Raised none of our topics in e-mails of the last half year",
                others_none="raised none",
                less="fewer",
            ),
            value=lambda t: t.topic.nunique(where=within(t, 180) & (t.mentions > t.negated)),
        ),
        _feature(
            name="topics_first_raised_90d",
            label="number of topics raised for the first time in e-mails of the last 90 days",
            unit="topics",
            meaning="Configured topics that the customer's e-mails first mention without a negation in the "
            "90 days before the cut. Zero when there were none; missing when the first e-mail of either side "
            "is not 180 days ago.",
            direction=+1,
            rows=first_mentions,
            expect=NOT_NEGATIVE,
            wording=Wording(
                some="Raised {v:topic|topics} for the first time in e-mails of the last 90 days",
                missing=NO_EARLIER_EMAIL,
                none="Raised no further topic in e-mails of the last 90 days",
                others_none="raised none",
                less="fewer",
            ),
            value=lambda t: known_since(t, 180, counted(t.first_days <= 90)),
        ),
        _feature(
            name="topics_declined_180d",
            label="mentions of topics the customer does not want, in e-mails of the last half year",
            meaning="Mentions under a negation (no, not, without, instead of, ...) of all topics in the "
            "customer's e-mails of the 180 days before the cut. Zero when there were none; missing when no "
            "e-mail of either side was ever landed.",
            direction=-1,
            expect=NOT_NEGATIVE,
            wording=Wording(
                some="Turned topics down {v:time|times} in e-mails of the last half year",
                missing=NO_EMAIL,
                none="Turned no topic down in e-mails of the last half year",
                others_none="turned none down",
            ),
            value=lambda t: t.negated.sum(where=within(t, 180)).fill_null(0),
        ),
    )


def _mentioned(topic: str) -> Feature:
    said = topic.replace("_", " ")
    return _feature(
        name=f"topic_{topic}_180d",
        label=f"mentions of {said} in e-mails of the last half year",
        meaning=f"Mentions of {said} without a negation less those under one, in the customer's e-mails of "
        "the 180 days before the cut: below zero where it was mostly declined. Zero when there were none; "
        "missing when no e-mail of either side was ever landed.",
        direction=0,
        wording=Wording(
            some=f"Mentioned {literal(topic)} {{v:time|times}} in e-mails of the last half year",
            missing=NO_EMAIL,
            none=f"Did not bring up {literal(topic)} in e-mails of the last half year",
            falling=f"Turned {literal(topic)} down {{v:time|times}} in e-mails of the last half year",
            others_none="did not",
        ),
        value=lambda t: (
            (t.mentions - 2 * t.negated).sum(where=within(t, 180) & (t.topic == topic)).fill_null(0)
        ),
    )
