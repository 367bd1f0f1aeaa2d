"""E-mail: how much is written, how lately, and how fast we answer."""

from datetime import datetime
from functools import partial

import ibis
import ibis.expr.types as ir

from models.features.expect import NOT_NEGATIVE, PERCENT
from models.features.expressions import PERIOD, before, counted, known_since, percent, resting_on, within
from models.features.feature import Feature
from models.features.wording import NO_EARLIER_EMAIL, NO_EMAIL, Wording
from models.tables import Facts

LEAST_SENT = 3
"""E-mails that a share of answered ones rests on (J)."""


def mails(facts: Facts, cut: datetime) -> ir.Table:
    """One row per mail before the cut: account_id, direction, person, age_days."""
    return before(facts.emails, cut).select("account_id", "direction", "person", "age_days")


def answers(facts: Facts, cut: datetime) -> ir.Table:
    """One row per mail before the cut, with its first answer by the other side.

    Columns: account_id, direction and age_days (of the mail), hours (to the answer; null where none came
        before the cut).
    """
    sent = before(facts.emails, cut)
    asked = sent.select("account_id", "message_key", "direction", "age_days")
    replies = sent.filter(sent.reply_to.notnull()).select(
        "account_id",
        message_key="reply_to",
        answered_days="age_days",
        direction=ibis.ifelse(sent.direction == "in", "out", "in"),
    )
    first = replies.group_by(["account_id", "message_key", "direction"]).aggregate(
        answered_days=replies.answered_days.max()
    )
    both = asked.left_join(first, ["account_id", "message_key", "direction"])
    hours = (both.age_days - both.answered_days) * 24.0
    return both.select(
        "account_id", "direction", "age_days", hours=ibis.ifelse(hours >= 0, hours, ibis.null("float64"))
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
        expect=NOT_NEGATIVE,
        wording=Wording(
            some=f"Sent us {{v:e-mail|e-mails}} in {PERIOD[days]}",
            missing=NO_EMAIL,
            none=f"Sent us no e-mail in {PERIOD[days]}",
            others_none="sent none",
            less="fewer",
        ),
        value=lambda t: _in(t, days),
    )


def _sent(rows: ir.Table) -> ir.IntegerScalar:
    """Mails of ours in 90 days."""
    return counted(within(rows, 90) & (rows.direction == "out"))


def _in(rows: ir.Table, days: int, until: int = 0) -> ir.IntegerScalar:
    """The customer's e-mails in the window."""
    return counted(within(rows, days, until) & (rows.direction == "in"))


FEATURES = (
    *(_received(days) for days in (28, 90)),
    _feature(
        name="emails_in_change_90d",
        label="change in the number of e-mails from the customer against the 90 days before",
        unit="e-mails",
        meaning="E-mails the customer sent us in the 90 days before the cut less those of the 90 days before "
        "those. Zero when equally many; missing when the first e-mail of either side is not 180 days ago.",
        direction=+1,
        wording=Wording(
            some="Sent us {v:e-mail|e-mails} more in the last 90 days than in the 90 before",
            missing=NO_EARLIER_EMAIL,
            none="Sent us as many e-mails in the last 90 days as in the 90 before",
            falling="Sent us {v:e-mail|e-mails} fewer in the last 90 days than in the 90 before",
        ),
        value=lambda t: known_since(t, 180, _in(t, 90) - _in(t, 90, until=90)),
    ),
    _feature(
        name="email_people_90d",
        label="number of different people who wrote to us in the last 90 days",
        unit="people",
        meaning="Different addresses of the customer that e-mails of the 90 days before the cut came from. "
        "Zero when there were none; missing when no e-mail of either side was ever landed.",
        direction=+1,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some="Had {v:person|people} writing to us in the last 90 days",
            missing=NO_EMAIL,
            none="Had nobody writing to us in the last 90 days",
            others_none="had nobody",
            less="fewer",
        ),
        value=lambda t: t.person.nunique(where=within(t, 90) & (t.direction == "in")),
    ),
    _feature(
        name="emails_out_90d",
        label="e-mails from us in the last 90 days",
        unit="e-mails",
        meaning="E-mails we sent the customer in the 90 days before the cut. Zero when there were none; "
        "missing when no e-mail of either side was ever landed.",
        direction=0,
        told=False,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some="Got {v:e-mail|e-mails} from us in the last 90 days",
            missing=NO_EMAIL,
            none="Got no e-mail from us in the last 90 days",
            others_none="got none",
            less="fewer",
        ),
        value=_sent,
    ),
    _feature(
        name="email_days_since_last",
        label="time since the customer last wrote to us",
        unit="days",
        meaning="Days from the customer's last e-mail to the cut. Missing when there never was one.",
        direction=-1,
        expect=NOT_NEGATIVE,
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
        expect=NOT_NEGATIVE,
        rows=answers,
        wording=Wording(
            some="Usually waited {v:hours} for our answer to an e-mail in the last 90 days",
            missing="We answered no e-mail of this customer in the last 90 days",
            more="longer",
        ),
        value=lambda t: t.hours.median(where=within(t, 90) & (t.direction == "in")),
    ),
    _feature(
        name="email_their_response_hours_90d",
        label="time the customer usually took to answer our e-mails of the last 90 days",
        unit="hours",
        meaning="Median hours from our e-mails of the 90 days before the cut to the customer's first answer, "
        "of those answered before the cut. Missing when none was.",
        direction=-1,
        expect=NOT_NEGATIVE,
        rows=answers,
        wording=Wording(
            some="Usually took {v:hours} to answer an e-mail of ours in the last 90 days",
            missing="We got no answer to an e-mail of ours in the last 90 days",
            more="longer",
            less="a shorter time",
        ),
        value=lambda t: t.hours.median(where=within(t, 90) & (t.direction == "out")),
    ),
    _feature(
        name="email_answered_percent_90d",
        label="share of our e-mails of the last 90 days that the customer answered",
        unit="%",
        meaning="E-mails we sent in the 90 days before the cut that the customer answered before the cut, in "
        "percent of all we sent. Zero when none was answered; missing when we sent under "
        f"{LEAST_SENT}.",
        direction=+1,
        expect=PERCENT,
        rows=answers,
        wording=Wording(
            some="Answered {v:percent} of our e-mails of the last 90 days",
            missing="We sent this customer too few e-mails in the last 90 days to judge its answers by",
            none="Answered none of our e-mails of the last 90 days",
            others_none="answered none",
            more="a higher share",
            less="a lower share",
        ),
        value=lambda t: resting_on(
            _sent(t),
            LEAST_SENT,
            percent(counted(within(t, 90) & (t.direction == "out") & t.hours.notnull()), _sent(t)),
        ),
    ),
)
