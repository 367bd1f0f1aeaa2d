"""Experience: satisfaction, tickets, and how fast support answered."""

from datetime import datetime
from functools import partial

import ibis.expr.types as ir

from models.features.activity_rows import activity, times
from models.features.expect import NOT_NEGATIVE, Range
from models.features.expressions import before, known_since, newest, within
from models.features.feature import Feature
from models.features.wording import NO_ACTIVITY, NO_EARLIER_ACTIVITY, Wording
from models.tables import Facts


def latest_survey(facts: Facts, cut: datetime) -> ir.Table:
    """Each account's latest answered survey before the cut; more than one where two have one instant."""
    surveys = before(facts.activity, cut)
    return newest(surveys.filter((surveys.kind == "survey") & surveys.value.notnull()))


def _satisfaction(rows: ir.Table, days: int, until: int = 0) -> ir.FloatingScalar:
    """Mean answer of the window's surveys."""
    return rows.value.mean(where=within(rows, days, until) & (rows.kind == "survey"))


def _answered(rows: ir.Table) -> ir.BooleanColumn:
    """Tickets of 90 days whose first response, so many hours later, came before the cut."""
    return within(rows, 90) & (rows.kind == "ticket") & (rows.value <= rows.age_days * 24.0)


_feature = partial(Feature, family="experience", sources=("activity",), owner="support", rows=activity)

FEATURES = (
    _feature(
        name="satisfaction_365d",
        label="satisfaction in surveys of the last year",
        unit="out of 10",
        meaning="Mean answer of the surveys of the 365 days before the cut, 1 to 10. "
        "Missing when nobody answered.",
        direction=+1,
        expect=Range(1, 10),
        sensitive=True,
        wording=Wording(
            some="Rated us {v} out of 10 in surveys of the last year",
            missing="We have no satisfaction survey from this customer in the last year",
            more="higher",
            less="lower",
        ),
        value=lambda t: _satisfaction(t, 365),
    ),
    _feature(
        name="satisfaction_latest",
        label="the latest answer in a satisfaction survey",
        unit="out of 10",
        meaning="The latest answer to a survey, of any age, 1 to 10; the mean of several at one instant. "
        "Missing when nobody ever answered.",
        direction=+1,
        expect=Range(1, 10),
        sensitive=True,
        rows=latest_survey,
        wording=Wording(
            some="Rated us {v} out of 10 in its latest survey",
            missing="We have no satisfaction survey from this customer",
            more="higher",
            less="lower",
        ),
        group="satisfaction",
        value=lambda t: t.value.mean(),
    ),
    _feature(
        name="satisfaction_change_180d",
        label="change of satisfaction in the last half year",
        unit="points out of 10",
        meaning="Mean answer of the surveys of the 180 days before the cut less that of the 180 days before "
        "those. Zero when equal; missing when nobody answered in one of the two.",
        direction=+1,
        expect=Range(-9, 9),
        sensitive=True,
        wording=Wording(
            some="Rated us {v:point|points} higher in surveys of the last half year than in the one before",
            missing="We have too few satisfaction surveys from this customer to compare",
            none="Rated us in surveys of the last half year much as in the one before",
            falling="Rated us {v:point|points} lower in surveys of the last half year than in the one before",
        ),
        value=lambda t: _satisfaction(t, 180) - _satisfaction(t, 180, until=180),
    ),
    _feature(
        name="surveys_365d",
        label="number of satisfaction surveys answered in the last year",
        unit="surveys",
        meaning="Surveys answered in the 365 days before the cut. Zero when there were none; missing when no "
        "activity of any kind was ever landed.",
        direction=+1,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some="Answered {v:satisfaction survey|satisfaction surveys} in the last year",
            missing=NO_ACTIVITY,
            none="Answered no satisfaction survey in the last year",
            others_none="answered none",
            less="fewer",
        ),
        value=lambda t: times(t, "survey", 365),
    ),
    _feature(
        name="tickets_90d",
        label="support tickets opened in the last 90 days",
        unit="tickets",
        meaning="Support tickets opened in the 90 days before the cut. Zero when there were none; missing "
        "when no activity of any kind was ever landed.",
        direction=0,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some="Opened {v:support ticket|support tickets} in the last 90 days",
            missing=NO_ACTIVITY,
            none="Opened no support ticket in the last 90 days",
            others_none="opened none",
            less="fewer",
        ),
        value=lambda t: times(t, "ticket", 90),
    ),
    _feature(
        name="tickets_change_90d",
        label="change in the number of support tickets against the 90 days before",
        unit="tickets",
        meaning="Support tickets opened in the 90 days before the cut less those of the 90 days before "
        "those. Zero when equally many; missing when the account's first activity is not 180 days ago.",
        direction=0,
        wording=Wording(
            some="Opened {v:support ticket|support tickets} more in the last 90 days than in the 90 before",
            missing=NO_EARLIER_ACTIVITY,
            none="Opened as many support tickets in the last 90 days as in the 90 before",
            falling="Opened {v:support ticket|support tickets} fewer in the last 90 days than in the 90 "
            "before",
        ),
        value=lambda t: known_since(t, 180, times(t, "ticket", 90) - times(t, "ticket", 90, until=90)),
    ),
    _feature(
        name="ticket_days_since_last",
        label="time since the last support ticket",
        unit="days",
        meaning="Days from the last support ticket to the cut. Missing when there never was one.",
        direction=0,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some="Last opened a support ticket {v:days} ago",
            missing="We have never had a support ticket from this customer",
            more="longer ago",
            less="more recently",
        ),
        group="tickets",
        value=lambda t: t.age_days.min(where=t.kind == "ticket"),
    ),
    _feature(
        name="ticket_first_response_hours_90d",
        label="time until support first answered a ticket over the last 90 days",
        unit="hours",
        meaning="Mean hours to the first response, where that came before the cut, to the tickets of the 90 "
        "days before it. Missing when there were none or no response was measured.",
        direction=-1,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some="Waited {v:hours} on average for our first answer to a support ticket in the last 90 days",
            missing="We had no support ticket in the last 90 days to measure our answers by",
            more="longer",
        ),
        value=lambda t: t.value.mean(where=_answered(t)),
    ),
    _feature(
        name="ticket_slowest_response_hours_90d",
        label="longest time until support first answered a ticket in the last 90 days",
        unit="hours",
        meaning="The most hours to the first response, where that came before the cut, to a ticket of the 90 "
        "days before it. Missing when there were none or no response was measured.",
        direction=-1,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some="Waited {v:hours} at the longest for our first answer to a ticket in the last 90 days",
            missing="We had no support ticket in the last 90 days to measure our answers by",
            more="longer",
        ),
        group="ticket_first_response_hours",
        value=lambda t: t.value.max(where=_answered(t)),
    ),
)
