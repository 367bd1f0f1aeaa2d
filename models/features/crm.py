"""CRM: contacts, cases, tier, and the account itself."""

from datetime import datetime
from functools import partial

import ibis
import ibis.expr.types as ir

from models.features.expect import NOT_NEGATIVE, Step
from models.features.expressions import DAY_S, before, counted, day_of, instant, newest, within
from models.features.feature import Feature
from models.features.wording import NO_CASES, NO_CONTACTS, Wording
from models.tables import Facts


def accounts(facts: Facts, cut: datetime) -> ir.Table:
    """One row per account as the CRM had it at the cut, with `age_days` since it was created."""
    created = facts.accounts.created_on
    rows = facts.accounts.filter(created.isnull() | (created <= day_of(cut)))
    return rows.mutate(age_days=day_of(cut).delta(rows.created_on, unit="day"))


def tiers(facts: Facts, cut: datetime) -> ir.Table:
    """The account's tier at the cut: by its dated history, else by the account's own row."""
    changes = newest(before(facts.tiers, cut))
    last = changes.group_by("account_id").aggregate(
        dated_tier=changes.tier.max(), age_days=changes.age_days.min()
    )
    rows = accounts(facts, cut).select("account_id", "tier").left_join(last, "account_id")
    return rows.select("account_id", "age_days", tier=ibis.coalesce(rows.dated_tier, rows.tier))


def contacts(facts: Facts, cut: datetime) -> ir.Table:
    """One row per contact created before the cut; an account without one has a row of nulls.

    No account has a row when the CRM gave no contacts at all: they were not asked for, then.
    """
    rows = before(facts.contacts, cut).select("account_id", "contact_id", "role", "age_days")
    return _of_every_account(facts, cut, rows)


def cases(facts: Facts, cut: datetime) -> ir.Table:
    """One row per case opened before the cut; nulls as in `contacts`.

    Columns: account_id, case_id, age_days, priority, open (whether it still was), closed_days (since it was
        closed; null while open).
    """
    opened = before(facts.cases, cut)
    closed_at = opened.closed_at.cast("timestamp('UTC')")
    still_open = closed_at.isnull() | (closed_at >= instant(cut))
    closed_days = (int(cut.timestamp()) - closed_at.epoch_seconds()) / DAY_S
    rows = opened.select(
        "account_id",
        "case_id",
        "age_days",
        "priority",
        open=still_open,
        closed_days=ibis.ifelse(still_open, ibis.null("float64"), closed_days),
    )
    return _of_every_account(facts, cut, rows)


def _of_every_account(facts: Facts, cut: datetime, rows: ir.Table) -> ir.Table:
    every = accounts(facts, cut).select("account_id")
    return every.filter(rows.count() > 0).left_join(rows, "account_id").drop("account_id_right")


_feature = partial(Feature, family="crm", owner="sales", direction=0)


def _of_account(name: str, label: str) -> Feature:
    return _feature(
        name=name,
        label=label,
        unit="",
        meaning=f"The account's {name} in the CRM at the cut. Missing when empty.",
        sources=("accounts",),
        kind="category",
        rows=accounts,
        wording=Wording(some=f"Is in the {{v}} {name}", missing=f"Our CRM has no {name} for this customer"),
        value=lambda t: t[name].max(),
    )


URGENT = ("high", "critical", "urgent", "p1")
"""Priorities that make a case urgent."""


def _urgent(rows: ir.Table) -> ir.NumericValue:
    unsaid = (counted(rows.open) > 0) & (counted(rows.open & rows.priority.notnull()) == 0)
    urgent = counted(rows.open & rows.priority.lower().isin(URGENT))
    return ibis.ifelse(unsaid, ibis.null("int64"), urgent)


