"""Values are held to their fields as Salesforce holds them."""

from collections.abc import Mapping
from typing import Any

import pytest

from integrations.localorg import FieldDef, LocalOrg, ValidationRule, records
from integrations.localorg.definitions import install
from integrations.localorg.metadata import with_rule
from integrations.localorg.refusals import Refusal
from integrations.localorg.standard import text
from tests.integrations.localorg.conftest import Client, Clock

FENCE = "AND(ISCHANGED(Gen__c), Gen__c < PRIORVALUE(Gen__c))"


@pytest.fixture
def fielded(org: LocalOrg) -> LocalOrg:
    for field in (
        FieldDef("Html__c", "Html", "Html", length=256),
        FieldDef("Score__c", "Number", "Score", precision=4, scale=1),
        FieldDef("Gen__c", "Number", "Gen", precision=18),
        FieldDef("Day__c", "Date", "Day"),
        FieldDef("At__c", "DateTime", "At"),
        FieldDef("On__c", "Checkbox", "On", default=False),
        text("Key__c", "Key", 10, unique=True, external_id=True),
    ):
        org.define_field("Account", field)
    rule = ValidationRule("Rises", FENCE, "An older generation came late.")
    install(org.store, with_rule(org.store.objects["Account"], rule))
    return org


def save(org: LocalOrg, record_id: str | None = None, **values: Any) -> Mapping[str, object]:
    writer, target = org.writer(), org.store.objects["Account"]
    if record_id is None:
        record_id = records.create(writer, target, {"Name": "Acme", **values})
    else:
        records.update(writer, target, record_id, values)
    return org.store.get("Account", record_id) or {}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"Name": None}, "REQUIRED_FIELD_MISSING"),
        ({"Name": "x" * 256}, "STRING_TOO_LONG"),
        ({"Html__c": "&" * 52}, "STRING_TOO_LONG"),
        ({"Tier__c": "Gold"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ({"Score__c": 1000}, "NUMBER_OUTSIDE_VALID_RANGE"),
        ({"Score__c": 999.96}, "NUMBER_OUTSIDE_VALID_RANGE"),
        ({"Score__c": "much"}, "JSON_PARSER_ERROR"),
        ({"Score__c": True}, "JSON_PARSER_ERROR"),
        ({"Score__c": {}}, "JSON_PARSER_ERROR"),
        ({"Name": []}, "JSON_PARSER_ERROR"),
        ({"On__c": "yes"}, "JSON_PARSER_ERROR"),
        ({"Day__c": "2026-02-30"}, "JSON_PARSER_ERROR"),
        ({"At__c": "yesterday"}, "JSON_PARSER_ERROR"),
        ({"OwnerId": "nobody"}, "MALFORMED_ID"),
        ({"OwnerId": "005Lo0000099999"}, "INVALID_CROSS_REFERENCE_KEY"),
        ({"OwnerId": "001Lo0000000001"}, "FIELD_INTEGRITY_EXCEPTION"),
        ({"CreatedDate": "2026-01-01T00:00:00Z"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"Nope__c": 1}, "INVALID_FIELD"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(fielded: LocalOrg, values: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        save(fielded, **values)
    assert refused.value.code == code
    assert not fielded.query("SELECT Id FROM Account")


def test_values_that_fit_are_kept_in_their_normal_form(fielded: LocalOrg) -> None:
    row = save(
        fielded, name=" Acme ", tier__c="TEAM", Score__c=84.25, Day__c="2026-01-02",
        At__c="2026-01-02T03:04:05+01:00",
        Html__c='<p onclick="x()">a<script>b</script> & <span style="color: red; position: fixed">c</span>',
    )  # fmt: skip
    kept = {name: row[name] for name in ("Tier__c", "Score__c", "Day__c", "At__c", "Html__c", "On__c")}
    assert kept == {
        "Tier__c": "Team",
        "Score__c": 84.3,
        "Day__c": "2026-01-02",
        "At__c": "2026-01-02T02:04:05.000+0000",
        "Html__c": '<p>a &amp; <span style="color: red;">c</span></p>',
        "On__c": 0,
    }


def test_a_unique_key_is_taken_once(fielded: LocalOrg) -> None:
    first = save(fielded, Key__c="a")
    with pytest.raises(Refusal, match="duplicates value on record with id") as refused:
        save(fielded, Key__c="A")
    assert refused.value.code == "DUPLICATE_VALUE"
    assert save(fielded, str(first["Id"]), Key__c="a")["Key__c"] == "a"


def test_the_fence_lets_the_generation_only_rise(fielded: LocalOrg) -> None:
    record_id = str(save(fielded, Gen__c=5)["Id"])
    save(fielded, record_id, Gen__c=5)
    save(fielded, record_id, Gen__c=7)
    with pytest.raises(Refusal, match="older generation") as refused:
        save(fielded, record_id, Gen__c=6, Name="late")
    assert refused.value.code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert fielded.query("SELECT Name, Gen__c FROM Account")[0]["Gen__c"] == 7.0


def test_every_write_renews_the_modstamp_and_is_logged(fielded: LocalOrg, clock: Clock) -> None:
    record_id = str(save(fielded, Gen__c=1)["Id"])
    clock.move(minutes=5)
    row = save(fielded, record_id, Gen__c=2)

    assert (row["CreatedDate"], row["SystemModstamp"]) == (
        "2026-03-02T09:00:00.000+0000",
        "2026-03-02T09:05:00.000+0000",
    )
    last = fielded.store.write_log(object_name="Account")[-1]
    assert (last.action, last.record_id, last.before, last.after) == (
        "update",
        record_id,
        {"Gen__c": 1.0},
        {"Gen__c": 2.0},
    )


def test_a_deleted_account_takes_its_contacts_with_it(org: LocalOrg) -> None:
    account = org.load("Account", [{"Name": "Acme"}])[0]
    org.load("Contact", [{"LastName": "Frank", "AccountId": account}])
    org.load("Case", [{"Subject": "Help", "AccountId": account}])
    records.delete(org.writer(), org.store.objects["Account"], account)
    assert org.query("SELECT Id FROM Account") == org.query("SELECT Id FROM Contact") == []
    assert org.query("SELECT AccountId FROM Case")[0]["AccountId"] is None
    assert org.query("SELECT COUNT(Id) n FROM Account ALL ROWS")[0]["n"] == 1


def test_a_merge_leaves_the_loser_with_the_id_of_the_winner(org: LocalOrg) -> None:
    winner, loser = org.load("Account", [{"Name": "Acme"}, {"Name": "Acme Inc"}])
    org.load("Contact", [{"LastName": "Frank", "AccountId": loser}])
    org.merge("Account", winner, loser)
    (gone,) = org.query("SELECT Id, MasterRecordId FROM Account WHERE IsDeleted = true ALL ROWS")
    assert (gone["Id"], gone["MasterRecordId"]) == (loser, winner)
    assert org.query("SELECT AccountId FROM Contact")[0]["AccountId"] == winner


def test_an_upsert_creates_then_updates_and_may_be_told_only_to_update(
    fielded: LocalOrg, admin: Client
) -> None:
    path = "/sobjects/Account/Key__c/a%2Fb"
    assert admin("PATCH", f"{path}?updateOnly=true", json={"Name": "x"}).status_code == 404
    assert admin("PATCH", path, json={"Name": "x"}).status_code == 201
    again = admin("PATCH", path, json={"Name": "y"})
    assert (again.status_code, again.json()["created"]) == (200, False)
    old = admin("PATCH", f"/services/data/v45.0{path}", json={"Name": "z"})
    assert (old.status_code, old.content) == (204, b"")
    assert fielded.query("SELECT Name, Key__c FROM Account")[0]["Key__c"] == "a/b"
