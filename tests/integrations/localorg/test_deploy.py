"""Deploys are really applied, component by component, or not at all; nobody sees a field before a grant."""

import io
import json
import zipfile
from collections.abc import Mapping

import pytest

from integrations.localorg import LocalOrg, StandardOrg
from tests.integrations.localorg.conftest import Client

XMLNS = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
GEN = (
    "<fields><fullName>Gen__c</fullName><label>Gen</label><type>Number</type>"
    "<precision>18</precision><scale>0</scale></fields>"
)
LEVEL = (
    "<fields><fullName>Level__c</fullName><label>Level</label><type>Picklist</type>"
    "<trackHistory>true</trackHistory><valueSet><restricted>true</restricted><valueSetDefinition>"
    "<sorted>false</sorted><value><fullName>Low</fullName><label>Low</label></value>"
    "<value><fullName>High</fullName><label>High</label></value></valueSetDefinition></valueSet></fields>"
)
FENCE = (
    "<validationRules><fullName>Rises</fullName><active>true</active><errorConditionFormula>"
    "AND(ISCHANGED(Gen__c), Gen__c &lt; PRIORVALUE(Gen__c))</errorConditionFormula>"
    "<errorMessage>older</errorMessage></validationRules>"
)
SCORE = f"""<CustomObject {XMLNS}><label>Score</label><pluralLabel>Scores</pluralLabel>
<deploymentStatus>Deployed</deploymentStatus><sharingModel>ReadWrite</sharingModel>
<enableHistory>true</enableHistory>
<nameField><label>Number</label><type>AutoNumber</type><displayFormat>MS-{{0000}}</displayFormat></nameField>
<fields><fullName>Key__c</fullName><label>Key</label><type>Text</type><length>80</length>
<externalId>true</externalId><unique>true</unique><trackHistory>true</trackHistory></fields>
<fields><fullName>Account__c</fullName><label>Account</label><type>Lookup</type><referenceTo>Account</referenceTo>
<relationshipName>Scores</relationshipName></fields></CustomObject>"""


def grant(*fields: str, objects: str = "") -> str:
    rows = "".join(
        f"<fieldPermissions><editable>true</editable><field>{each}</field><readable>true</readable></fieldPermissions>"
        for each in fields
    )
    return f"<PermissionSet {XMLNS}><label>Sync</label>{rows}{objects}</PermissionSet>"


def rights(name: str, *allowed: str) -> str:
    allows = "".join(f"<{each}>true</{each}>" for each in allowed)
    return f"<objectPermissions>{allows}<object>{name}</object></objectPermissions>"


