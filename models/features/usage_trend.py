"""Usage trend: where an account's usage is going."""

from functools import partial

import ibis
import ibis.expr.types as ir

from models.features.expressions import change_percent, counted, mean_within, percent, within
from models.features.feature import Feature
from models.features.usage_rows import usage_by_day
from models.features.wording import TOO_LITTLE_USAGE, Wording

_feature = partial(
    Feature, family="usage trend", sources=("usage_daily",), owner="product analytics", rows=usage_by_day
)


def _growth(rows: ir.Table, column: ir.NumericColumn, days: int, back: int) -> ir.NumericValue:
    """Change of a window's mean against the window of the same length that ends `back` days earlier."""
    return change_percent(mean_within(rows, column, days), mean_within(rows, column, days, until=back))


def _slope(rows: ir.Table, days: int) -> ir.NumericValue:
    """Least-squares change over 30 days in percent of the mean; missing until half the days are measured."""
    inside = within(rows, days) & rows.events.notnull()
    slope = -rows.events.cov(rows.age_days, where=inside, how="pop") / rows.age_days.var(
        where=inside, how="pop"
    ).nullif(0.0)
    monthly = percent(30.0 * slope, rows.events.mean(where=inside))
    return ibis.ifelse(counted(inside) * 2 >= days, monthly, ibis.null("float64"))


def _growing(days: int, said: str) -> Feature:
    return _feature(
        name=f"usage_growth_percent_{days}d",
        label=f"change of usage in the last {said} against the {said} before",
        unit="%",
        meaning=f"Mean daily events of the {days} days before the cut against the {days} days before "
        "those. Zero when equal, -100 when usage stopped; missing when there was none to compare with "
        "or half of either window was not measured.",
        direction=+1,
        wording=Wording(
            some=f"Usage grew by {{v:percent}} in the last {said} against the {said} before",
            missing="We have no earlier usage to compare the last weeks with",
            none=f"Usage stayed the same in the last {said} as in the {said} before",
            falling=f"Usage fell by {{v:percent}} in the last {said} against the {said} before",
        ),
        value=lambda t: _growth(t, t.events, days, back=days),
    )


FEATURES = (
    _growing(28, "4 weeks"),
    _growing(90, "90 days"),
    _feature(
        name="usage_slope_percent_90d",
        label="steady change of usage per month over the last 90 days",
        unit="% per month",
        meaning="Slope of the straight line through the daily events of the 90 days before the cut, for 30 "
        "days, in percent of their mean. Missing when there were no events or half of the days were not "
        "measured.",
        direction=+1,
        wording=Wording(
            some="Usage grew by {v:percent} a month over the last 90 days",
            missing=TOO_LITTLE_USAGE,
            none="Usage stayed level over the last 90 days",
            falling="Usage fell by {v:percent} a month over the last 90 days",
        ),
        group="usage_growth_percent",
        value=lambda t: _slope(t, 90),
    ),
    _feature(
        name="usage_year_on_year_percent",
        label="change of usage against the same 4 weeks a year ago",
        unit="%",
        meaning="Mean daily events of the 28 days before the cut against the same weekdays 52 weeks "
        "earlier. Missing when there was no usage then or half of either window was not measured.",
        direction=+1,
        wording=Wording(
            some="Usage grew by {v:percent} within a year",
            missing="We have no usage of a year ago to compare with",
            none="Usage is the same as a year ago",
            falling="Usage fell by {v:percent} within a year",
        ),
        value=lambda t: _growth(t, t.events, 28, back=52 * 7),
    ),
    _feature(
        name="usage_users_growth_percent_28d",
        label="change in the number of people using the product against the 4 weeks before",
        unit="%",
        meaning="Mean daily users of the 28 days before the cut against the 28 days before those. Missing "
        "when there were none to compare with, users are not measured, or half of either window was not.",
        direction=+1,
        wording=Wording(
            some="The number of people using the product grew by {v:percent} in the last 4 weeks",
            missing="We do not know how many people at this customer use the product",
            none="The number of people using the product stayed the same in the last 4 weeks",
            falling="The number of people using the product fell by {v:percent} in the last 4 weeks",
        ),
        value=lambda t: _growth(t, t.users, 28, back=28),
    ),
)
