"""Who the customers are: accounts, their tiers over time, their contacts, the CRM's users."""

import re
import unicodedata
from dataclasses import replace
from datetime import datetime

import numpy as np

from demo.world import names
from demo.world.chance import happens, logistic, pick, stream
from demo.world.latent import BREADTH, ENGAGEMENT, ORGANISATION
from demo.world.records import TIERS, Account, Array, Contact, Situation, TierChange, User
from demo.world.timeline import Timeline
from integrations.localorg.ids import new_id

OUR_DOMAIN = "northwind-tools.example"
FREEMAIL = "freemail.example"
"""A provider that anybody may have an address with: its domain belongs to no account."""

SITUATIONS: dict[Situation, float] = {
    "young": 0.05, "no_usage": 0.04, "stopped": 0.05, "intermittent": 0.09, "unmatched": 0.04,
}  # fmt: skip
"""Shares of the accounts that are not `regular`; each occurs at least once."""


USERS = (
    User(f"rosa@{OUR_DOMAIN}", "Rosa Reyes", "rep"),
    User(f"tomas@{OUR_DOMAIN}", "Tomas Novak", "rep"),
    User(f"ada.admin@{OUR_DOMAIN}", "Ada Admin", "admin"),
    User(f"sync@{OUR_DOMAIN}", "Maturity Sync", "sync"),
)
REPS = tuple(user for user in USERS if user.part == "rep")


def accounts_of(seed: int, size: Array, timeline: Timeline) -> tuple[Account, ...]:
    """One account per entry of `size`, (accounts,): logarithm of the company's size in standard units."""
    rng = stream(seed, "accounts")
    situations = _situations(rng, len(size))
    hostile = _hostile_names(rng, len(size))
    found = [
        _account(rng, index, hostile.get(index), float(size[index]), situations[index], timeline)
        for index in range(len(size))
    ]
    return _numbered(_sharing_domains(rng, found))


def _numbered(accounts: list[Account]) -> tuple[Account, ...]:
    """The same accounts, with the Ids that a new org gives in the order of creation."""
    order = sorted(range(len(accounts)), key=lambda index: accounts[index].created_at)
    ids = {index: new_id("001", number) for number, index in enumerate(order, start=1)}
    return tuple(replace(account, id=ids[index]) for index, account in enumerate(accounts))


def _situations(rng: np.random.Generator, count: int) -> list[Situation]:
    special: list[Situation] = []
    for situation, share in SITUATIONS.items():
        special += [situation] * max(1, round(share * count))
    regular: list[Situation] = ["regular"] * (count - len(special))
    mixed = special + regular
    return [mixed[i] for i in rng.permutation(len(mixed))[:count]]


def _hostile_names(rng: np.random.Generator, count: int) -> dict[int, str]:
    """Hostile names by the index of the account that bears them."""
    places = rng.permutation(count)
    return {int(place): name for place, name in zip(places, names.HOSTILE_NAMES, strict=False)}


def _domain(name: str, index: int) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:30].strip("-")
    return f"{slug or 'customer'}-{index + 1}.example"


def _account(
    rng: np.random.Generator,
    index: int,
    hostile_name: str | None,
    size: float,
    situation: Situation,
    timeline: Timeline,
) -> Account:
    country = str(rng.choice(list(names.COUNTRY_SHARES), p=list(names.COUNTRY_SHARES.values())))
    employees = int(np.clip(np.exp(5.8 + 1.5 * size), 6, 240_000))
    plain_name = f"{pick(rng, names.PREFIXES)} {pick(rng, names.SUFFIXES)}"
    domain = _domain(hostile_name or plain_name, index)
    tenant = f"tn-{int(rng.integers(16**5)):05x}-{index + 1}"
    return Account(
        id="",
        name=hostile_name or f"{plain_name} {names.LEGAL_FORMS[country]}",
        domain=domain,
        website=_website(rng, domain),
        tenant=tenant,
        tenant_in_crm=None if situation == "unmatched" else tenant,
        country=country,
        region=names.REGIONS.get(country, "EMEA"),
        segment=_segment(rng, employees),
        industry=pick(rng, names.INDUSTRIES),
        employees=employees,
        owner=pick(rng, REPS).username,
        created_at=_created(rng, situation, timeline),
        situation=situation,
    )


