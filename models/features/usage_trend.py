"""Usage trend: where an account's usage is going."""

from functools import partial

import ibis
import ibis.expr.types as ir

from models.features.expect import PERCENT
from models.features.expressions import PERIOD, change_percent, counted, mean_within, percent, within
from models.features.feature import Feature
from models.features.usage_rows import usage_by_day
from models.features.wording import NO_EARLIER_USAGE, NO_PEOPLE, TOO_LITTLE_USAGE, Wording

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


def _growing(days: int, last: str, against: int, before: str) -> Feature:
    return _feature(
        name=f"usage_growth_percent_{days}d",
        label=f"change of usage in the last {last} against the {before} before",
        unit="%",
        meaning=f"Mean daily events of the {days} days before the cut against the {against} days before "
        "those. Zero when equal, -100 when usage stopped; missing when there was none to compare with "
        "or half of either window was not measured.",
        direction=+1,
        wording=Wording(
            some=f"Usage grew by {{v:percent}} in the last {last} against the {before} before",
            missing=NO_EARLIER_USAGE,
            none=f"Usage stayed the same in the last {last} as in the {before} before",
            falling=f"Usage fell by {{v:percent}} in the last {last} against the {before} before",
        ),
        value=lambda t: change_percent(
            mean_within(t, t.events, days), mean_within(t, t.events, against, until=days)
        ),
    )


def _sloping(days: int) -> Feature:
    return _feature(
        name=f"usage_slope_percent_{days}d",
        label=f"steady change of usage per month over {PERIOD[days]}",
        unit="% per month",
        meaning=f"Slope of the straight line through the daily events of the {days} days before the cut, for "
        "30 days, in percent of their mean. Missing when there were no events or half of the days were not "
        "measured.",
        direction=+1,
        wording=Wording(
            some=f"Usage grew by {{v:percent}} a month over {PERIOD[days]}",
            missing=TOO_LITTLE_USAGE,
            none=f"Usage stayed level over {PERIOD[days]}",
            falling=f"Usage fell by {{v:percent}} a month over {PERIOD[days]}",
        ),
        group="usage_growth_percent" if days <= 90 else "usage_year_on_year_percent",
        value=lambda t: _slope(t, days),
    )


def _taking_part(what: str, said: str, days: int, last: str, missing: str) -> Feature:
    return _feature(
        name=f"usage_{what}_growth_percent_{days}d",
        label=f"change in the number of {said} in the last {last}",
        unit="%",
        meaning=f"Mean daily {what} of the {days} days before the cut against the {days} days before those. "
        f"Missing when there were none to compare with, {what} are not measured, or half of either window "
        "was not.",
        direction=+1,
        wording=Wording(
            some=f"The number of {said} grew by {{v:percent}} in the last {last}",
            missing=missing,
            none=f"The number of {said} stayed the same in the last {last}",
            falling=f"The number of {said} fell by {{v:percent}} in the last {last}",
        ),
        value=lambda t: _growth(t, t[what], days, back=days),
    )


def _best(rows: ir.Table) -> ir.NumericValue:
    """The most events per day of the measured ones of 13 spans of 4 weeks; missing with under 7 of them.

    `greatest` skips nulls on DuckDB and on Spark.
    """
    spans = [mean_within(rows, rows.events, 28, until=28 * number) for number in range(13)]
    measured = sum((span.notnull().cast("int64") for span in spans[1:]), spans[0].notnull().cast("int64"))
    return ibis.ifelse(measured >= 7, ibis.greatest(*spans), ibis.null("float64"))


FEATURES = (
    _growing(7, "week", 28, "4 weeks"),
    _growing(28, "4 weeks", 28, "4 weeks"),
    _growing(90, "90 days", 90, "90 days"),
    _sloping(90),
    _sloping(365),
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
        name="usage_of_best_percent_365d",
        label="usage in the last 4 weeks against the best 4 weeks of the last year",
        unit="%",
        meaning="Mean daily events of the 28 days before the cut in percent of the highest such mean among "
        "the 13 spans of 28 days that end at the cut, most of the 365 days. Zero when usage stopped; missing "
        "when there was none, or under 7 of the spans were measured by half.",
        direction=+1,
        expect=PERCENT,
        wording=Wording(
            some="Usage in the last 4 weeks was {v:percent} of that in the best 4 weeks of the last year",
            missing=TOO_LITTLE_USAGE,
            none="Did not use the product in the last 4 weeks",
            others_none="did not use it",
            more="a higher share",
            less="a lower share",
        ),
        value=lambda t: percent(mean_within(t, t.events, 28), _best(t)),
    ),
    _taking_part("users", "people using the product", 28, "4 weeks", NO_PEOPLE),
    _taking_part("users", "people using the product", 90, "90 days", NO_PEOPLE),
    _taking_part(
        "repositories",
        "repositories in use",
        90,
        "90 days",
        "We do not know how many repositories this customer uses",
    ),
)
