"""Puts a world together."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import TypeVar

from demo.world.accounts import USERS, accounts_of, contacts_of, tiers_of
from demo.world.activity import activity_of, cases_of
from demo.world.firmographics import firmographics_of, vendor_file
from demo.world.latent import latent
from demo.world.mails import mails_of, stray_mails
from demo.world.ratings import ratings_of
from demo.world.records import (
    Activity,
    Case,
    Contact,
    Firmographic,
    Mail,
    Rule,
    TierChange,
    Truth,
    UsageSeries,
    World,
)
from demo.world.timeline import Timeline
from demo.world.usage import usage_of
from integrations.localorg.ids import new_id


def generate(seed: int, today: date, rule: Rule, accounts: int = 600, days: int = 730) -> World:
    """A world of `accounts` accounts over the `days` days up to and including `today`.

    Equal arguments give equal worlds; another rule changes levels, ratings and nothing else.
    """
    timeline = Timeline(today, days)
    population = latent(seed, rule, accounts, timeline)
    customers = accounts_of(seed, population.size, timeline)
    off = {country: timeline.days_off(country) for country in sorted({a.country for a in customers})}
    tiers: list[TierChange] = []
    contacts: list[Contact] = []
    cases: list[Case] = []
    usage: list[UsageSeries] = []
    activity: list[Activity] = []
    mails: list[Mail] = []
    firmographics: list[Firmographic] = []
    truths: list[Truth] = []
    for index, account in enumerate(customers):
        size, monthly = float(population.size[index]), population.drivers[index]
        people = contacts_of(seed, index, account, size, monthly, timeline)
        acts = activity_of(seed, index, account, size, monthly, timeline)
        series, events = usage_of(seed, index, account, monthly, timeline, off[account.country])
        contacts += people
        activity += acts
        usage += series
        tiers += tiers_of(seed, index, account, size, monthly, timeline)
        cases += cases_of(seed, index, account, acts, timeline)
        mails += mails_of(seed, index, account, size, people, monthly, timeline)
        firmographics += firmographics_of(seed, index, account, monthly, timeline)
        levels = tuple(int(level) for level in population.levels[index])
        drivers = tuple(tuple(round(float(value), 3) for value in month) for month in monthly)
        truths.append(Truth(account.id, levels, drivers, events))
    mails += stray_mails(seed, mails, timeline)
    return World(
        seed=seed,
        today=today,
        rule=rule,
        days=days,
        months=timeline.months,
        users=USERS,
        accounts=customers,
        tiers=tuple(tiers),
        contacts=_numbered(contacts, "003", lambda contact: contact.created_at),
        cases=_numbered(cases, "500", lambda case: case.opened_at),
        ratings=ratings_of(seed, rule, customers, tuple(truths), timeline),
        usage=tuple(usage),
        activity=tuple(sorted(activity, key=lambda act: (act.loaded_at, act.id))),
        mails=tuple(sorted(mails, key=lambda mail: (mail.at, mail.key))),
        firmographics=vendor_file(firmographics),
        truths=tuple(truths),
    )


Record = TypeVar("Record", Contact, Case)


def _numbered(
    records: list[Record], prefix: str, created_at: Callable[[Record], datetime]
) -> tuple[Record, ...]:
    """The records by their creation, with the Ids that a new org gives in that order."""
    ordered = sorted(records, key=created_at)
    return tuple(replace(each, id=new_id(prefix, number)) for number, each in enumerate(ordered, start=1))


def tiny(seed: int, today: date, rule: Rule = "linear") -> World:
    """A world of 40 accounts over 200 days, for tests that run a whole cycle in seconds."""
    return generate(seed, today, rule, accounts=40, days=200)
