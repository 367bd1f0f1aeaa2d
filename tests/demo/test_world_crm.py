"""A world in the local org: in instalments or at once, with the history that a CRM keeps."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from demo.world import World, tiny
from demo.world.crm import load_org
from integrations.localorg.org import LocalOrg
from integrations.localorg.standard_org import standard_org

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
ACCOUNTS = (
    "SELECT Id, Name, Website, Tier__c, Tenant_Id__c, Expert_Maturity__c, Owner.Name, SystemModstamp "
    "FROM Account ORDER BY Id"
)


@pytest.fixture(scope="module")
def world() -> World:
    return tiny(5, date(2026, 11, 23))


def new_org(folder: Path) -> LocalOrg:
    org = LocalOrg.create(folder, lambda: NOW)
    standard_org(org)
    return org


@pytest.fixture(scope="module")
def org(world: World, tmp_path_factory: pytest.TempPathFactory) -> LocalOrg:
    loaded = new_org(tmp_path_factory.mktemp("org") / "org")
    load_org(world, loaded, NOW)
    return loaded


def test_the_org_holds_the_accounts_under_the_ids_of_the_world(world: World, org: LocalOrg) -> None:
    held = {str(row["Id"]): row for row in org.query(ACCOUNTS)}

    assert {record_id: row["Name"] for record_id, row in held.items()} == {
        a.id: a.name for a in world.accounts
    }
    last = {change.account_id: change.tier for change in world.tiers if change.at <= NOW}
    assert {record_id: row["Tier__c"] for record_id, row in held.items()} == last


def test_ratings_are_in_the_history_with_who_and_when(world: World, org: LocalOrg) -> None:
    history = org.query(
        "SELECT AccountId, NewValue, CreatedBy.Username, CreatedDate FROM AccountHistory "
        "WHERE Field = 'Expert_Maturity__c' ORDER BY CreatedDate"
    )

    found = {(row["AccountId"], row["NewValue"], _username(row["CreatedBy"])) for row in history}
    assert found <= {(rating.account_id, rating.level, rating.by) for rating in world.ratings}
    assert len(found) >= len({rating.account_id for rating in world.ratings})


def _username(parent: object) -> object:
    assert isinstance(parent, dict)
    return parent["Username"]


def test_the_reps_of_the_world_are_those_of_the_org(world: World, org: LocalOrg) -> None:
    usernames = [row["Username"] for row in org.query("SELECT Username FROM User")]

    assert len(usernames) == len(set(usernames)) == len(world.users) + 1


def test_instalments_hold_the_same_as_one_load(world: World, org: LocalOrg, tmp_path: Path) -> None:
    parts = new_org(tmp_path / "parts")
    middle = NOW - timedelta(days=80)

    load_org(world, parts, middle)
    load_org(world, parts, NOW, since=middle)

    for soql in (
        ACCOUNTS,
        "SELECT Id, Email, Title, CreatedDate, AccountId FROM Contact ORDER BY Id",
        "SELECT Id, Subject, Status, IsClosed, ClosedDate, CreatedDate FROM Case ORDER BY Id",
    ):
        assert parts.query(soql) == org.query(soql)


def test_an_org_with_records_of_others_is_refused(world: World, tmp_path: Path) -> None:
    used = new_org(tmp_path / "used")
    used.load("Account", [{"Name": "Somebody else"}])

    with pytest.raises(ValueError, match="Account records of others"):
        load_org(world, used, NOW)

    assert len(used.query("SELECT Id FROM Account")) == 1
