"""What the Tooling API says of the schema: EntityDefinition, FieldDefinition, CustomField, ValidationRule.

`install` is the only way into the schema, so that these tables and the history objects always follow it.
"""

import json

from integrations.localorg.schema import KINDS, FieldDef, ObjectDef, ValidationRule
from integrations.localorg.standard import history_object, lookup, read_only, text
from integrations.localorg.store import Row, Store


def _definition(name: str, prefix: str, rest: bool, *own: FieldDef) -> ObjectDef:
    fields = (read_only("Id", "Id", f"{name} ID"), *own)
    return ObjectDef(
        name, name, name, prefix, {each.name: each for each in fields}, "definition", tooling=True, rest=rest
    )


def definition_objects() -> tuple[ObjectDef, ...]:
    """The objects of this file; the first two answer in the REST API too."""
    entity = lookup(
        "EntityDefinitionId", "Entity Definition ID", "EntityDefinition", "EntityDefinition", "Fields"
    )
    metadata = read_only("Metadata", "AnyType", "Metadata")
    full_name = text("FullName", "Full Name", 255)
    developer_name = text("DeveloperName", "Developer Name", 80)
    flag = "Checkbox"
    return (
        _definition(
            "EntityDefinition",
            "4ie",
            True,
            text("DurableId", "Durable ID", 255),
            text("QualifiedApiName", "Qualified API Name", 80),
            developer_name,
            text("Label", "Label", 80),
            text("PluralLabel", "Plural Label", 80),
            text("KeyPrefix", "Key Prefix", 3),
            read_only("IsCustomizable", flag, "Is Customizable"),
        ),
        _definition(
            "FieldDefinition",
            "4fe",
            True,
            text("DurableId", "Durable ID", 255),
            text("QualifiedApiName", "Qualified API Name", 80),
            developer_name,
            entity,
            text("Label", "Label", 80),
            text("DataType", "Data Type", 80),
            FieldDef("Length", "Int", "Length", precision=9),
            FieldDef("Precision", "Int", "Precision", precision=9),
            FieldDef("Scale", "Int", "Scale", precision=9),
            read_only("IsFieldHistoryTracked", flag, "Is Field History Tracked"),
            read_only("IsNillable", flag, "Is Nillable"),
            read_only("IsHtmlFormatted", flag, "Is HTML Formatted"),
        ),
        _definition(
            "CustomObject",
            "01I",
            False,
            developer_name,
            full_name,
            text("ManageableState", "Manageable State", 40),
        ),
        _definition(
            "CustomField",
            "00N",
            False,
            developer_name,
            text("TableEnumOrId", "Table Enum Or ID", 255),
            entity,
            full_name,
            metadata,
        ),
        _definition(
            "ValidationRule",
            "03d",
            False,
            text("ValidationName", "Validation Name", 80),
            read_only("Active", flag, "Active"),
            entity,
            text("ErrorMessage", "Error Message", 255),
            text("ErrorDisplayField", "Error Display Field", 80),
            text("Description", "Description", 255),
            full_name,
            metadata,
        ),
    )


def install(store: Store, target: ObjectDef) -> None:
    """Add or change an object, its history object and what the Tooling API says of both."""
    with store.transaction():
        store.put_object(target)
        if target.history and target.history_name not in store.objects:
            store.put_object(history_object(target))
        _describe(store, target)


def _describe(store: Store, target: ObjectDef) -> None:
    known = next(
        iter(store.rows('SELECT * FROM "EntityDefinition" WHERE QualifiedApiName = ?', (target.name,))), None
    )
    durable = str(known["DurableId"]) if known else _durable_id(store, target)
    entity: Row = {
        "Id": durable,
        "DurableId": durable,
        "QualifiedApiName": target.name,
        "DeveloperName": _bare(target.name),
        "Label": target.label,
        "PluralLabel": target.plural,
        "KeyPrefix": target.prefix,
        "IsCustomizable": int(target.api == "data"),
    }
    _replace(store, "EntityDefinition", durable, entity)
    if target.custom:
        custom: Row = {
            "Id": durable,
            "DeveloperName": _bare(target.name),
            "FullName": target.name,
            "ManageableState": "unmanaged",
        }
        _replace(store, "CustomObject", durable, custom)
    for field in target.fields.values():
        _describe_field(store, target, durable, field)
    for rule in target.rules:
        _describe_rule(store, target, durable, rule)


