"""Breadth: technologies, people and repositories that take part."""

import re
from collections.abc import Sequence
from datetime import datetime
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
from models.features.firmographics import company
from models.features.usage_rows import usage_by_day, usage_by_technology
from models.features.wording import (
    NEVER_USED,
    NO_EARLIER_USAGE,
    NO_PEOPLE,
    TOO_LITTLE_USAGE,
    Wording,
    literal,
)
from models.tables import Facts

_feature = partial(
    Feature, family="breadth", sources=("usage_daily",), owner="product analytics", direction=+1
)


def features(technologies: Sequence[str]) -> tuple[Feature, ...]:
    """The family, with a share and its change for each of the configured technologies."""
    shares = (_share(technology) for technology in technologies)
    return (*_COUNTS, *_ADOPTION, *shares, *(_shift(technology) for technology in technologies))


def _share(technology: str) -> Feature:
    return _feature(
        name=f"usage_{_column(technology)}_percent_90d",
        label=f"share of {technology} in all usage over the last 90 days",
        unit="%",
        meaning=f"Events of {technology} in percent of all events of the 90 days before the cut. Zero when "
        f"only others were used; missing when there was no use on {LEAST_DAYS} days.",
        direction=0,
        expect=PERCENT,
        rows=usage_by_technology,
        wording=Wording(
            some=f"Did {{v:percent}} of its work with {literal(technology)} in the last 90 days",
            missing=TOO_LITTLE_USAGE,
            none=f"Did not use {literal(technology)} in the last 90 days",
            others_none="did not use it",
            more="a higher share",
            less="a lower share",
        ),
        value=lambda t: resting_on(
            t.used_days_90d.max(),
            LEAST_DAYS,
            percent(t.events_90d.sum(where=t.technology == technology).fill_null(0.0), t.events_90d.sum()),
        ),
    )


def _shift(technology: str) -> Feature:
    def value(rows: ir.Table) -> ir.NumericValue:
        of_it = rows.technology == technology
        now = percent(rows.events_90d.sum(where=of_it).fill_null(0.0), rows.events_90d.sum())
        then = percent(rows.events_before_90d.sum(where=of_it).fill_null(0.0), rows.events_before_90d.sum())
        days = ibis.least(rows.used_days_90d.max(), rows.used_days_before_90d.max())
        return resting_on(days, LEAST_DAYS, ibis.ifelse(_comparable(rows), now - then, ibis.null("float64")))

    return _feature(
        name=f"usage_{_column(technology)}_shift_percent_90d",
        label=f"shift of work to {technology} in the last 90 days against the 90 days before",
        unit="% of all usage",
        meaning=f"Share of {technology} in all events of the 90 days before the cut less its share in the 90 "
        "days before those, in percentage points. Zero when equal, as when it was used in neither; missing "
        f"when there was no use on {LEAST_DAYS} days of one of the two, the first use of the product is not "
        "180 days ago, or half of either window was not delivered.",
        direction=0,
        expect=Range(-100, 100),
        rows=usage_by_technology,
        wording=Wording(
            some=f"Did {{v:percent}} more of its work with {literal(technology)} in the last 90 days than "
            "in the 90 before",
            missing=NO_EARLIER_USAGE,
            none=f"Shifted no work to or away from {literal(technology)} in the last 90 days",
            falling=f"Did {{v:percent}} less of its work with {literal(technology)} in the last 90 days than "
            "in the 90 before",
        ),
        value=value,
    )


def _comparable(rows: ir.Table) -> ir.BooleanValue:
    """Whether two windows of 90 days can be compared: delivered by half, and the account in use by then."""
    delivered = (rows.days_90d.max() * 2 >= 90) & (rows.days_before_90d.max() * 2 >= 90)
    return delivered & (rows.first_used_days.max() >= 180)


def _column(technology: str) -> str:
    """The technology as a part of a column's name: lower case, underscores for what is no letter or digit."""
    return re.sub(r"\W+", "_", technology.casefold()).strip("_")


def _used(days: int) -> Feature:
    return _feature(
        name=f"technologies_used_{days}d",
        label=f"number of technologies used in {PERIOD[days]}",
        unit="technologies",
        meaning=f"Technologies with at least one event in the {days} days before the cut. Zero when "
        "nothing was used; missing when no usage was ever landed.",
        rows=usage_by_technology,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some=f"Used {{v:technology|technologies}} in {PERIOD[days]}",
            missing=NEVER_USED,
            none=f"Used none of our technologies in {PERIOD[days]}",
            others_none="used none",
            less="fewer",
        ),
        value=lambda t: counted(t[f"events_{days}d"] > 0),
    )