def deploy(
    client: Client, members: Mapping[str, list[str]], files: Mapping[str, str], **options: bool
) -> dict[str, object]:
    """The finished deploy result. files: content by path; objects/Account.object by its inner part."""
    listed = "".join(
        f"<types>{''.join(f'<members>{each}</members>' for each in names)}<name>{kind}</name></types>"
        for kind, names in members.items()
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("package.xml", f"<Package {XMLNS}>{listed}<version>62.0</version></Package>")
        for path, content in files.items():
            whole = content if content.startswith("<CustomObject") or "permissionsets" in path else None
            archive.writestr(path, whole or f"<CustomObject {XMLNS}>{content}</CustomObject>")
    deploy_options = {"deployOptions": {"rollbackOnError": True, "singlePackage": True, **options}}
    parts = {
        "json": (None, json.dumps(deploy_options), "application/json"),
        "file": ("deploy.zip", buffer.getvalue(), "application/zip"),
    }
    started = client("POST", "/metadata/deployRequest", files=parts)
    assert started.status_code == 201, started.text
    assert started.json()["deployResult"]["status"] == "Pending"
    path = f"/metadata/deployRequest/{started.json()['id']}?includeDetails=true"
    return client("GET", path).json()["deployResult"]  # type: ignore[no-any-return]


def problems(result: dict[str, object]) -> dict[str, str]:
    details = result["details"]
    assert isinstance(details, dict)
    return {each["fullName"]: each["problem"] for each in details["componentFailures"]}


ACCOUNT = "objects/Account.object"
BOTH = {"CustomField": ["Account.Gen__c", "Account.Level__c"], "ValidationRule": ["Account.Rises"]}


def test_a_deployed_field_is_seen_by_those_who_were_granted_it(
    org: LocalOrg, admin: Client, sync: Client, people: StandardOrg
) -> None:
    everything = {
        "CustomObject": ["Score__c"], "PermissionSet": ["Sync"], **BOTH,
    }  # fmt: skip
    objects = rights("Account", "allowRead", "allowEdit") + rights("Score__c", "allowRead", "allowCreate")
    files = {
        ACCOUNT: GEN + LEVEL + FENCE,
        "objects/Score__c.object": SCORE,
        "permissionsets/Sync.permissionset": grant("Account.Gen__c", "Score__c.Key__c", objects=objects),
    }
    result = deploy(admin, everything, files)
    assert (result["status"], problems(result)) == ("Succeeded", {})
    assert sync("GET", "/sobjects/Account/describe").status_code == 404
    org.assign(people.sync.username, "Sync")

    def fields(client: Client, name: str) -> set[str]:
        return {each["name"] for each in client("GET", f"/sobjects/{name}/describe").json()["fields"]}

    assert {"Gen__c", "Level__c"} & fields(sync, "Account") == {"Gen__c"}
    assert {"Gen__c", "Level__c"} & fields(admin, "Account") == set()
    assert {"Key__c", "Account__c"} & fields(sync, "Score__c") == {"Key__c"}


def test_without_a_grant_reading_and_writing_are_refused_for_admins_too(org: LocalOrg, admin: Client) -> None:
    deploy(admin, BOTH, {ACCOUNT: GEN + LEVEL + FENCE})
    record_id = org.load("Account", [{"Name": "x"}])[0]
    read = admin("GET", "/query?q=SELECT Gen__c FROM Account")
    written = admin("PATCH", f"/sobjects/Account/{record_id}", json={"Gen__c": 1})
    assert (read.status_code, read.json()[0]["errorCode"]) == (400, "INVALID_FIELD")
    assert (written.status_code, written.json()[0]["errorCode"]) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")


def test_a_check_changes_nothing(org: LocalOrg, admin: Client) -> None:
    before = dict(org.store.objects)
    result = deploy(admin, BOTH, {ACCOUNT: GEN + LEVEL + FENCE}, checkOnly=True)
    assert (result["status"], result["checkOnly"]) == ("Succeeded", True)
    assert org.store.objects == before


def test_one_bad_component_rolls_all_back_unless_told_otherwise(org: LocalOrg, admin: Client) -> None:
    members = {"CustomField": ["Account.Gen__c", "Account.Absent__c"]}
    result = deploy(admin, members, {ACCOUNT: GEN})
    assert (result["status"], set(problems(result))) == ("Failed", {"Account.Absent__c"})
    assert "Gen__c" not in org.store.objects["Account"].fields

    partial = deploy(admin, members, {ACCOUNT: GEN}, rollbackOnError=False)
    assert (partial["status"], partial["numberComponentsDeployed"]) == ("SucceededPartial", 1)
    assert "Gen__c" in org.store.objects["Account"].fields


@pytest.mark.parametrize(
    ("field", "problem"),
    [
        ("<type>Html</type><length>32768</length>", "visibleLines"),
        ("<type>Text</type><length>256</length>", "between 1 and 255"),
        ("<type>Number</type><precision>19</precision><scale>0</scale>", "Precision"),
        ("<type>Checkbox</type>", "defaultValue"),
        ("<type>Picklist</type>", "valueSet"),
        ("<type>Lookup</type><referenceTo>Nope__c</referenceTo>", "no CustomObject named Nope__c"),
        ("<type>Blob</type>", "FieldType"),
    ],
)
def test_a_field_that_salesforce_would_refuse_is_refused(admin: Client, field: str, problem: str) -> None:
    xml = f"<fields><fullName>Bad__c</fullName><label>Bad</label>{field}</fields>"
    result = deploy(admin, {"CustomField": ["Account.Bad__c"]}, {ACCOUNT: xml})
    assert problem in problems(result)["Account.Bad__c"]


def test_a_deployed_rule_must_be_a_formula_on_fields_that_exist(admin: Client) -> None:
    result = deploy(admin, {"ValidationRule": ["Account.Rises"]}, {ACCOUNT: FENCE})
    assert "Field Gen__c does not exist" in problems(result)["Account.Rises"]


def test_deploying_a_permission_set_again_replaces_what_it_granted(org: LocalOrg, admin: Client) -> None:
    deploy(admin, BOTH, {ACCOUNT: GEN + LEVEL + FENCE})
    for name in ("Account.Gen__c", "Account.Level__c"):
        result = deploy(
            admin, {"PermissionSet": ["Sync"]}, {"permissionsets/Sync.permissionset": grant(name)}
        )
        assert result["status"] == "Succeeded"
    parent = org.store.find("PermissionSet", Name="Sync")[0]["Id"]
    assert [row["Field"] for row in org.store.find("FieldPermissions", ParentId=parent)] == [
        "Account.Level__c"
    ]


def test_what_a_plan_needs_to_know_can_be_read(admin: Client) -> None:
    deploy(admin, BOTH, {ACCOUNT: GEN + LEVEL + FENCE})

    def tooling(soql: str) -> list[dict[str, object]]:
        return admin("GET", "/tooling/query", params={"q": soql}).json()["records"]  # type: ignore[no-any-return]

    tracked = tooling(
        "SELECT QualifiedApiName FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = 'Account' "
        "AND IsFieldHistoryTracked = true ORDER BY QualifiedApiName"
    )
    (rule,) = tooling("SELECT Active, Metadata FROM ValidationRule WHERE ValidationName = 'Rises'")
    (field,) = tooling("SELECT FullName, Metadata FROM CustomField WHERE DeveloperName = 'Level'")
    names = [each["QualifiedApiName"] for each in tracked]
    assert names == ["Expert_Maturity__c", "Level__c", "OwnerId", "Tier__c"]
    assert rule["Active"] is True
    assert field["Metadata"]["valueSet"]["restricted"] is True  # type: ignore[index]


def test_only_an_admin_deploys(sync: Client) -> None:
    assert sync("POST", "/metadata/deployRequest", data=b"x").status_code == 403
