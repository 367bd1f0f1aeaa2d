"""Describe: what a user may see of objects and fields, with the keys that Salesforce answers."""

from integrations.localorg.permissions import Access
from integrations.localorg.schema import KINDS, NUMBER_KINDS, REFERENCE_KINDS, TEXT_KINDS, FieldDef, ObjectDef
from integrations.localorg.store import Store

Json = dict[str, object]


def describe_global(store: Store, access: Access, version: str) -> Json:
    """Every object that the user may read."""
    seen = [each for each in store.objects.values() if each.rest and access.may("Read", each)]
    return {
        "encoding": "UTF-8",
        "maxBatchSize": 200,
        "sobjects": [_summary(each, access, version) for each in seen],
    }


def describe_object(store: Store, target: ObjectDef, access: Access, version: str) -> Json:
    """One object with the fields that the user may see."""
    seen = [each for each in target.fields.values() if access.sees(target, each)]
    return {
        **_summary(target, access, version),
        "fields": [_field(target, each, access) for each in seen],
        "childRelationships": _children(store, target, access),
        "recordTypeInfos": [
            {
                "active": True,
                "available": True,
                "defaultRecordTypeMapping": True,
                "developerName": "Master",
                "master": True,
                "name": "Master",
                "recordTypeId": "012000000000000AAA",
                "urls": {},
            }
        ],
        "namedLayoutInfos": [],
        "supportedScopes": [{"label": f"All {target.plural.lower()}", "name": "everything"}],
        "actionOverrides": [],
    }


def _summary(target: ObjectDef, access: Access, version: str) -> Json:
    base = f"/services/data/v{version}/sobjects/{target.name}"
    record = target.api in ("data", "setup")
    return {
        "activateable": False,
        "createable": record and access.may("Create", target),
        "custom": target.custom,
        "customSetting": False,
        "deletable": record and access.may("Delete", target),
        "deprecatedAndHidden": False,
        "feedEnabled": False,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": target.prefix,
        "label": target.label,
        "labelPlural": target.plural,
        "layoutable": target.api == "data",
        "mergeable": target.name in ("Account", "Contact"),
        "mruEnabled": target.api == "data",
        "name": target.name,
        "queryable": True,
        "replicateable": target.api == "data",
        "retrieveable": True,
        "searchable": target.api == "data",
        "triggerable": target.api == "data",
        "undeletable": target.api == "data",
        "updateable": record and access.may("Edit", target),
        "urls": {
            "sobject": base,
            "describe": f"{base}/describe",
            "rowTemplate": f"{base}/{{ID}}",
        },
    }


def _children(store: Store, target: ObjectDef, access: Access) -> list[Json]:
    return [
        {
            "cascadeDelete": field.kind == "MasterDetail",
            "childSObject": child.name,
            "deprecatedAndHidden": False,
            "field": field.name,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": field.children or None,
            "restrictedDelete": False,
        }
        for child in store.objects.values()
        if child.rest and access.may("Read", child)
        for field in child.fields.values()
        if field.reference_to == target.name and access.sees(child, field)
    ]


def _field(target: ObjectDef, field: FieldDef, access: Access) -> Json:
    kind = KINDS[field.kind]
    text = field.kind in TEXT_KINDS or kind.describe in ("id", "reference")
    number = field.kind in NUMBER_KINDS and field.kind != "Int"
    writable = access.writes(target, field) and target.api in ("data", "setup")
    name_field = field.name == "Name"
    picklist = kind.describe in ("picklist", "multipicklist")
    return {
        "aggregatable": kind.filterable and field.kind != "Checkbox",
        "aiPredictionField": False,
        "autoNumber": field.kind == "AutoNumber",
        "byteLength": field.length * 3 if text and field.length != 18 else field.length,
        "calculated": False,
        "calculatedFormula": None,
        "cascadeDelete": field.kind == "MasterDetail",
        "caseSensitive": field.case_sensitive,
        "compoundFieldName": None,
        "controllerName": None,
        "createable": field.createable and writable,
        "custom": field.custom,
        "defaultValue": field.default if field.kind != "Checkbox" else bool(field.default),
        "defaultValueFormula": None,
        "defaultedOnCreate": field.default is not None
        or field.kind in ("Checkbox", "AutoNumber")
        or name_owner(field),
        "dependentPicklist": False,
        "deprecatedAndHidden": False,
        "digits": field.precision if field.kind == "Int" else 0,
        "displayLocationInDecimal": False,
        "encrypted": False,
        "externalId": field.external_id,
        "extraTypeInfo": {"Html": "richtextarea", "LongTextArea": "plaintextarea"}.get(field.kind),
        "filterable": kind.filterable,
        "filteredLookupInfo": None,
        "formulaTreatNullNumberAsZero": False,
        "groupable": kind.filterable and not number and kind.describe != "datetime",
        "highScaleNumber": False,
        "htmlFormatted": field.kind == "Html",
        "idLookup": field.external_id or field.name == "Id" or (name_field and target.custom),
        "inlineHelpText": field.help_text or None,
        "label": field.label,
        "length": field.length,
        "mask": None,
        "maskType": None,
        "name": field.name,
        "nameField": name_field,
        "namePointing": False,
        "nillable": not (field.required or field.kind in ("Checkbox", "Id", "AutoNumber") or audit(field)),
        "permissionable": field.governed,
        "picklistValues": [
            {
                "active": True,
                "defaultValue": value == field.default,
                "label": value,
                "validFor": None,
                "value": value,
            }
            for value in field.values
        ],
        "polymorphicForeignKey": False,
        "precision": field.precision if number else 0,
        "queryByDistance": False,
        "referenceTargetField": None,
        "referenceTo": [field.reference_to] if field.kind in REFERENCE_KINDS else [],
        "relationshipName": field.relationship or None,
        "relationshipOrder": 0 if field.kind == "MasterDetail" else None,
        "restrictedDelete": False,
        "restrictedPicklist": field.restricted if picklist else False,
        "scale": field.scale,
        "searchPrefilterable": False,
        "soapType": kind.soap,
        "sortable": kind.filterable,
        "type": kind.describe,
        "unique": field.unique,
        "updateable": field.updateable and writable,
        "writeRequiresMasterRead": False,
    }


def name_owner(field: FieldDef) -> bool:
    """Whether the org fills the field on creation with the user or the time."""
    return field.name == "OwnerId" or audit(field)


def audit(field: FieldDef) -> bool:
    """Whether the field says who or when."""
    return field.name in (
        "CreatedDate",
        "CreatedById",
        "LastModifiedDate",
        "LastModifiedById",
        "SystemModstamp",
    )
