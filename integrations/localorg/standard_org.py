"""The customer's org of the demo and the tests, before maturityd was ever set up in it."""

from dataclasses import dataclass

from integrations.localorg.org import LocalOrg
from integrations.localorg.permissions import ADMINISTRATOR, API_ONLY
from integrations.localorg.schema import FieldDef
from integrations.localorg.standard import text

ENTRIES = {
    "the sync user": "client_id sync-app, client_secret sync-secret",
    "the admin": "client_id admin-app, client_secret admin-secret",
    "the reps": "rosa@northwind-tools.example / rosa-demo, tomas@northwind-tools.example / tomas-demo",
}
"""How to log in, in words, for who starts the org by hand."""


@dataclass(frozen=True)
class Login:
    """How somebody comes in: by client credentials (API users) or by password (reps)."""

    user_id: str
    username: str
    client_id: str = ""
    secret: str = ""


@dataclass(frozen=True)
class StandardOrg:
    """Who is who. admin: sets the org up. sync: what the daemon runs as. reps: two people in sales."""

    admin: Login
    sync: Login
    reps: tuple[Login, Login]


def standard_org(org: LocalOrg) -> StandardOrg:
    """Give a new org the customer's own fields, an administrator, a sync user and two reps.

    The sync user may do nothing until a permission set is assigned to it.
    """
    for field in _account_fields():
        org.define_field("Account", field)
    org.track_history("Account", "Tier__c", "Expert_Maturity__c", "OwnerId")
    return StandardOrg(
        _api_user(
            org, "Ada Admin", "ada.admin@northwind-tools.example", ADMINISTRATOR, "admin-app", "admin-secret"
        ),
        _api_user(org, "Maturity Sync", "sync@northwind-tools.example", API_ONLY, "sync-app", "sync-secret"),
        (_rep(org, "Rosa Reyes", "rosa"), _rep(org, "Tomas Novak", "tomas")),
    )


def _account_fields() -> tuple[FieldDef, ...]:
    tiers = ("Free", "Team", "Business", "Enterprise")
    levels = ("Low", "Medium", "High")
    regions = ("EMEA", "AMER", "APAC")
    segments = ("Small", "Mid-Market", "Enterprise")
    return (
        FieldDef("Tier__c", "Picklist", "Tier", length=255, values=tiers, restricted=True, tracked=True),
        text("Tenant_Id__c", "Tenant Id", 80),
        FieldDef("Customer_Since__c", "Date", "Customer Since"),
        FieldDef("Segment__c", "Picklist", "Segment", length=255, values=segments),
        FieldDef("Region__c", "Picklist", "Region", length=255, values=regions),
        FieldDef(
            "Expert_Maturity__c",
            "Picklist",
            "Expert Maturity",
            length=255,
            values=levels,
            restricted=True,
            tracked=True,
        ),
    )


def _api_user(org: LocalOrg, name: str, username: str, profile: str, client_id: str, secret: str) -> Login:
    user_id = org.add_user(name, username, profile)
    org.add_client(client_id, secret, username)
    return Login(user_id, username, client_id, secret)


def _rep(org: LocalOrg, name: str, short: str) -> Login:
    username = f"{short}@northwind-tools.example"
    password = f"{short}-demo"
    return Login(org.add_user(name, username, password=password), username, secret=password)