def _describe_field(store: Store, target: ObjectDef, entity: str, field: FieldDef) -> None:
    custom_id = (
        _id_of(store, "CustomField", "00N", f"{target.name}.{field.name}") if field.custom else field.name
    )
    durable = f"{entity}.{custom_id[:15]}"
    row: Row = {
        "Id": durable,
        "DurableId": durable,
        "QualifiedApiName": field.name,
        "DeveloperName": _bare(field.name),
        "EntityDefinitionId": entity,
        "Label": field.label,
        "DataType": data_type(field),
        "Length": field.length,
        "Precision": field.precision,
        "Scale": field.scale,
        "IsFieldHistoryTracked": int(field.tracked and target.history),
        "IsNillable": int(not field.required),
        "IsHtmlFormatted": int(field.kind == "Html"),
    }
    _replace(store, "FieldDefinition", durable, row)
    if field.custom:
        custom: Row = {
            "Id": custom_id,
            "DeveloperName": _bare(field.name),
            "TableEnumOrId": entity,
            "EntityDefinitionId": entity,
            "FullName": f"{target.name}.{field.name}",
            "Metadata": json.dumps(field_metadata(field)),
        }
        _replace(store, "CustomField", custom_id, custom)


def _describe_rule(store: Store, target: ObjectDef, entity: str, rule: ValidationRule) -> None:
    full_name = f"{target.name}.{rule.name}"
    rule_id = _id_of(store, "ValidationRule", "03d", full_name)
    metadata = {
        "active": rule.active,
        "description": rule.description or None,
        "errorConditionFormula": rule.formula,
        "errorDisplayField": rule.display_field or None,
        "errorMessage": rule.message,
    }
    row: Row = {
        "Id": rule_id,
        "ValidationName": rule.name,
        "Active": int(rule.active),
        "EntityDefinitionId": entity,
        "ErrorMessage": rule.message,
        "ErrorDisplayField": rule.display_field or None,
        "Description": rule.description or None,
        "FullName": full_name,
        "Metadata": json.dumps(metadata),
    }
    _replace(store, "ValidationRule", rule_id, row)


def _durable_id(store: Store, target: ObjectDef) -> str:
    return store.next_id("01I")[:15] if target.custom else target.name


def _id_of(store: Store, table: str, prefix: str, full_name: str) -> str:
    known = store.rows(f'SELECT Id FROM "{table}" WHERE FullName = ?', (full_name,))  # noqa: S608 known table
    return str(known[0]["Id"]) if known else store.next_id(prefix)


def _replace(store: Store, table: str, record_id: str, row: Row) -> None:
    store.run(f'DELETE FROM "{table}" WHERE Id = ?', (record_id,))  # noqa: S608 known table
    store.insert(table, row)


def _bare(name: str) -> str:
    return name.removesuffix("__c")


def data_type(field: FieldDef) -> str:
    """The type as Setup shows it: `Text(255) (External ID) (Unique Case Insensitive)`, `Number(18, 0)`."""
    title = KINDS[field.kind].title
    if field.kind in ("Text", "LongTextArea", "Html"):
        title = f"{title}({field.length})"
    elif field.kind in ("Number", "Currency", "Percent"):
        title = f"{title}({field.precision - field.scale}, {field.scale})"
    elif field.reference_to:
        title = f"{title}({field.reference_to})"
    marks = (" (External ID)" if field.external_id else "") + (
        " (Unique Case Insensitive)" if field.unique else ""
    )
    return title + marks


def field_metadata(field: FieldDef) -> dict[str, object]:
    """The `Metadata` of a CustomField as the Tooling API answers it; picklist values carry `valueName`."""
    metadata: dict[str, object] = {
        "type": field.kind,
        "label": field.label,
        "required": field.required,
        "trackHistory": field.tracked,
        "description": field.description or None,
        "inlineHelpText": field.help_text or None,
        "externalId": field.external_id,
        "unique": field.unique or None,
        "length": field.length or None,
        "precision": field.precision or None,
        "scale": field.scale if field.precision else None,
        "visibleLines": field.visible_lines or None,
        "referenceTo": field.reference_to or None,
        "relationshipName": field.children.removesuffix("__r") or None,
    }
    if field.values:
        values = [
            {"valueName": each, "label": each, "default": each == field.default} for each in field.values
        ]
        metadata["valueSet"] = {
            "restricted": field.restricted,
            "valueSetDefinition": {"sorted": False, "value": values},
        }
    return metadata
