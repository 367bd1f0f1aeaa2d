"""E-mail: how much is written, how lately, and how fast we answer."""

from datetime import datetime
from functools import partial

import ibis.expr.types as ir

from models.features.expect import Range
from models.features.expressions import PERIOD, before, counted, within
from models.features.feature import Feature
from models.features.wording import NO_EMAIL, Wording
from models.tables import Facts


def mails(facts: Facts, cut: datetime) -> ir.Table:
    """One row per mail before the cut: account_id, direction, age_days."""
    return before(facts.emails, cut).select("account_id", "direction", "age_days")


def answers(facts: Facts, cut: datetime) -> ir.Table:
    """One row per mail of a customer that we answered before the cut.

    Columns: account_id, age_days (of the customer's mail), hours (to our first answer).
    """
    sent = before(facts.emails, cut)
    asked = sent.filter(sent.direction == "in").select("account_id", "message_key", "age_days")
    replies = sent.filter((sent.direction == "out") & sent.reply_to.notnull())
    first = replies.group_by("account_id", message_key=replies.reply_to).aggregate(
        answered_days=replies.age_days.max()
    )
    both = asked.join(first, ["account_id", "message_key"])
    return both.filter(both.answered_days <= both.age_days).select(
        "account_id", "age_days", hours=(both.age_days - both.answered_days) * 24.0
    )


_feature = partial(Feature, family="email", sources=("emails",), owner="sales", rows=mails)


def _received(days: int) -> Feature:
    return _feature(
        name=f"emails_in_{days}d",
        label=f"e-mails from the customer in {PERIOD[days]}",
        unit="e-mails",
        meaning=f"E-mails the customer sent us in the {days} days before the cut. Zero when there were "
        "none; missing when no e-mail of either side was ever landed.",
        direction=+1,
        wording=Wording(
            some=f"Sent us {{v:e-mail|e-mails}} in {PERIOD[days]}",
            missing=NO_EMAIL,
            none=f"Sent us no e-mail in {PERIOD[days]}",
            others_none="sent none",
            less="fewer",
        ),
        value=lambda t: counted(within(t, days) & (t.direction == "in")),
    )


FEATURES = (
    *(_received(days) for days in (28, 90)),
    _feature(
        name="emails_out_90d",
        label="e-mails from us in the last 90 days",
        unit="e-mails",
        meaning="E-mails we sent the customer in the 90 days before the cut. Zero when there were none; "
        "missing when no e-mail of either side was ever landed.",
        direction=0,
        wording=Wording(
            some="Got {v:e-mail|e-mails} from us in the last 90 days",
            missing=NO_EMAIL,
            none="Got no e-mail from us in the last 90 days",
            others_none="got none",
            less="fewer",
        ),
        value=lambda t: counted(within(t, 90) & (t.direction == "out")),
    ),
    _feature(
        name="email_days_since_last",
        label="time since the customer last wrote to us",
        unit="days",
        meaning="Days from the customer's last e-mail to the cut. Missing when there never was one.",
        direction=-1,
        expect=Range(0, float("inf")),
        wording=Wording(
            some="Last wrote to us {v:days} ago",
            missing=NO_EMAIL,
            more="longer ago",
            less="more recently",
        ),
        value=lambda t: t.age_days.min(where=t.direction == "in"),
    ),
    _feature(
        name="email_our_response_hours_90d",
        label="time we usually took to answer e-mails of the last 90 days",
        unit="hours",
        meaning="Median hours from the customer's e-mails of the 90 days before the cut to our first "
        "answer, of those we answered before the cut. Missing when we answered none.",
        direction=-1,
        expect=Range(0, float("inf")),
        rows=answers,
        wording=Wording(
            some="Usually waited {v:hours} for our answer to an e-mail in the last 90 days",
            missing="We answered no e-mail of this customer in the last 90 days",
            more="longer",
        ),
        value=lambda t: t.hours.median(where=within(t, 90)),
    ),
)
