"""Usage rhythm: volatility and seasonality of an account's usage."""

from functools import partial

import ibis
import ibis.expr.types as ir

from models.features.expect import NOT_NEGATIVE, PERCENT, Range
from models.features.expressions import (
    LEAST_DAYS,
    PERIOD,
    counted,
    mean_within,
    percent,
    ratio,
    resting_on,
    within,
)
from models.features.feature import Feature
from models.features.usage_rows import pauses, usage_by_day
from models.features.wording import TOO_LITTLE_USAGE, Wording

_feature = partial(
    Feature, family="usage rhythm", sources=("usage_daily",), owner="product analytics", rows=usage_by_day
)


def _variation(days: int) -> Feature:
    return _feature(
        name=f"usage_variation_percent_{days}d",
        label=f"ups and downs of daily usage over {PERIOD[days]}",
        unit="% of the average day",
        meaning=f"Standard deviation of the daily events of the {days} days before the cut in percent "
        "of their mean. Zero when every day was the same; missing when there were no events or half "
        "of the days were not measured.",
        direction=-1,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some=f"Daily usage swung by {{v:percent}} around its average in {PERIOD[days]}",
            missing=TOO_LITTLE_USAGE,
            none=f"Used the product by the same amount every day in {PERIOD[days]}",
            others_none="did so",
        ),
        value=lambda t: percent(
            t.events.std(where=within(t, days), how="pop"), mean_within(t, t.events, days)
        ),
    )


def _quietest(rows: ir.Table) -> ir.NumericValue:
    """The fewest events per day in 13 spans of 4 weeks in percent of them all; missing if one is."""
    spans = [mean_within(rows, rows.events, 28, until=28 * number) for number in range(13)]
    all_measured = [span.notnull() for span in spans]
    least = ibis.ifelse(ibis.and_(*all_measured), ibis.least(*spans), ibis.null("float64"))
    return percent(least, mean_within(rows, rows.events, 13 * 28))


FEATURES = (
    *(_variation(days) for days in (28, 90)),
    _feature(
        name="usage_quietest_percent_365d",
        label="usage in the quietest 4 weeks of the last year against the average",
        unit="%",
        meaning="The lowest mean of daily events among the 13 spans of 28 days that end at the cut, most of "
        "the 365 days, in percent of the mean of them all. 100 when all are alike, zero when one was without "
        "usage; missing when there was none, or half of one of them was not measured.",
        direction=+1,
        expect=PERCENT,
        wording=Wording(
            some="In the quietest 4 weeks of the last year, usage was {v:percent} of its average",
            missing="We have seen this customer's usage for less than a year",
            none="Did not use the product at all for 4 weeks of the last year",
            others_none="paused as long",
            more="a higher share",
            less="a lower share",
        ),
        value=_quietest,
    ),
    _feature(
        name="usage_longest_pause_days_90d",
        label="longest time without usage in the last 90 days",
        unit="days",
        meaning="The most measured days in a row without an event among the 90 days before the cut. Zero "
        "when every day had one; missing when half of these days were not measured.",
        direction=-1,
        expect=Range(0, 90),
        rows=pauses,
        wording=Wording(
            some="The longest pause in its usage was {v:days} in the last 90 days",
            missing=TOO_LITTLE_USAGE,
            none="Used the product on every day of the last 90 days",
            others_none="used it every day",
            more="longer",
            less="a shorter time",
        ),
        value=lambda t: ibis.ifelse(t.measured.sum() * 2 >= 90, t.days.max(), ibis.null("int64")),
    ),
    _feature(
        name="usage_weekend_percent_90d",
        label="share of usage on weekends over the last 90 days",
        unit="%",
        meaning="Events on Saturdays and Sundays in percent of all events of the 90 days before the cut. "
        f"Missing when there was no use on {LEAST_DAYS} days.",
        direction=+1,
        expect=PERCENT,
        wording=Wording(
            some="Did {v:percent} of its work on weekends in the last 90 days",
            missing=TOO_LITTLE_USAGE,
            none="Did not use the product on weekends in the last 90 days",
            others_none="did not",
            more="a higher share",
            less="a lower share",
        ),
        value=lambda t: resting_on(
            counted(within(t, 90) & (t.events > 0)),
            LEAST_DAYS,
            percent(
                t.events.sum(where=within(t, 90) & t.weekend).fill_null(0.0),
                t.events.sum(where=within(t, 90)),
            ),
        ),
    ),
    _feature(
        name="usage_busiest_day_times_90d",
        label="the busiest day of the last 90 days against an average day",
        unit="times",
        meaning="The most events on a day of the 90 days before the cut, divided by their daily mean. "
        "Missing when there were no events or half of the days were not measured.",
        direction=-1,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some="The busiest day of the last 90 days had {v:fold} the usage of an average day",
            missing=TOO_LITTLE_USAGE,
        ),
        group="usage_variation_percent",
        value=lambda t: ratio(t.events.max(where=within(t, 90)), mean_within(t, t.events, 90)),
    ),
)
