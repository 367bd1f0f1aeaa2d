"""The tables that computations take and return: their columns, grain and units."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # who only wants the levels' names should not wait for these
    import ibis.expr.types as ir
    import pandas as pd

LEVELS = ("low", "medium", "high")
"""Maturity levels in order; a level is an index into this tuple."""


@dataclass(frozen=True)
class Facts:
    """Facts about accounts as known at a cut, as Ibis tables. Every table has `account_id`.

    Only rows with `event_at <= cut` and `known_at <= cut`, one per natural key: the version known
    last. Times are UTC.

    accounts: account_id, name, country (ISO 3166 alpha-2), region, segment, industry, tier (all
        nullable strings), created_on (date). One row per account that existed at the cut.
    tiers: account_id, tier, event_at. One row per change of tier.
    contacts: account_id, contact_id, event_at (creation), role (nullable).
    cases: account_id, case_id, event_at (opened), closed_at (null while open), priority.
    usage_daily: account_id, day (date), technology, events, users, repositories (per day; null =
        not measured). Complete days before the cut only.
    activity: account_id, activity_id, event_at, kind (`web_advanced`, `web_basic`, `webinar`,
        `event`, `training`, `ticket`, `survey`), value (visits, attendees, attendees, attendees,
        hours to the first response, satisfaction 1..10; nullable).
    emails: account_id, message_key, event_at, direction (`in`: from the customer, `out`), reply_to
        (message_key answered, nullable), person (pseudonym of the customer's address).
    email_topics: account_id, message_key, event_at, topic, mentions, negated (counts).
    firmographics: account_id, event_at (the vendor's date), employees, devops_engineers, is_public,
        industry (all nullable).
    """

    accounts: "ir.Table"
    tiers: "ir.Table"
    contacts: "ir.Table"
    cases: "ir.Table"
    usage_daily: "ir.Table"
    activity: "ir.Table"
    emails: "ir.Table"
    email_topics: "ir.Table"
    firmographics: "ir.Table"


@dataclass(frozen=True)
class Snapshot:
    """The feature table as of a cut.

    frame: index `account_id`, sorted; one column per feature in catalogue order: float64 for
        numbers (NaN = missing), object for categories (None = missing).
    digest: SHA-256 of cut, columns and values; equal data give equal digests on any engine.
    """

    as_of: datetime
    frame: "pd.DataFrame"
    digest: str


@dataclass(frozen=True)
class Label:
    """A training target: `level` (index into LEVELS) of an account as of an instant.

    origin: `expert`, `feedback` or `outcome`. weight: (0, 1]. by: the person's Id; None where unknown.
    """

    account_id: str
    level: int
    at: datetime
    origin: str
    weight: float
    by: str | None = None
