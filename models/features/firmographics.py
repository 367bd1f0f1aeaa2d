"""Firmographics: what a vendor knows about the company."""

from datetime import datetime
from functools import partial

import ibis
import ibis.expr.types as ir

from models.features.expect import PERCENT
from models.features.expressions import before, newest, percent
from models.features.feature import Feature
from models.features.wording import NO_COMPANY_DATA, Wording
from models.tables import Facts


def company(facts: Facts, cut: datetime) -> ir.Table:
    """The vendor's newest rows before the cut; one per account but where it dates two alike."""
    return newest(before(facts.firmographics, cut))


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
        wording=Wording(some="Has {v:employee|employees}", missing=NO_COMPANY_DATA, less="fewer"),
        value=lambda t: t.employees.max(),
    ),
    _feature(
        name="devops_engineers",
        label="number of DevOps engineers",
        unit="engineers",
        meaning="DevOps engineers by the vendor's newest row before the cut. Missing when it does not say.",
        direction=+1,
        wording=Wording(
            some="Has {v:DevOps engineer|DevOps engineers}",
            missing="We do not know how many DevOps engineers this customer has",
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
            missing="We do not know how many DevOps engineers this customer has",
            none="Has no DevOps engineer",
            more="a higher share",
            less="a lower share",
        ),
        group="devops_engineers",
        value=lambda t: percent(t.devops_engineers.max(), t.employees.max()),
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
