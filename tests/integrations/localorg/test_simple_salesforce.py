"""An unchanged simple-salesforce works against the org: an independent client, not ours."""

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceResourceNotFound

from integrations.localorg import LocalOrg
from integrations.localorg.standard import text
from tests.integrations.localorg.conftest import Client


def test_it_creates_reads_changes_upserts_and_deletes(org: LocalOrg, admin: Client) -> None:
    org.define_field("Account", text("Key__c", "Key", 40, external_id=True, unique=True))
    sf = admin.salesforce()
    made = sf.Account.create({"Name": "Acme", "Key__c": "a"})
    assert made["success"]
    assert sf.Account.update(made["id"], {"Tier__c": "Team"}) == 204
    assert sf.Account.get(made["id"])["Tier__c"] == "Team"
    assert sf.Account.get_by_custom_id("Key__c", "a")["Id"] == made["id"]
    assert sf.Account.upsert("Key__c/a", {"Name": "Acme 2"}) == 200
    assert sf.Account.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound):
        sf.Account.get(made["id"])


def test_it_pages_through_everything(org: LocalOrg, admin: Client) -> None:
    org.load("Account", ({"Name": f"n{number}"} for number in range(450)))
    sf = admin.salesforce()
    sf.headers["Sforce-Query-Options"] = "batchSize=200"
    first = sf.query("SELECT Id FROM Account")
    assert (first["totalSize"], first["done"], len(first["records"])) == (450, False, 200)
    assert len(sf.query_all("SELECT Id FROM Account")["records"]) == 450


def test_it_describes_and_counts_requests(admin: Client) -> None:
    sf = admin.salesforce()
    assert {"Account", "Contact", "Case", "User"} <= {each["name"] for each in sf.describe()["sobjects"]}
    tier = next(each for each in sf.Account.describe()["fields"] if each["name"] == "Tier__c")
    assert (tier["type"], tier["restrictedPicklist"]) == ("picklist", True)
    assert [each["value"] for each in tier["picklistValues"]] == ["Free", "Team", "Business", "Enterprise"]
    sf.query("SELECT COUNT() FROM Account")
    assert sf.api_usage["api-usage"].used == 3


def test_it_sends_collections_and_reads_limits(org: LocalOrg, admin: Client) -> None:
    sf = admin.salesforce()
    record_id = org.load("Account", [{"Name": "x"}])[0]
    rows = [{"attributes": {"type": "Account"}, "id": record_id, "Name": "y"}]
    (result,) = sf.restful("composite/sobjects", method="PATCH", json={"records": rows})
    assert (result["id"], result["success"]) == (record_id, True)
    assert sf.limits()["DailyApiRequests"]["Max"] == 100_000


def test_it_is_told_what_is_wrong(admin: Client) -> None:
    with pytest.raises(SalesforceMalformedRequest, match="No such column 'Bacon__c'"):
        admin.salesforce().query("SELECT Bacon__c FROM Account")
