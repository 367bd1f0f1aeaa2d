"""The records of a generated world, as its systems would hold them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Rule = Literal["linear", "thresholds", "no_signal"]
Situation = Literal["regular", "young", "no_usage", "stopped", "intermittent", "unmatched"]
EventKind = Literal["spike", "misuse", "outage", "level", "stop", "growth", "decline"]
Array = NDArray[np.float64]

TIERS = ("Free", "Team", "Business", "Enterprise")
LEVELS = ("Low", "Medium", "High")
"""Maturity levels in order, in the CRM's words; a level is an index into this tuple."""


@dataclass(frozen=True, slots=True)
class User:
    """A user of the vendor's CRM. username: an address. part: `rep` (owns accounts), `admin`, `sync`."""

    username: str
    name: str
    part: Literal["rep", "admin", "sync"]


@dataclass(frozen=True, slots=True)
class Account:
    """A customer. Ids of records are those that a new org gives to them in the order of their creation.

    domain: the real one, lower case; website: as somebody typed it into the CRM, perhaps another's.
    tenant: its usage tenant; tenant_in_crm: None where nobody filled it in.
    country: ISO 3166 alpha-2. employees: the real number, which the CRM does not hold.
    owner: a rep's username.
    """

    id: str
    name: str
    domain: str
    website: str
    tenant: str
    tenant_in_crm: str | None
    country: str
    region: str
    segment: str
    industry: str
    employees: int
    owner: str
    created_at: datetime
    situation: Situation


@dataclass(frozen=True, slots=True)
class TierChange:
    """The tier an account has from `at` on; the first is dated at the account's creation."""

    account_id: str
    tier: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Contact:
    """A person at a customer. email and role are None where the CRM has none."""

    id: str
    account_id: str
    first_name: str
    last_name: str
    email: str | None
    role: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """A support case; closed_at is None where it is open at the world's end."""

    id: str
    account_id: str
    subject: str
    priority: str
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Rating:
    """An expert's rating of an account: a word of LEVELS, by a user (username), at an instant."""

    account_id: str
    level: str
    by: str
    at: datetime


@dataclass(frozen=True, eq=False, slots=True)
class UsageSeries:
    """Daily usage of one technology by one tenant.

    events, users, repositories: (days,), one value per day from `first_day`; NaN events = no row for
        that day (not in use yet, or the collector failed); NaN users in a row = not measured; a zero
        is a measured zero.
    loaded_at: (days,), when the warehouse published the day, in seconds since 1970 UTC.
    """

    tenant: str
    technology: str
    first_day: date
    events: Array
    users: Array
    repositories: Array
    loaded_at: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Activity:
    """Something a customer did besides using the product; identified by tenant, domain or both.

    kind: web_advanced, web_basic (amount: visits), webinar, event, training (attendees), ticket (hours
        to the first response), survey (satisfaction 1..10).
    """

    id: str
    tenant: str | None
    domain: str | None
    at: datetime
    kind: str
    amount: float
    loaded_at: datetime


@dataclass(frozen=True, slots=True)
class Firmographic:
    """A data vendor's row about a company, as text of the CSV; empty = unknown."""

    website: str
    as_of: date
    employees: str
    devops_engineers: str
    public: str
    industry: str


@dataclass(frozen=True, slots=True)
class Person:
    """A name and an address, as in a mail header."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to or from a customer.

    key: unique, makes the file name; a mail delivered twice has two keys and one message_id.
    message_id: None in the rare broken mail. in_reply_to: message_id of the mail answered.
    text: body with signature and quoted reply. form: which MIME parts carry it.
    charset: the one declared; broken: `charset` (body not in it), `date` (unreadable date) or None.
    offset_h: the sender's time zone.
    """

    key: str
    message_id: str | None
    in_reply_to: str | None
    at: datetime
    direction: Literal["in", "out"]
    sender: Person
    to: tuple[Person, ...]
    cc: tuple[Person, ...]
    subject: str
    text: str
    form: Literal["plain", "html", "alternative"] = "plain"
    charset: str = "utf-8"
    language: str = "en"
    automatic: bool = False
    broken: Literal["charset", "date"] | None = None
    offset_h: float = 0.0


@dataclass(frozen=True, slots=True)
class UsageEvent:
    """Something injected into an account's usage.

    size: factor on the day's usage at the event's height (0 = nothing left). days: how long it lasts
        (spike, misuse, outage), how long the ramp takes (growth, decline), else to the world's end.
    """

    kind: EventKind
    start: date
    days: int
    size: float


@dataclass(frozen=True, slots=True)
class Truth:
    """What is really so about an account; no system of the vendor holds it.

    levels: the latent level, index into LEVELS, per month of World.months.
    drivers: the four latent drivers per month, standard units, in the order of latent.DRIVERS.
    """

    account_id: str
    levels: tuple[int, ...]
    drivers: tuple[tuple[float, ...], ...]
    events: tuple[UsageEvent, ...]


@dataclass(frozen=True, eq=False)
class World:
    """A vendor's data over `days` days up to and including `today`, and the truth behind them.

    months: the instants truths are given for: the first day, then every first of a month.
    """

    seed: int
    today: date
    rule: Rule
    days: int
    months: tuple[date, ...]
    users: tuple[User, ...]
    accounts: tuple[Account, ...]
    tiers: tuple[TierChange, ...]
    contacts: tuple[Contact, ...]
    cases: tuple[Case, ...]
    ratings: tuple[Rating, ...]
    usage: tuple[UsageSeries, ...]
    activity: tuple[Activity, ...]
    mails: tuple[Mail, ...]
    firmographics: tuple[Firmographic, ...]
    truths: tuple[Truth, ...]
