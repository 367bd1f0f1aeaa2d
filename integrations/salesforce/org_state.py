"""What an org has of the things that maturityd needs, read with an admin's eyes.

Read from definitions, not from describe: a field made by API is in describe only for users with a
permission on it, and a fresh one has none for anybody, admins included.
"""

from dataclasses import dataclass

from simple_salesforce.format import format_soql

from integrations.salesforce.client import SalesforceClient
from integrations.salesforce.schema import FieldSpec


@dataclass(frozen=True)
class Rule:
    """A validation rule as it stands."""

    formula: str
    active: bool


def has_object(client: SalesforceClient, name: str) -> bool:
    """Whether there is an object of this name."""
    soql = "SELECT QualifiedApiName FROM EntityDefinition WHERE QualifiedApiName = {}"
    return bool(client.tooling(format_soql(soql, name)))


@dataclass(frozen=True)
class FieldLine:
    """A field in short. data_type: as Setup shows it ("Text(255)")."""

    data_type: str
    tracked: bool


def field_lines(client: SalesforceClient, object_name: str) -> dict[str, FieldLine]:
    """All fields of an object by name, visible to us or not."""
    soql = (
        "SELECT QualifiedApiName, DataType, IsFieldHistoryTracked FROM FieldDefinition "
        "WHERE EntityDefinition.QualifiedApiName = {}"
    )
    rows = client.tooling(format_soql(soql, object_name))
    return {
        row["QualifiedApiName"]: FieldLine(row["DataType"], bool(row["IsFieldHistoryTracked"]))
        for row in rows
    }


def custom_field(client: SalesforceClient, object_name: str, name: str) -> FieldSpec:
    """A custom field as it stands. Salesforce gives Metadata only for one row at a time."""
    soql = (
        "SELECT Metadata FROM CustomField WHERE EntityDefinition.QualifiedApiName = {} AND DeveloperName = {}"
    )
    (row,) = client.tooling(format_soql(soql, object_name, name.removesuffix("__c")))
    found = row["Metadata"]
    value_set = found.get("valueSet") or {}
    listed = (value_set.get("valueSetDefinition") or {}).get("value") or []
    # Salesforce reads as `valueName` what it takes as `fullName`.
    labels = {value.get("valueName") or value["fullName"]: value["label"] for value in listed}
    return FieldSpec(
        object=object_name,
        name=name,
        label=found["label"],
        type=found["type"],
        output="",
        help=found.get("inlineHelpText") or "",
        length=found.get("length") or 0,
        precision=found.get("precision") or 0,
        scale=found.get("scale") or 0,
        values=tuple(labels),
        labels=labels,
        tracked=bool(found.get("trackHistory")),
        unique=bool(found.get("unique")),
        restricted=bool(value_set.get("restricted", True)),
        description=found.get("description") or "",
        shared_values=bool(value_set.get("valueSetName")),
    )


def rule(client: SalesforceClient, object_name: str, name: str) -> Rule | None:
    """A validation rule, or None."""
    soql = (
        "SELECT Active, Metadata FROM ValidationRule "
        "WHERE EntityDefinition.QualifiedApiName = {} AND ValidationName = {}"
    )
    rows = client.tooling(format_soql(soql, object_name, name))
    return Rule(rows[0]["Metadata"]["errorConditionFormula"], bool(rows[0]["Active"])) if rows else None
