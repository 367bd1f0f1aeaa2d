"""Experience: satisfaction, tickets, and how fast support answered."""

from functools import partial

from models.features.activity_rows import activity, times
from models.features.expect import Range
from models.features.expressions import within
from models.features.feature import Feature

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
        value=lambda t: t.value.mean(where=within(t, 365) & (t.kind == "survey")),
    ),
    _feature(
        name="tickets_per_month_90d",
        label="support tickets per month over the last 90 days",
        unit="tickets per month",
        meaning="Support tickets opened in the 90 days before the cut, per 30 days. Zero when there were "
        "none; missing when no activity of any kind was ever landed.",
        direction=0,
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
        value=lambda t: t.value.mean(where=within(t, 90) & (t.kind == "ticket")),
    ),
)
