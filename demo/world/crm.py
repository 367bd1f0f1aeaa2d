"""Loads a world's CRM records into a local org, as they stand at an instant."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from demo.world.records import Account, Case, Contact, User, World
from integrations.localorg import records
from integrations.localorg.instants import wire
from integrations.localorg.org import LocalOrg
from integrations.localorg.permissions import access_of
from integrations.localorg.records import Writer
from integrations.localorg.store import Row

Record = TypeVar("Record", Account, Contact, Case)

_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


def load_org(world: World, org: LocalOrg, until: datetime, since: datetime = _BEFORE_ALL) -> None:
    """Load what happened in the CRM after `since` and up to and including `until` (aware UTC).

    org: a new one with the customer's own fields (`standard_org`); users are found by username and added
    where they are missing. Called again with `since` = the earlier `until`, it adds what came after.

    raises: ValueError where the org holds accounts, contacts or cases of others.
    """
    users = {user.username: _user_id(org, user) for user in world.users}
    first_tier = {change.account_id: change.tier for change in reversed(world.tiers)}

    def happened(at: datetime | None) -> bool:
        return at is not None and since < at <= until

    accounts = sorted((a for a in world.accounts if happened(a.created_at)), key=lambda each: each.created_at)
    contacts = [contact for contact in world.contacts if happened(contact.created_at)]
    cases = [case for case in world.cases if happened(case.opened_at)]
    with org.store.transaction():
        _load(
            org, "Account", accounts, lambda a: _account(a, first_tier[a.id], users), lambda a: a.created_at
        )
        _load(org, "Contact", contacts, _contact, lambda contact: contact.created_at)
        _load(org, "Case", cases, _case, lambda case: case.opened_at)
        _replay(world, org, users, happened)


def _user_id(org: LocalOrg, user: User) -> str:
    if not org.store.find("User", Username=user.username):
        return org.add_user(user.name, user.username)
    return org.user_id(user.username)


def _load(
    org: LocalOrg,
    object_name: str,
    found: list[Record],
    fields: Callable[[Record], dict[str, object]],
    created_at: Callable[[Record], datetime],
) -> None:
    moments = iter([created_at(each) for each in found])
    ids = org.load(object_name, map(fields, found), created_at=lambda _: next(moments))
    if ids != [each.id for each in found]:
        raise ValueError(
            f"the org gave other Ids than the world has: it holds {object_name} records of others"
        )


def _account(account: Account, tier: str, users: Mapping[str, str]) -> dict[str, object]:
    return {
        "Name": account.name,
        "Website": account.website,
        "Industry": account.industry,
        "BillingCountry": account.country,
        "Region__c": account.region,
        "Segment__c": account.segment,
        "Tenant_Id__c": account.tenant_in_crm,
        "Tier__c": tier,
        "OwnerId": users[account.owner],
    }


def _contact(contact: Contact) -> dict[str, object]:
    return {
        "AccountId": contact.account_id,
        "FirstName": contact.first_name,
        "LastName": contact.last_name,
        "Email": contact.email,
        "Title": contact.role,
    }


def _case(case: Case) -> dict[str, object]:
    return {
        "AccountId": case.account_id,
        "Subject": case.subject,
        "Priority": case.priority,
        "Status": "Working",
    }


def _replay(
    world: World, org: LocalOrg, users: Mapping[str, str], happened: Callable[[datetime | None], bool]
) -> None:
    """Tiers and ratings as they changed, in the order of time; the org itself keeps their history."""
    created = {account.id: account.created_at for account in world.accounts}
    owners = {account.id: account.owner for account in world.accounts}
    changes = [
        *((r.at, r.account_id, r.by, "Expert_Maturity__c", r.level) for r in world.ratings),
        *((t.at, t.account_id, owners[t.account_id], "Tier__c", t.tier) for t in world.tiers),
    ]
    target = org.store.objects["Account"]
    for at, account_id, by, field, value in sorted(changes):
        if happened(at) and at > created[account_id]:
            records.update(_writer(org, users[by], at), target, account_id, {field: value})
    _close(world.cases, org, happened)


def _close(cases: Iterable[Case], org: LocalOrg, happened: Callable[[datetime | None], bool]) -> None:
    target = org.store.objects["Case"]
    for case in cases:
        if case.closed_at is not None and happened(case.closed_at):
            closed: Row = {"Status": "Closed", "IsClosed": 1, "ClosedDate": wire(case.closed_at)}
            before = records.living(org.store, target, case.id)
            records.apply(_writer(org, org.admin_id, case.closed_at), target, before, closed)


def _writer(org: LocalOrg, user_id: str, at: datetime) -> Writer:
    return Writer(org.store, access_of(org.store, user_id), wire(at), "world")
