"""Usage level: how much an account uses the product."""

from functools import partial

import ibis.expr.types as ir

from models.features.expect import NOT_NEGATIVE, PERCENT, Range
from models.features.expressions import LEAST_DAYS, PERIOD, mean_within, percent, ratio, resting_on, within
from models.features.feature import Feature
from models.features.usage_rows import usage_by_day, usage_by_technology
from models.features.wording import NEVER_USED, NO_PEOPLE, TOO_LITTLE_USAGE, Wording

_feature = partial(
    Feature, family="usage level", sources=("usage_daily",), owner="product analytics", rows=usage_by_day
)


def _per_day(days: int) -> Feature:
    return _feature(
        name=f"usage_events_per_day_{days}d",
        label=f"daily usage over {PERIOD[days]}",
        unit="events per day",
        meaning=f"Mean number of events per day over the {days} days before the cut, all technologies. "
        "Zero when nothing was used; missing until half of these days were measured.",
        direction=+1,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some=f"Used the product {{v:often}} in {PERIOD[days]}",
            missing=TOO_LITTLE_USAGE,
            none=f"Did not use the product in {PERIOD[days]}",
            others_none="did not use it",
        ),
        value=lambda t: mean_within(t, t.events, days),
    )


def _active_days(days: int) -> Feature:
    return _feature(
        name=f"usage_active_days_percent_{days}d",
        label=f"share of days with usage over {PERIOD[days]}",
        unit="%",
        meaning=f"Days with at least one event in percent of the measured days among the {days} days "
        "before the cut. Zero when nothing was used; missing until half of these days were measured.",
        direction=+1,
        expect=PERCENT,
        wording=Wording(
            some=f"Used the product on {{v:percent}} of the days in {PERIOD[days]}",
            missing=TOO_LITTLE_USAGE,
            none=f"Did not use the product in {PERIOD[days]}",
            others_none="did not use it",
            more="more often",
            less="less often",
        ),
        group="usage_events_per_day",
        value=lambda t: 100.0 * mean_within(t, (t.events > 0).cast("float64"), days),
    )


def _events_per(rows: ir.Table, takers: ir.NumericColumn) -> ir.NumericValue:
    """Events of 28 days per person, or whatever takes part, and day."""
    inside = within(rows, 28)
    return ratio(rows.events.sum(where=inside & takers.notnull()), takers.sum(where=inside))


FEATURES = (
    *(_per_day(days) for days in (7, 28, 90, 365)),
    *(_active_days(days) for days in (28, 90, 365)),
    _feature(
        name="usage_days_since_last",
        label="time since the product was last used",
        unit="days",
        meaning="Days from the last day with an event to the cut, 1 being the day before it. "
        "Missing when no use was ever seen.",
        direction=-1,
        expect=Range(1, float("inf")),
        rows=usage_by_technology,
        wording=Wording(
            some="Last used the product {v:days} ago",
            missing=NEVER_USED,
            more="longer ago",
            less="more recently",
        ),
        value=lambda t: t.last_used_days.min(),
    ),
    _feature(
        name="usage_events_per_user_28d",
        label="usage per person over the last 4 weeks",
        unit="events per person and day",
        meaning="Events of the 28 days before the cut, divided by the sum of each day's users. "
        "Missing when there were no users or they are not measured.",
        direction=+1,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some="Each person used the product {v:often} in the last 4 weeks",
            missing=NO_PEOPLE,
        ),
        value=lambda t: _events_per(t, t.users),
    ),
    _feature(
        name="usage_events_per_repository_28d",
        label="usage per repository over the last 4 weeks",
        unit="events per repository and day",
        meaning="Events of the 28 days before the cut, divided by the sum of each day's repositories. "
        "Missing when there were no repositories or they are not measured.",
        direction=+1,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some="Used each repository {v:often} in the last 4 weeks",
            missing="We do not know how many repositories this customer uses",
        ),
        value=lambda t: _events_per(t, t.repositories),
    ),
    _feature(
        name="usage_busiest_technology_percent_90d",
        label="share of the most used technology in all usage over the last 90 days",
        unit="%",
        meaning="Events of the technology with the most events in percent of all events of the 90 days "
        f"before the cut. Missing when there was no use on {LEAST_DAYS} days.",
        direction=-1,
        expect=PERCENT,
        rows=usage_by_technology,
        wording=Wording(
            some="Did {v:percent} of its work with one technology in the last 90 days",
            missing=TOO_LITTLE_USAGE,
            more="a higher share",
            less="a lower share",
        ),
        group="technologies_used",
        value=lambda t: resting_on(
            t.used_days_90d.max(), LEAST_DAYS, percent(t.events_90d.max(), t.events_90d.sum())
        ),
    ),
)