_COUNTS = (
    _used(28),
    _used(90),
    _feature(
        name="technologies_new_90d",
        label="number of technologies taken up in the last 90 days",
        unit="technologies",
        meaning="Technologies first used in the 90 days before the cut. Zero when there was none; missing "
        "when no usage was ever landed.",
        rows=usage_by_technology,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some="Started to use {v:new technology|new technologies} in the last 90 days",
            missing=NEVER_USED,
            none="Started to use no new technology in the last 90 days",
            others_none="started none",
            less="fewer",
        ),
        value=lambda t: counted(t.first_used_days <= 90),
    ),
    _feature(
        name="technologies_dropped_90d",
        label="number of technologies given up in the last 90 days",
        unit="technologies",
        meaning="Technologies with an event in the 90 days before the 90 days that end at the cut, and none "
        "since. Zero when there was none; missing when the first use of the product is not 180 days ago, or "
        "half of either window was not delivered.",
        direction=-1,
        rows=usage_by_technology,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some="Stopped using {v:technology|technologies} in the last 90 days",
            missing=NO_EARLIER_USAGE,
            none="Stopped using no technology in the last 90 days",
            others_none="stopped none",
            less="fewer",
        ),
        value=lambda t: ibis.ifelse(
            _comparable(t), counted((t.events_90d <= 0) & (t.events_before_90d > 0)), ibis.null("int64")
        ),
    ),
    _feature(
        name="users_per_day_28d",
        label="number of people using the product on an average day of the last 4 weeks",
        unit="people",
        meaning="Mean of the daily numbers of users in the 28 days before the cut; of several technologies "
        "the one with the most counts. Zero when nothing was used; missing when users are not measured.",
        rows=usage_by_day,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some="Had {v:person|people} using the product on an average day of the last 4 weeks",
            missing=NO_PEOPLE,
            none="Had nobody using the product in the last 4 weeks",
            others_none="had nobody",
            less="fewer",
        ),
        group="users_peak",
        value=lambda t: mean_within(t, t.users, 28),
    ),
    _feature(
        name="users_peak_28d",
        label="most people using the product on one day of the last 4 weeks",
        unit="people",
        meaning="The largest daily number of users in the 28 days before the cut; of several technologies "
        "the one with the most counts. Zero when nothing was used; missing when users are not measured.",
        rows=usage_by_day,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some="Had {v:person|people} using the product on the busiest day of the last 4 weeks",
            missing=NO_PEOPLE,
            none="Had nobody using the product in the last 4 weeks",
            others_none="had nobody",
            less="fewer",
        ),
        value=lambda t: t.users.max(where=within(t, 28)),
    ),
    _feature(
        name="repositories_peak_28d",
        label="most repositories in use on one day of the last 4 weeks",
        unit="repositories",
        meaning="The largest daily number of repositories of all technologies in the 28 days before the cut. "
        "Zero when nothing was used; missing when repositories are not measured.",
        rows=usage_by_day,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some="Used {v:repository|repositories} on the busiest day of the last 4 weeks",
            missing="We do not know how many repositories this customer uses",
            none="Used no repository in the last 4 weeks",
            others_none="used none",
            less="fewer",
        ),
        value=lambda t: t.repositories.max(where=within(t, 28)),
    ),
)


def adoption(facts: Facts, cut: datetime) -> ir.Table:
    """One row per account with usage and company data.

    Columns: account_id, users (most on a day of the last 28), employees, devops (engineers).
    """
    days = usage_by_day(facts, cut)
    days = days.filter(within(days, 28))
    peak = days.group_by("account_id").aggregate(users=days.users.max())
    known = company(facts, cut)
    size = known.group_by("account_id").aggregate(
        employees=known.employees.max(), devops=known.devops_engineers.max()
    )
    return peak.join(size, "account_id").select("account_id", "users", "employees", "devops")


def _adopted(rows: ir.Table) -> ir.NumericValue:
    adopted = percent(rows.users.max(), rows.employees.max())
    return ibis.ifelse(adopted <= 100, adopted, ibis.null("float64"))


_ADOPTION = (
    _feature(
        name="users_of_employees_percent_28d",
        label="share of the employees who use the product",
        unit="%",
        meaning="The largest daily number of users in the 28 days before the cut in percent of the employees "
        "by the vendor's newest row. Zero when nobody used it; missing when either is not known, or when "
        "there were more users than employees and so one of the two is wrong.",
        sources=("usage_daily", "firmographics"),
        expect=PERCENT,
        rows=adoption,
        wording=Wording(
            some="Had up to {v:percent} of its employees using the product in the last 4 weeks",
            missing="We do not know which share of this customer's employees uses the product",
            none="Had nobody using the product in the last 4 weeks",
            others_none="had nobody",
            more="a higher share",
            less="a lower share",
        ),
        value=_adopted,
    ),
    _feature(
        name="users_per_devops_engineer_28d",
        label="people using the product for each DevOps engineer",
        unit="people per DevOps engineer",
        meaning="The largest daily number of users in the 28 days before the cut, divided by the DevOps "
        "engineers by the vendor's newest row. Zero when nobody used it; missing when either is not known or "
        "there are no DevOps engineers.",
        sources=("usage_daily", "firmographics"),
        rows=adoption,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some="Has {v:person|people} using the product for each DevOps engineer",
            missing="We do not know how many people here use the product for each DevOps engineer",
            none="Had nobody using the product in the last 4 weeks",
            others_none="had nobody",
            less="fewer",
        ),
        value=lambda t: ratio(t.users.max(), t.devops.max()),
    ),
)
