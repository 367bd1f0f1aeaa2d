"""sObject Collections: one request, a result for every row, in its order."""

import pytest

from integrations.localorg import LocalOrg
from tests.integrations.localorg.conftest import Client

Results = list[dict[str, object]]


def account(record_id: str, **values: object) -> dict[str, object]:
    return {"attributes": {"type": "Account"}, "id": record_id, **values}


def update(admin: Client, *rows: dict[str, object], all_or_none: bool = False) -> Results:
    answer = admin("PATCH", "/composite/sobjects", json={"allOrNone": all_or_none, "records": list(rows)})
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def codes(results: Results) -> list[str]:
    return ["ok" if each["success"] else each["errors"][0]["statusCode"] for each in results]  # type: ignore[index]


@pytest.fixture
def three(org: LocalOrg) -> list[str]:
    return org.load("Account", [{"Name": name} for name in "abc"])


def test_a_bad_row_costs_itself(org: LocalOrg, admin: Client, three: list[str]) -> None:
    results = update(
        admin, account(three[0], Name="A"), account(three[1], Tier__c="Gold"), account(three[2], Name="C")
    )
    assert codes(results) == ["ok", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "ok"]
    assert [each["Name"] for each in org.query("SELECT Name FROM Account ORDER BY Id")] == ["A", "b", "C"]


def test_all_or_none_is_none_when_one_fails(org: LocalOrg, admin: Client, three: list[str]) -> None:
    logged = len(org.store.write_log())
    results = update(admin, account(three[0], Name="A"), account(three[1], Name=None), all_or_none=True)
    assert codes(results) == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"]
    assert len(org.store.write_log()) == logged


def test_an_id_twice_in_a_list_is_refused(admin: Client, three: list[str]) -> None:
    results = update(
        admin, account(three[0], Name="A"), account(three[0][:15], Name="B"), account(three[1], Name="C")
    )
    assert codes(results) == ["DUPLICATE_VALUE", "DUPLICATE_VALUE", "ok"]


def test_ids_of_nobody_and_of_the_deleted_are_told_apart(
    org: LocalOrg, admin: Client, three: list[str]
) -> None:
    admin("DELETE", f"/sobjects/Account/{three[0]}")
    results = update(
        admin, account(three[0], Name="A"), account("001Lo0000099999", Name="B"), account("x", Name="C")
    )
    assert codes(results) == ["ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "MALFORMED_ID"]


def test_more_than_200_records_are_refused(admin: Client, three: list[str]) -> None:
    rows = [account(three[0], Name="A")] * 201
    answer = admin("PATCH", "/composite/sobjects", json={"records": rows})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "EXCEEDED_ID_LIMIT")


def test_a_collection_is_one_request_against_the_limit(
    org: LocalOrg, admin: Client, three: list[str]
) -> None:
    before = len(org.store.api_calls())
    update(admin, *(account(each, Name="x") for each in three))
    (call,) = org.store.api_calls()[before:]
    assert (call.method, call.path, call.status) == ("PATCH", "/composite/sobjects", 200)


def test_records_of_one_request_share_its_id_in_the_write_log(
    org: LocalOrg, admin: Client, three: list[str]
) -> None:
    update(admin, *(account(each, Name="x") for each in three))
    assert len({entry.request_id for entry in org.store.write_log()[-3:]}) == 1
    assert org.store.write_log()[-1].request_id == org.store.api_calls()[-1].request_id
