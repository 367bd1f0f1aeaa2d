"""Usage rhythm: volatility and seasonality of an account's usage."""

from functools import partial

from models.features.expect import PERCENT
from models.features.expressions import PERIOD, mean_within, percent, ratio, within
from models.features.feature import Feature
from models.features.usage_rows import usage_by_day
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
        wording=Wording(
            some=f"Daily usage varied by {{v:percent}} around its average in {PERIOD[days]}",
            missing=TOO_LITTLE_USAGE,
        ),
        value=lambda t: percent(
            t.events.std(where=within(t, days), how="pop"), mean_within(t, t.events, days)
        ),
    )


FEATURES = (
    *(_variation(days) for days in (28, 90)),
    _feature(
        name="usage_weekend_percent_90d",
        label="share of usage on weekends over the last 90 days",
        unit="%",
        meaning="Events on Saturdays and Sundays in percent of all events of the 90 days before the cut. "
        "Missing when there were none.",
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
        value=lambda t: percent(
            t.events.sum(where=within(t, 90) & t.weekend).fill_null(0.0), t.events.sum(where=within(t, 90))
        ),
    ),
    _feature(
        name="usage_busiest_day_times_90d",
        label="the busiest day of the last 90 days against an average day",
        unit="times",
        meaning="The most events on a day of the 90 days before the cut, divided by their daily mean. "
        "Missing when there were no events or half of the days were not measured.",
        direction=-1,
        wording=Wording(
            some="The busiest day of the last 90 days had {v} times the usage of an average day",
            missing=TOO_LITTLE_USAGE,
        ),
        group="usage_variation_percent",
        value=lambda t: ratio(t.events.max(where=within(t, 90)), mean_within(t, t.events, 90)),
    ),
)
