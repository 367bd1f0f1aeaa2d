"""Setting an org up: the plan says what is missing, apply does exactly that, and a second plan is empty."""

import pytest
import requests
from simple_salesforce.api import Salesforce

from integrations.errors import SetupError
from integrations.localorg.schema import FieldDef
from integrations.salesforce.mapping import field_mapping, output_mapping
from integrations.salesforce.org import apply, plan
from integrations.salesforce.schema import SYNC, USER, org_spec
from tests.integrations.salesforce.conftest import World

WANTED = org_spec()


def everyone(world: World) -> dict[str, list[str]]:
    return {SYNC: [world.people.sync.username], USER: [rep.username for rep in world.people.reps]}


def test_a_bare_org_is_set_up_in_one_go_and_then_needs_nothing(bare: World) -> None:
    admin, sync = bare.connect(bare.people.admin), bare.connect(bare.people.sync)
    with pytest.raises(SetupError, match=r"describe Account.*Maturity_Sync"):
        sync.describe("Account")
    first = plan(admin, WANTED, everyone(bare))
    apply(admin, first)

    assert "create field Account.Maturity_Rating__c: Picklist, history tracked" in str(first)
    assert plan(admin, WANTED, everyone(bare)).changes == ()
    assert output_mapping().problems(sync.describe("Account")) == []
    assert sync.describe("Maturity_Score__c").fields["Key__c"].external_id


def test_planning_changes_nothing(bare: World) -> None:
    admin = bare.connect(bare.people.admin)
    first = plan(admin, WANTED, everyone(bare))
    assert plan(admin, WANTED, everyone(bare)) == first


def test_what_the_admin_has_changed_since_is_kept_and_what_is_missing_is_added(bare: World) -> None:
    levels = FieldDef(
        "Maturity_Rating__c",
        "Picklist",
        "Reifegrad",
        length=255,
        values=("Low", "High", "Guru"),
        restricted=True,
    )
    bare.org.define_field("Account", levels)
    admin = bare.connect(bare.people.admin)
    (change,) = [each for each in plan(admin, WANTED, {}).changes if each.name.endswith("Rating__c")][:1]
    apply(admin, plan(admin, WANTED, {}))

    assert str(change).endswith("Maturity_Rating__c: track history and add Medium, Unknown")
    after = bare.org.store.objects["Account"].fields["Maturity_Rating__c"]
    assert after.label == "Reifegrad"
    assert set(after.values) == {"Low", "Medium", "High", "Guru", "Unknown"}
    assert after.tracked


def test_a_difference_that_cannot_be_changed_is_a_warning(bare: World) -> None:
    bare.org.define_field("Account", FieldDef("Maturity_Score__c", "Text", "Score", length=10))
    bare.org.define_field("Account", FieldDef("Maturity_Summary__c", "Text", "Summary", length=80))
    found = plan(bare.connect(bare.people.admin), WANTED, {})

    assert any("Maturity_Score__c is Text(10), not Number(4, 1)" in words for words in found.warnings)
    assert any("Maturity_Summary__c is Text(80), smaller than Text(255)" in words for words in found.warnings)


def test_only_missing_rights_are_granted_and_nothing_is_taken_away(bare: World) -> None:
    bare.set_up()
    store = bare.org.store
    (sync,) = store.find("PermissionSet", Name=SYNC)
    (score,) = store.find("FieldPermissions", ParentId=sync["Id"], Field="Account.Maturity_Score__c")
    (reasons,) = store.find("FieldPermissions", ParentId=sync["Id"], Field="Account.Maturity_Reasons__c")
    (feedback,) = store.find("FieldPermissions", ParentId=sync["Id"], Field="Account.Maturity_Feedback__c")
    store.run("DELETE FROM FieldPermissions WHERE Id = ?", (score["Id"],))
    store.run("UPDATE FieldPermissions SET PermissionsEdit = 0 WHERE Id = ?", (reasons["Id"],))
    store.run("UPDATE FieldPermissions SET PermissionsEdit = 1 WHERE Id = ?", (feedback["Id"],))
    admin = bare.connect(bare.people.admin)
    planned = plan(admin, WANTED, {})
    apply(admin, planned)

    assert [str(change) for change in planned.changes] == [
        "grant permission set Maturity_Sync: edit Account.Maturity_Reasons__c",
        "grant permission set Maturity_Sync: edit and read Account.Maturity_Score__c",
    ]
    (kept,) = store.find("FieldPermissions", ParentId=sync["Id"], Field="Account.Maturity_Feedback__c")
    assert kept["PermissionsEdit"]


def test_the_sync_user_gets_to_read_what_the_sources_read(bare: World) -> None:
    reads = {"Account": ("Tier__c", "Nowhere__c"), "Contact": ()}
    admin = bare.connect(bare.people.admin)
    planned = plan(admin, org_spec(reads=reads), {SYNC: [bare.people.sync.username]})
    apply(admin, planned)

    assert any("Account.Nowhere__c does not exist" in words for words in planned.warnings)
    sync = bare.connect(bare.people.sync)
    assert not sync.describe("Account").fields["Tier__c"].updateable
    assert list(sync.query("SELECT Id FROM Contact")) == []


def test_an_admins_own_field_is_made_under_its_name(bare: World) -> None:
    mapping = output_mapping([field_mapping("rating", "Reife__c")])
    admin = bare.connect(bare.people.admin)
    apply(admin, plan(admin, org_spec(mapping.specs()), {SYNC: [bare.people.sync.username]}))

    shape = bare.connect(bare.people.sync).describe("Account")
    assert mapping.problems(shape) == []
    assert "Reife__c" in shape.fields
    assert "Maturity_Rating__c" not in shape.fields


def test_a_user_that_does_not_exist_is_named(bare: World) -> None:
    admin = bare.connect(bare.people.admin)
    with pytest.raises(SetupError, match="no active user nobody@"):
        apply(admin, plan(admin, WANTED, {SYNC: ["nobody@northwind-tools.example"]}))


def test_the_sync_user_cannot_set_an_org_up(bare: World) -> None:
    sync = bare.connect(bare.people.sync)
    with pytest.raises(SetupError):
        apply(sync, plan(sync, WANTED, {}))


def test_an_unchanged_simple_salesforce_works_beside_ours(world: World) -> None:
    (account,) = world.org.load("Account", [{"Name": "Beside Ltd"}])
    client = world.connect(world.people.sync)
    session = requests.Session()
    session.verify, session.trust_env = str(world.org.ca_file), False
    theirs = Salesforce(session_id=client.sf.session_id, instance_url=world.url, session=session)

    soql = f"SELECT Name FROM Account WHERE Id = '{account}'"  # noqa: S608 - our own Id
    assert theirs.query(soql)["records"][0]["Name"] == "Beside Ltd"
    assert client.sf.query(soql)["records"][0]["Name"] == "Beside Ltd"
    session.close()