def _website(rng: np.random.Generator, domain: str) -> str:
    """A domain as people type it."""
    forms = (domain, f"www.{domain}", f"https://www.{domain}/", f"http://{domain}", domain.upper())
    return str(rng.choice(forms, p=(0.45, 0.2, 0.25, 0.05, 0.05)))


def _segment(rng: np.random.Generator, employees: int) -> str:
    """By the number of employees somebody once guessed."""
    guessed = employees * np.exp(rng.normal(0, 0.3))
    if guessed < 200:
        return "Small"
    return "Mid-Market" if guessed < 2_000 else "Enterprise"


def _created(rng: np.random.Generator, situation: Situation, timeline: Timeline) -> datetime:
    if situation == "young":
        days_ago = rng.uniform(6, 54)
    elif happens(rng, 0.55):
        days_ago = timeline.days + rng.exponential(500)
    else:
        days_ago = rng.uniform(70, timeline.days)
    return timeline.moment(timeline.days - 1 - int(days_ago), rng.uniform(6, 18))


def _sharing_domains(rng: np.random.Generator, accounts: list[Account]) -> list[Account]:
    """Two pairs of accounts whose CRM records claim one domain, as subsidiaries do."""
    chosen = [int(i) for i in rng.permutation(len(accounts))[:4]]
    for first, second in (chosen[:2], chosen[2:]):
        accounts[second] = replace(accounts[second], website=accounts[first].website)
    return accounts


def developers(employees: int) -> float:
    """How many of a company's people write software, as a rule."""
    return float(0.3 * employees**0.85)


def tiers_of(
    seed: int, index: int, account: Account, size: float, monthly: Array, timeline: Timeline
) -> list[TierChange]:
    """The account's tiers. What it buys follows size and needs, old deals, and at times a discount.

    monthly: its drivers, (months, 4).
    """
    rng = stream(seed, "tiers", index)
    need = 0.6 * size + 0.25 * monthly.mean(axis=1) + rng.normal(0, 0.6)
    if happens(rng, 0.12):
        need[int(rng.integers(len(need))) :] += pick(rng, (-0.7, 0.7))
    tier = int(np.searchsorted(TIER_CUTS, need[0]))
    changes = [TierChange(account.id, TIERS[tier], account.created_at)]
    for month, value in zip(timeline.month_index, need, strict=True):
        wanted = int(np.searchsorted(TIER_CUTS, value))
        clear = wanted != tier and abs(value - TIER_CUTS[min(wanted, tier)]) > 0.15
        at = timeline.moment(month + int(rng.integers(28)), rng.uniform(8, 17))
        if clear and at > account.created_at:
            tier = wanted
            changes.append(TierChange(account.id, TIERS[tier], at))
    return changes


TIER_CUTS = (-0.7, 0.1, 0.95)


def contacts_of(
    seed: int, index: int, account: Account, size: float, monthly: Array, timeline: Timeline
) -> list[Contact]:
    """The people of the account that the CRM knows; better organised customers have more specialists."""
    rng = stream(seed, "contacts", index)
    breadth, engagement, organisation = (monthly[-1, k] for k in (BREADTH, ENGAGEMENT, ORGANISATION))
    count = 1 + rng.poisson(np.exp(0.75 + 0.25 * size + 0.15 * engagement + 0.1 * breadth))
    found = []
    for number in range(min(int(count), 14)):
        first, last, local = pick(rng, names.PEOPLE[account.country])
        host = FREEMAIL if happens(rng, 0.05) else account.domain
        address = f"{local}{index}.{number}@{host}" if host == FREEMAIL else f"{local}{number or ''}@{host}"
        found.append(
            Contact(
                id="",
                account_id=account.id,
                first_name=first,
                last_name=last,
                email=None if happens(rng, 0.06) else address,
                role=None if happens(rng, 0.15) else _role(rng, float(organisation)),
                created_at=_joined(rng, account, timeline),
            )
        )
    return found


def _role(rng: np.random.Generator, organisation: float) -> str:
    specialist = happens(rng, logistic(-1.1 + 0.8 * organisation))
    return pick(rng, names.ROLES[1:5] if specialist else (names.ROLES[0], *names.ROLES[5:]))


def _joined(rng: np.random.Generator, account: Account, timeline: Timeline) -> datetime:
    """At the account's creation or some time between it and the last day."""
    end = timeline.moment(timeline.days - 1)
    spread = 0.0 if happens(rng, 0.4) else float(rng.random())
    joined = account.created_at + spread * (end - account.created_at)
    return max(joined, account.created_at).replace(microsecond=0)
