"""Field history says who changed what, when; long texts leave only the fact."""

from collections.abc import Callable

from integrations.localorg import FieldDef, LocalOrg, Login, StandardOrg
from tests.integrations.localorg.conftest import Client, Clock


def history(org: LocalOrg) -> list[tuple[object, ...]]:
    rows = org.query(
        "SELECT Field, OldValue, NewValue, CreatedBy.Name, CreatedDate FROM AccountHistory "
        "WHERE Field != 'created' ORDER BY CreatedDate, Id"
    )
    return [(row["Field"], row["OldValue"], row["NewValue"], row["CreatedBy"]["Name"]) for row in rows]  # type: ignore[index]


def test_a_tracked_field_remembers_each_change_and_its_author(
    org: LocalOrg, admin: Client, people: StandardOrg, clock: Clock
) -> None:
    record_id = org.load("Account", [{"Name": "x", "Tier__c": "Free"}])[0]
    for tier in ("Team", "Team", "Business", None):
        clock.move(hours=1)
        admin("PATCH", f"/sobjects/Account/{record_id}", json={"Tier__c": tier, "Segment__c": "Small"})
    assert history(org) == [
        ("Tier__c", "Free", "Team", "Ada Admin"),
        ("Tier__c", "Team", "Business", "Ada Admin"),
        ("Tier__c", "Business", None, "Ada Admin"),
    ]


def test_long_and_rich_texts_are_only_noted_as_changed(org: LocalOrg, admin: Client) -> None:
    for field in (
        FieldDef("Rich__c", "Html", "Rich", length=1000, tracked=True),
        FieldDef("Short__c", "TextArea", "Short", length=255, tracked=True),
    ):
        org.define_field("Account", field)
    record_id = org.load("Account", [{"Name": "x"}])[0]
    admin("PATCH", f"/sobjects/Account/{record_id}", json={"Rich__c": "<b>a</b>", "Short__c": "b" * 255})
    assert history(org) == [("Rich__c", None, None, "Ada Admin"), ("Short__c", None, "b" * 255, "Ada Admin")]


def test_a_change_of_owner_leaves_the_id_and_the_name(
    org: LocalOrg, people: StandardOrg, admin: Client
) -> None:
    first, second = (rep.user_id for rep in people.reps)
    record_id = org.load("Account", [{"Name": "x", "OwnerId": first}])[0]
    admin("PATCH", f"/sobjects/Account/{record_id}", json={"OwnerId": second})
    assert [each[:3] for each in history(org)] == [
        ("Owner", first, second),
        ("Owner", "Rosa Reyes", "Tomas Novak"),
    ]


def test_values_of_the_history_cannot_be_filtered(admin: Client) -> None:
    answer = admin("GET", "/query?q=SELECT Id FROM AccountHistory WHERE NewValue = 'x'")
    assert answer.json()[0]["errorCode"] == "INVALID_FIELD"


def test_history_is_read_only(org: LocalOrg, client: Callable[[Login], Client], people: StandardOrg) -> None:
    org.load("Account", [{"Name": "x"}])
    row = org.query("SELECT Id FROM AccountHistory")[0]
    answer = client(people.admin)("DELETE", f"/sobjects/AccountHistory/{row['Id']}")
    assert answer.status_code == 403


def test_past_changes_can_be_loaded(org: LocalOrg, people: StandardOrg, clock: Clock) -> None:
    record_id = org.load("Account", [{"Name": "x", "Tier__c": "Team"}])[0]
    org.load_history("Account", [(record_id, "Tier__c", "Free", "Team", people.reps[0].user_id, clock())])
    assert history(org) == [("Tier__c", "Free", "Team", "Rosa Reyes")]