FEATURES = (
    _feature(
        name="contacts",
        label="number of known contacts",
        unit="contacts",
        meaning="Contacts created before the cut. Zero when the account has none; missing when the CRM "
        "gave no contacts for any account.",
        sources=("contacts",),
        direction=+1,
        rows=contacts,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some="Has {v:contact|contacts} in our CRM",
            missing=NO_CONTACTS,
            none="Has no contact in our CRM",
            less="fewer",
        ),
        value=lambda t: t.contact_id.count(),
    ),
    _feature(
        name="contact_roles",
        label="number of different roles among the contacts",
        unit="roles",
        meaning="Different roles of the contacts created before the cut. Zero when none has a role; missing "
        "when the CRM gave no contacts for any account.",
        sources=("contacts",),
        direction=+1,
        rows=contacts,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some="Has contacts in {v:role|different roles}",
            missing=NO_CONTACTS,
            none="Has no contact with a known role in our CRM",
            less="fewer",
        ),
        group="contacts",
        value=lambda t: t.role.nunique(),
    ),
    _feature(
        name="contacts_new_365d",
        label="number of contacts added in the last year",
        unit="contacts",
        meaning="Contacts created in the 365 days before the cut. Zero when there was none; missing when the "
        "CRM gave no contacts for any account.",
        sources=("contacts",),
        direction=+1,
        rows=contacts,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some="Has {v:contact|contacts} in our CRM added in the last year",
            missing=NO_CONTACTS,
            none="Has no contact in our CRM added in the last year",
            less="fewer",
        ),
        group="contacts",
        value=lambda t: counted(within(t, 365)),
    ),
    _feature(
        name="open_cases",
        label="number of open cases",
        unit="cases",
        meaning="Cases opened before the cut and not closed before it. Zero when there is none; missing "
        "when the CRM gave no cases for any account.",
        sources=("cases",),
        direction=-1,
        rows=cases,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some="Has {v:open support case|open support cases}",
            missing=NO_CASES,
            none="Has no open support case",
            less="fewer",
        ),
        value=lambda t: counted(t.open),
    ),
    _feature(
        name="open_cases_urgent",
        label="number of open cases of high priority",
        unit="cases",
        meaning=f"Open cases whose priority is one of {', '.join(URGENT)}, in upper or lower case. Zero when "
        "there is none; missing when the CRM gave no cases for any account, or no priority of any open case "
        "of the account.",
        sources=("cases",),
        direction=-1,
        rows=cases,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some="Has {v:open support case of high priority|open support cases of high priority}",
            missing="Our CRM gives no priority for the open support cases of this customer",
            none="Has no open support case of high priority",
            less="fewer",
        ),
        group="open_cases",
        value=_urgent,
    ),
    _feature(
        name="case_oldest_open_days",
        label="time that the oldest open case has been open",
        unit="days",
        meaning="Days from the opening of the oldest open case to the cut. Zero when no case is open; "
        "missing when the CRM gave no cases for any account.",
        sources=("cases",),
        direction=-1,
        expect=NOT_NEGATIVE,
        rows=cases,
        wording=Wording(
            some="Has a support case that has been open for {v:days}",
            missing=NO_CASES,
            none="Has no open support case",
            more="longer",
            less="a shorter time",
        ),
        group="open_cases",
        value=lambda t: t.age_days.max(where=t.open).fill_null(0.0),
    ),
    _feature(
        name="case_close_days_365d",
        label="time that cases closed in the last year usually took",
        unit="days",
        meaning="Median days from opening to closing, of the cases closed in the 365 days before the cut. "
        "Missing when there was none.",
        sources=("cases",),
        direction=-1,
        expect=NOT_NEGATIVE,
        rows=cases,
        wording=Wording(
            some="Usually waited {v:days} for a support case to be closed in the last year",
            missing="We closed no support case of this customer in the last year",
            more="longer",
            less="a shorter time",
        ),
        value=lambda t: (t.age_days - t.closed_days).median(where=t.closed_days <= 365),
    ),
    _feature(
        name="cases_365d",
        label="number of cases opened in the last year",
        unit="cases",
        meaning="Cases opened in the 365 days before the cut. Zero when there was none; missing when the "
        "CRM gave no cases for any account.",
        sources=("cases",),
        rows=cases,
        expect=NOT_NEGATIVE,
        wording=Wording(
            some="Opened {v:support case|support cases} in the last year",
            missing=NO_CASES,
            none="Opened no support case in the last year",
            others_none="opened none",
            less="fewer",
        ),
        group="open_cases",
        value=lambda t: counted(within(t, 365)),
    ),
    _feature(
        name="tier",
        label="the subscription",
        unit="",
        meaning="The tier the account had at the cut, by the history of its changes, else by its record. "
        "Missing when neither says.",
        sources=("tiers", "accounts"),
        kind="category",
        rows=tiers,
        wording=Wording(some="Is on the {v} tier", missing="We do not know the tier of this customer"),
        value=lambda t: t.tier.max(),
    ),
    _feature(
        name="tier_days",
        label="time on the present tier",
        unit="days",
        meaning="Days from the last change of tier to the cut. Missing when no change is dated.",
        sources=("tiers",),
        expect=NOT_NEGATIVE,
        rows=tiers,
        wording=Wording(
            some="Has been on its present tier for {v:days}",
            missing="We do not know since when this customer has been on its tier",
            more="longer",
            less="a shorter time",
        ),
        value=lambda t: t.age_days.max(),
    ),
    _feature(
        name="account_age_days",
        label="time as a customer",
        unit="days",
        meaning="Days from the account's creation in the CRM to the day of the cut. Missing when undated.",
        sources=("accounts",),
        direction=+1,
        expect=Step(per_day=1, tolerance=1.5),
        rows=accounts,
        wording=Wording(
            some="Has been a customer for {v:days}",
            missing="We do not know since when this has been a customer",
            more="longer",
            less="a shorter time",
        ),
        value=lambda t: t.age_days.max(),
    ),
    _of_account("region", "the sales region"),
    _of_account("segment", "the market segment"),
)
