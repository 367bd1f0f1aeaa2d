"""The recorded requests as they are sent to the local org: same calls, the org's own ids.

A replay returns method, path and body. Method NEXT: follow the answer's nextRecordsUrl; TOKEN: log in.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from integrations.localorg import Fault, FaultPlan, FieldDef, LocalOrg, records
from integrations.localorg.standard import lookup, text

EXAMPLES_FILE = Path(__file__).parents[2] / "recorded" / "salesforce_examples.json"
EXAMPLES = {each["name"]: each for each in json.loads(EXAMPLES_FILE.read_text("utf-8"))}


@dataclass
class World:
    """The org behind the recordings."""

    org: LocalOrg
    faults: FaultPlan
    ids: dict[str, str] = field(default_factory=dict)

    def add(self, object_name: str, at: datetime | None = None, **values: object) -> str:
        stamp = (lambda _: at) if at else None
        return self.org.load(object_name, [values], created_at=stamp)[0]


Request = tuple[str, str, object]
Replay = Callable[[World, Mapping[str, object]], Request]
REPLAYS: dict[str, Replay] = {}

V = "/services/data/v53.0"


def replay(*names: str) -> Callable[[Replay], Replay]:
    def keep(function: Replay) -> Replay:
        REPLAYS.update(dict.fromkeys(names, function))
        return function

    return keep


def define(org: LocalOrg) -> None:
    """The objects that the recordings are about."""
    rating = ("Excellent", "Good", "Poor")
    org.define_object("Franchise__c", "Franchise", "Franchises")
    org.define_object(
        "Movie__c", "Movie", "Movies",
        FieldDef("Rating__c", "Picklist", "Rating", length=255, values=rating, restricted=True),
        FieldDef("ReleaseDate__c", "Date", "Release Date"),
        lookup("Franchise__c", "Franchise", "Franchise__c", "Franchise__r", "Movies__r"),
    )  # fmt: skip
    org.define_object(
        "Spaceship__c",
        "Spaceship",
        "Spaceships",
        FieldDef("Website__c", "Url", "Website", length=255, required=True),
    )
    org.define_object(
        "random__c", "random", "randoms", text("RANDOM_1__c", "R1", 80), text("RANDOM_2__c", "R2", 80)
    )
    org.define_object("Member__c", "Member", "Members", text("Campaign__c", "Campaign", 80))
    org.define_object(
        "Whizbang__c", "Whizbang", "Whizbangs",
        FieldDef("Checkbox_Label__c", "Checkbox", "Checkbox", default=False),
        text("Text_Label__c", "Text", 80), text("External_Field__c", "External", 80, external_id=True),
        FieldDef("Date_Label__c", "Date", "Date"), FieldDef("DateTime_Label__c", "DateTime", "DateTime"),
        FieldDef("Picklist_Multiselect_Label__c", "MultiselectPicklist", "Multi", length=4099,
                 values=("four", "six")),
        lookup("ParentWhizbang__c", "Parent", "Whizbang__c", "ParentWhizbang__r", "Whizbangs__r"),
    )  # fmt: skip
    target = "PushTopic__c"
    org.define_object(target, "Push Topic", "Push Topics")
    org.define_field(target, text("Name", "Topic Name", 25))
    org.define_field("Account", text("MyExtId__c", "My Ext Id", 40, external_id=True, unique=True))


@replay("composite-graph-create-tree", "composite-graph-create", "composite-graph-single-create-error")
@replay("create-invalid-field", "create-invalid-picklist-value", "create-required-field-missing")
@replay("create-unknown-object", "create", "create-invalid-api-version", "create-invalid-token")
@replay("versions", "limits", "upsert-created", "upsert-bad-external-id-field")
def as_recorded(_: World, request: Mapping[str, object]) -> Request:
    path = (
        str(request["path"])
        .replace("/Whizbang/", "/Whizbang__c/")
        .replace("External_Field__c__c", "External_Field__c")
    )
    return str(request["method"]), path, request["body"]


@replay("composite-graph-single-delete", "composite-graph-single-update")
def one_movie_in_a_graph(world: World, request: Mapping[str, object]) -> Request:
    movie = world.add("Movie__c", Name="A New Hope")
    body = json.loads(json.dumps(request["body"]))
    body["graphs"][0]["compositeRequest"][0]["url"] = f"{V}/sobjects/Movie__c/{movie}"
    return "POST", f"{V}/composite/graph", body


@replay("update", "update-invalid-field")
def one_movie(world: World, request: Mapping[str, object]) -> Request:
    return "PATCH", f"{V}/sobjects/Movie__c/{world.add('Movie__c', Name='x')}", request["body"]


@replay("update-malformed-id")
def wrong_checksum(world: World, request: Mapping[str, object]) -> Request:
    return "PATCH", f"{V}/sobjects/Movie__c/{world.add('Movie__c', Name='x')[:15]}IB1", request["body"]


@replay("delete")
def delete(world: World, _: Mapping[str, object]) -> Request:
    return "DELETE", f"{V}/sobjects/Account/{world.add('Account', Name='x')}", None


@replay("delete-already-deleted")
def deleted_before(world: World, _: Mapping[str, object]) -> Request:
    return "DELETE", f"{V}/sobjects/Account/{world.add('Account', Name='x', IsDeleted=True)}", None


def query(soql: str) -> Request:
    return "GET", f"{V}/query?q={quote(soql)}", None


@replay("query-malformed-soql")
def malformed(_: World, __: Mapping[str, object]) -> Request:
    return query("SELEKT Name FROM Account")


@replay("query-unknown-column")
def unknown_column(_: World, __: Mapping[str, object]) -> Request:
    return query("SELECT Bacon__c FROM Account LIMIT 2")


@replay("query-empty")
def empty(_: World, __: Mapping[str, object]) -> Request:
    return query("SELECT Id FROM Account WHERE Name = 'none'")


@replay("query")
def names(world: World, _: Mapping[str, object]) -> Request:
    for each in recorded_records("query"):
        world.add("Account", Name=each["Name"])
    return query("SELECT Name FROM Account LIMIT 5")


@replay("query-with-associated-data")
def owner_name(world: World, _: Mapping[str, object]) -> Request:
    guy = world.org.add_user("Guy Smiley", "guy@example.com")
    world.add("Account", Name="TestAccount5", OwnerId=guy)
    return query("SELECT Name, Owner.Name FROM Account LIMIT 1")


@replay("query-with-subquery")
def contacts(world: World, _: Mapping[str, object]) -> Request:
    for each in recorded_records("query-with-subquery"):
        account = world.add("Account", Name=each["Name"])
        for contact in each["Contacts"]["records"]:
            world.add(
                "Contact", AccountId=account, FirstName=contact["FirstName"], LastName=contact["LastName"]
            )
    return query("SELECT Name, (SELECT FirstName, LastName FROM Contacts) FROM Account")


def recorded_records(name: str) -> list[dict[str, Any]]:
    return EXAMPLES[name]["response"]["body"]["records"]  # type: ignore[no-any-return]


def ten_thousand(world: World) -> None:
    first, later = (
        recorded_records("query-with-next-records-url"),
        recorded_records("query-with-next-records-url-2"),
    )
    rows: list[dict[str, object]] = [{}] * 10_000
    rows[0:2], rows[2000:2002] = first, later
    kept = ({name: value for name, value in row.items() if name != "attributes"} for row in rows)
    world.org.load("random__c", kept)


@replay("query-with-next-records-url")
def first_page(world: World, _: Mapping[str, object]) -> Request:
    ten_thousand(world)
    return query("SELECT RANDOM_1__c, RANDOM_2__c FROM random__c")


@replay("query-with-next-records-url-2")
def second_page(world: World, _: Mapping[str, object]) -> Request:
    ten_thousand(world)
    return "NEXT", query("SELECT RANDOM_1__c, RANDOM_2__c FROM random__c")[1], None


@replay("query-aggregate")
def aggregate(world: World, _: Mapping[str, object]) -> Request:
    for row in recorded_records("query-aggregate"):
        world.org.load(
            "Member__c", [{"Campaign__c": row["CampaignId"]}] * int(str(row["expr0"]).split(".")[0])
        )
    return query(
        "SELECT Campaign__c, COUNT(Id) FROM Member__c GROUP BY Campaign__c "
        "ORDER BY Campaign__c DESC NULLS LAST"
    )


@replay("query-types-and-relations")
def types(world: World, _: Mapping[str, object]) -> Request:
    parent = world.add("Whizbang__c", Name="Parent Whizbang", Text_Label__c="Hello")
    values: dict[str, Any] = {
        "Text_Label__c": "Hi there!", "Date_Label__c": "2010-01-01",
        "DateTime_Label__c": "2011-07-07T00:37:00Z",
        "Picklist_Multiselect_Label__c": "four;six", "ParentWhizbang__c": parent, "Name": "Whizbang",
    }  # fmt: skip
    world.add("Whizbang__c", Name="Child Whizbang", ParentWhizbang__c=world.add("Whizbang__c", **values))
    return query(
        "SELECT Checkbox_Label__c, Text_Label__c, Date_Label__c, DateTime_Label__c, "
        "Picklist_Multiselect_Label__c, ParentWhizbang__r.Name, ParentWhizbang__r.Text_Label__c, "
        "(SELECT Name FROM Whizbangs__r) FROM Whizbang__c "
        "WHERE Name = 'Whizbang'"
    )


@replay("get-updated", "get-deleted")
def changed(world: World, request: Mapping[str, object]) -> Request:
    deleted = "deleted" in str(request["path"])
    at = datetime(2013, 5, 7, 22, 7, 19, tzinfo=UTC) if deleted else datetime(2015, 8, 18, 12, tzinfo=UTC)
    for _ in range(1 if deleted else 7):
        world.add("Account", at, Name="x", IsDeleted=deleted)
    return "GET", str(request["path"]), None


@replay("upsert-300-multiple")
def two_of_a_key(world: World, request: Mapping[str, object]) -> Request:
    for _ in range(2):
        world.add("Whizbang__c", External_Field__c="1234")
    return "PATCH", str(request["path"]).replace("/Whizbang/", "/Whizbang__c/"), request["body"]


@replay("collections-update-ok", "collections-update-partial", "collections-update-all-or-none")
def update_two(world: World, request: Mapping[str, object]) -> Request:
    body = json.loads(json.dumps(request["body"]))
    body["records"][0]["id"] = world.add("Account", Name="x")
    contact = world.add("Contact", LastName="x")
    body["records"][1]["id"] = contact
    if request is not EXAMPLES["collections-update-ok"]["request"]:
        body["records"][1]["id"] = body["records"][0]["id"][:15] + "999"
    return "PATCH", str(request["path"]), body


@replay("collections-create-partial", "collections-create-all-or-none")
def create_two(_: World, request: Mapping[str, object]) -> Request:
    body = json.loads(json.dumps(request["body"]))
    body["records"][0]["Name"] = None
    return "POST", str(request["path"]), body


@replay("collections-upsert-ok")
def upsert_two(world: World, request: Mapping[str, object]) -> Request:
    world.add("Account", Name="Company Two", MyExtId__c="BBB")
    return "PATCH", str(request["path"]), request["body"]


@replay("collections-upsert-partial")
def upsert_one(_: World, request: Mapping[str, object]) -> Request:
    body = json.loads(json.dumps(request["body"]))
    body["records"][1]["OwnerId"] = "001xx0000004GxE000"
    return "PATCH", str(request["path"]), body


@replay("collections-delete-partial")
def delete_two(world: World, _: Mapping[str, object]) -> Request:
    ids = f"{world.add('Account', Name='x')},001RM000003oLrB000"
    return "DELETE", f"/services/data/v62.0/composite/sobjects?ids={ids}&allOrNone=false", None


@replay("composite-all-or-none-halted")
def halted(_: World, request: Mapping[str, object]) -> Request:
    records = [{"attributes": {"type": "Account"}, "Name": name} for name in ("x", None)]
    base = "/services/data/v62.0"
    parts = [
        {
            "method": "POST",
            "url": f"{base}/composite/sobjects",
            "referenceId": "collection1",
            "body": {"records": records},
        },
        {
            "method": "POST",
            "url": f"{base}/sobjects/Contact",
            "referenceId": "newContact",
            "body": {"LastName": "x"},
        },
    ]
    return "POST", str(request["path"]), {"allOrNone": True, "compositeRequest": parts}


@replay("oauth-token-ok")
def token(_: World, __: Mapping[str, object]) -> Request:
    return "TOKEN", "/services/oauth2/token", None


@replay("limit-total-requests")
def over_the_limit(world: World, _: Mapping[str, object]) -> Request:
    world.faults.script(Fault("quota"))
    return query("SELECT Id FROM Account")


@replay("string-too-long")
def too_long(_: World, request: Mapping[str, object]) -> Request:
    return "POST", str(request["path"]) + "__c", request["body"]


@replay("field-not-writable")
def unwritable(world: World, _: Mapping[str, object]) -> Request:
    account = world.add("Account", Name="x")
    return (
        "PATCH",
        f"/services/data/v62.0/sobjects/Account/{account}",
        {"SystemModstamp": "2026-01-01T00:00:00Z"},
    )


@replay("tooling-create-picklist-field")
def tooling_field(world: World, request: Mapping[str, object]) -> Request:
    world.org.track_history("Account")
    return "POST", str(request["path"]), request["body"]


@replay("field-permissions-create")
def field_permissions(world: World, request: Mapping[str, object]) -> Request:
    made = records.create(
        world.org.writer(), world.org.store.objects["PermissionSet"], {"Name": "Reps", "Label": "Reps"}
    )
    return "POST", str(request["path"]), {**request["body"], "ParentId": made, "Field": "Account.MyExtId__c"}  # type: ignore[dict-item]


BULK = "Bulk API 2.0 is not offered yet"
SKIPPED = {
    **{
        name: BULK
        for name in EXAMPLES
        if name.startswith("bulk2-") or name in ("bulk-invalid-entity", "txn-security")
    },
    "bulk1-invalid-session": "Bulk API 1.0 is not offered",
    "soap-deploy-queued": "the SOAP metadata API is not offered: deploys go by REST",
    "soap-deploy-pending": "the SOAP metadata API is not offered: deploys go by REST",
    "cdc-account-update": "change events (gRPC) are not offered",
    "oauth-password-wrong": "the password grant is not offered: client credentials only",
    "oauth-refresh-expired": "the refresh grant is not offered: client credentials only",
    "query-resource-not-found": "its own note calls the recording hand-edited (status 200 with an error)",
    "limit-concurrent": "no limit on concurrent requests",
    "query-timeout": "no limit on the time of a query",
}
