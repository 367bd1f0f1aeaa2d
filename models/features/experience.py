"""Experience: satisfaction, tickets, and how fast support answered."""

from functools import partial

from models.features.activity_rows import activity, times
from models.features.expect import Range
from models.features.expressions import within
from models.features.feature import Feature
from models.features.wording import NO_ACTIVITY, Wording

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
        value=lambda t: t.value.mean(where=within(t, 365) & (t.kind == "survey")),
    ),
    _feature(
        name="tickets_per_month_90d",
        label="support tickets per month over the last 90 days",
        unit="tickets per month",
        meaning="Support tickets opened in the 90 days before the cut, per 30 days. Zero when there were "
        "none; missing when no activity of any kind was ever landed.",
        direction=0,
        wording=Wording(
            some="Opened {v:support ticket|support tickets} a month in the last 90 days",
            missing=NO_ACTIVITY,
            none="Opened no support ticket in the last 90 days",
            others_none="opened none",
            less="fewer",
        ),
        value=lambda t: times(t, "ticket", 90) / 3.0,
    ),
    _feature(
        name="ticket_first_response_hours_90d",
        label="time until support first answered a ticket over the last 90 days",
        unit="hours",
        meaning="Mean hours to the first response to the tickets of the 90 days before the cut. Missing "
        "when there were none or no response was measured.",
        direction=-1,
        expect=Range(0, float("inf")),
        wording=Wording(
            some="Waited {v:hours} on average for our first answer to a support ticket in the last 90 days",
            missing="We had no support ticket in the last 90 days to measure our answers by",
            more="longer",
        ),
        value=lambda t: t.value.mean(where=within(t, 90) & (t.kind == "ticket")),
    ),
)
