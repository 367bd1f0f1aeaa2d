"""Firmographics: what a vendor knows about the company."""

from datetime import datetime
from functools import partial

import ibis
import ibis.expr.types as ir

from models.features.expect import NOT_NEGATIVE, PERCENT
from models.features.expressions import before, change_percent, newest, percent, within
from models.features.feature import Feature
from models.features.wording import NO_COMPANY_DATA, NO_DEVOPS, Wording
from models.tables import Facts


def company(facts: Facts, cut: datetime) -> ir.Table:
    """The vendor's newest rows before the cut; one per account but where it dates two alike."""
    return newest(before(facts.firmographics, cut))


def change(facts: Facts, cut: datetime) -> ir.Table:
    """One row per account with a vendor's row of the last year and an older one.

    Columns: account_id; employees and devops of the newest row, employees_then and devops_then of the newest
        that is over a year old.
    """
    rows = before(facts.firmographics, cut)
    now, then = newest(rows.filter(within(rows, 365))), newest(rows.filter(rows.age_days > 365))
    old = then.group_by("account_id").aggregate(
        employees_then=then.employees.max(), devops_then=then.devops_engineers.max()
    )
    new = now.group_by("account_id").aggregate(
        employees=now.employees.max(), devops=now.devops_engineers.max()
    )
    return new.join(old, "account_id")


_feature = partial(
    Feature, family="firmographics", sources=("firmographics",), owner="sales operations", rows=company
)

FEATURES = (
    _feature(
        name="employees",
        label="number of employees",
        unit="employees",
        meaning="Employees by the vendor's newest row before the cut. Missing when it does not say.",
        direction=0,
        expect=NOT_NEGATIVE,
        wording=Wording(some="Has {v:employee|employees}", missing=NO_COMPANY_DATA, less="fewer"),
        value=lambda t: t.employees.max(),
    ),
    _feature(
        name="devops_engineers",
        label="number of DevOps engineers",
        unit="engineers",
        meaning="DevOps engineers by the vendor's newest row before the cut. Missing when it does not say.",
        direction=+1,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some="Has {v:DevOps engineer|DevOps engineers}",
            missing=NO_DEVOPS,
            none="Has no DevOps engineer",
            less="fewer",
        ),
        value=lambda t: t.devops_engineers.max(),
    ),
    _feature(
        name="devops_percent",
        label="share of DevOps engineers among the employees",
        unit="%",
        meaning="DevOps engineers in percent of the employees by the vendor's newest row before the cut. "
        "Missing when it gives not both, or no employees.",
        direction=+1,
        expect=PERCENT,
        wording=Wording(
            some="Has {v:percent} DevOps engineers among its employees",
            missing=NO_DEVOPS,
            none="Has no DevOps engineer",
            more="a higher share",
            less="a lower share",
        ),
        group="devops_engineers",
        value=lambda t: percent(t.devops_engineers.max(), t.employees.max()),
    ),
    _feature(
        name="employees_growth_percent_365d",
        label="change in the number of employees within about a year",
        unit="%",
        meaning="Employees by the vendor's newest row of the 365 days before the cut against its newest row "
        "before those. Zero when equal; missing when either row lacks or says nothing.",
        direction=+1,
        rows=change,
        wording=Wording(
            some="The number of its employees grew by {v:percent} within about a year",
            missing="We do not know how this customer's number of employees changed",
            none="The number of its employees stayed the same within about a year",
            falling="The number of its employees fell by {v:percent} within about a year",
        ),
        value=lambda t: change_percent(t.employees.max(), t.employees_then.max()),
    ),
    _feature(
        name="devops_engineers_change_365d",
        label="change in the number of DevOps engineers within about a year",
        unit="engineers",
        meaning="DevOps engineers by the vendor's newest row of the 365 days before the cut less those by "
        "its newest row before those. Zero when equal; missing when either row lacks or says nothing.",
        direction=+1,
        rows=change,
        wording=Wording(
            some="Has {v:DevOps engineer|DevOps engineers} more than about a year ago",
            missing="We do not know how this customer's number of DevOps engineers changed",
            none="Has as many DevOps engineers as about a year ago",
            falling="Has {v:DevOps engineer|DevOps engineers} fewer than about a year ago",
        ),
        value=lambda t: t.devops.max() - t.devops_then.max(),
    ),
    _feature(
        name="ownership",
        label="the company's ownership",
        unit="",
        meaning="Whether the company is listed on a stock exchange, by the vendor's newest row before the "
        "cut: `publicly traded` or `privately held`. Missing when it does not say.",
        direction=0,
        kind="category",
        wording=Wording(some="Is {v}", missing="We do not know whether this customer is publicly traded"),
        value=lambda t: ibis.cases(
            (t.is_public.cast("int64").max() == 1, "publicly traded"),
            (t.is_public.cast("int64").max() == 0, "privately held"),
        ),
    ),
    _feature(
        name="industry",
        label="the industry",
        unit="",
        meaning="Industry by the vendor's newest row before the cut. Missing when it does not say.",
        direction=0,
        kind="category",
        wording=Wording(
            some="Is in the {v} industry", missing="We do not know the industry of this customer"
        ),
        value=lambda t: t.industry.max(),
    ),
)
