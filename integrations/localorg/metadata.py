"""Metadata XML to fields, objects, rules and permission sets, refused where Salesforce refuses it.

source: Metadata API Developer Guide, "CustomField", "CustomObject", "ValidationRule", "PermissionSet".
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

from integrations.localorg import formula
from integrations.localorg.formula import BadFormula
from integrations.localorg.schema import FieldDef, ObjectDef, ValidationRule
from integrations.localorg.standard import TASK, USER_RIGHTS, owner, system_fields, text

NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
MAX_TRACKED = 20

_NAME = re.compile(r"[A-Za-z](?!.*__.*__)[A-Za-z0-9_]*[A-Za-z0-9]__c")
_LENGTHS = {"Text": (1, 255), "LongTextArea": (256, 131_072), "Html": (256, 131_072)}
_FIXED = {"Email": 80, "Phone": 40, "Url": 255, "TextArea": 255, "Picklist": 255, "MultiselectPicklist": 4099}
_DEPLOYABLE = {
    *_LENGTHS,
    *_FIXED,
    "Number",
    "Currency",
    "Percent",
    "Checkbox",
    "Date",
    "DateTime",
    "Lookup",
    "MasterDetail",
}


class Problem(Exception):
    """A component that does not deploy; the text is what Salesforce lists as its problem."""


def value(element: Element, name: str, default: str = "") -> str:
    """The text of a child element."""
    return (element.findtext(NAMESPACE + name) or default).strip()


def flag(element: Element, name: str) -> bool:
    """Whether a child element says true."""
    return value(element, name) == "true"


def children(element: Element, name: str) -> list[Element]:
    """The child elements of this name."""
    return element.findall(NAMESPACE + name)


def _number(element: Element, name: str) -> int:
    written = value(element, name, "0")
    if not written.isdigit():
        raise Problem(f"'{written}' is not a valid value for the type xsd:int")
    return int(written)


# Fields


def field_of(element: Element, owner_name: str, objects: Mapping[str, ObjectDef]) -> FieldDef:
    """The field that the element describes.

    raises: Problem.
    """
    name, kind = value(element, "fullName"), value(element, "type")
    if not _NAME.fullmatch(name):
        raise Problem(f"The object name {owner_name}.{name} is not valid: custom fields end with __c")
    if kind not in _DEPLOYABLE:
        raise Problem(f"'{kind}' is not a valid value for the enum 'FieldType'")
    if not value(element, "label"):
        raise Problem("Must specify a non-empty label for the CustomField")
    field = FieldDef(
        name,
        kind,
        value(element, "label"),
        required=flag(element, "required"),
        unique=flag(element, "unique"),
        external_id=flag(element, "externalId"),
        case_sensitive=flag(element, "caseSensitive"),
        tracked=flag(element, "trackHistory"),
        description=value(element, "description"),
        help_text=value(element, "inlineHelpText"),
    )
    return _typed(field, element, objects)


def _typed(field: FieldDef, element: Element, objects: Mapping[str, ObjectDef]) -> FieldDef:
    if field.kind in _LENGTHS:
        return _with_length(field, element)
    if field.kind in ("Number", "Currency", "Percent"):
        return _with_digits(field, element)
    if field.kind in ("Picklist", "MultiselectPicklist"):
        return _with_values(field, element)
    if field.kind in ("Lookup", "MasterDetail"):
        return _with_parent(field, element, objects)
    if field.kind == "Checkbox":
        if value(element, "defaultValue") not in ("true", "false"):
            raise Problem("Must specify 'defaultValue' for a CustomField of type Checkbox")
        return replace(field, default=flag(element, "defaultValue"))
    return replace(field, length=_FIXED.get(field.kind, 0))


def _with_length(field: FieldDef, element: Element) -> FieldDef:
    shortest, longest = _LENGTHS[field.kind]
    length, lines = _number(element, "length"), _number(element, "visibleLines")
    if not value(element, "length"):
        raise Problem(f"Must specify 'length' for a CustomField of type {field.kind}")
    if not shortest <= length <= longest:
        raise Problem(f"Length for {field.kind} must be between {shortest} and {longest}")
    if field.kind != "Text" and not lines:
        raise Problem(f"Must specify 'visibleLines' for a CustomField of type {field.kind}")
    return replace(field, length=length, visible_lines=lines)


def _with_digits(field: FieldDef, element: Element) -> FieldDef:
    for name in ("precision", "scale"):
        if not value(element, name):
            raise Problem(f"Must specify '{name}' for a CustomField of type {field.kind}")
    precision, scale = _number(element, "precision"), _number(element, "scale")
    if not 0 < precision <= 18 or scale > min(17, precision):
        raise Problem("Precision must be between 1 and 18, and the scale no more than the precision")
    return replace(field, precision=precision, scale=scale)


def _with_values(field: FieldDef, element: Element) -> FieldDef:
    value_set = element.find(NAMESPACE + "valueSet")
    definition = None if value_set is None else value_set.find(NAMESPACE + "valueSetDefinition")
    if value_set is None or definition is None:
        raise Problem(
            "Must specify either 'valueSet' with a 'valueSetDefinition' or a global value set for a picklist"
        )
    listed = children(definition, "value")
    names = [value(each, "fullName") for each in listed]
    if not names or not all(names):
        raise Problem("Required field is missing: fullName")
    if len({each.lower() for each in names}) < len(names):
        raise Problem(f"Duplicate picklist value in {field.name}")
    default = next((name for name, each in zip(names, listed, strict=True) if flag(each, "default")), None)
    restricted = flag(value_set, "restricted")
    return replace(
        field, values=tuple(names), restricted=restricted, default=default, length=_FIXED[field.kind]
    )


def _with_parent(field: FieldDef, element: Element, objects: Mapping[str, ObjectDef]) -> FieldDef:
    parent, plural = value(element, "referenceTo"), value(element, "relationshipName")
    if parent not in objects:
        raise Problem(f"In field: referenceTo - no CustomObject named {parent} found")
    if not plural:
        raise Problem(f"Must specify 'relationshipName' for a CustomField of type {field.kind}")
    relationship = field.name.removesuffix("__c") + "__r"
    return replace(
        field,
        length=18,
        reference_to=parent,
        relationship=relationship,
        children=f"{plural}__r",
        required=field.required or field.kind == "MasterDetail",
    )


def with_field(target: ObjectDef, field: FieldDef) -> ObjectDef:
    """The object with the field added or changed.

    raises: Problem where the change is not possible.
    """
    old = target.fields.get(field.name)
    if old is not None and old.kind != field.kind:
        raise Problem(f"Cannot change field type from {old.kind} to {field.kind}")
    if field.tracked and not target.history:
        raise Problem(
            f"You can't track history of {field.name}: history tracking is not enabled on {target.name}"
        )
    changed = target.with_field(field)
    if sum(each.tracked for each in changed.fields.values()) > MAX_TRACKED:
        raise Problem(f"{target.name} tracks the history of more than {MAX_TRACKED} fields")
    return changed


# Objects


def object_of(element: Element, name: str, old: ObjectDef | None, prefix: str) -> ObjectDef:
    """The object that the element describes, without its fields and rules.

    raises: Problem.
    """
    history = flag(element, "enableHistory") or (old is not None and old.history)
    if old is not None and not old.custom:
        return replace(old, history=history)
    if not _NAME.fullmatch(name):
        raise Problem(f"The object name {name} is not valid: custom objects end with __c")
    if old is not None:
        return replace(old, history=history, label=value(element, "label", old.label))
    for needed in ("label", "pluralLabel", "deploymentStatus", "sharingModel"):
        if not value(element, needed):
            raise Problem(f"Must specify a non-empty {needed} for the CustomObject")
    every = (
        *system_fields("Record"),
        _name_field(element),
        *((owner(),) if not _has_master(element) else ()),
    )
    fields = {each.name: each for each in every}
    return ObjectDef(
        name, value(element, "label"), value(element, "pluralLabel"), prefix, fields, history=history
    )


def _has_master(element: Element) -> bool:
    return any(value(each, "type") == "MasterDetail" for each in children(element, "fields"))


def _name_field(element: Element) -> FieldDef:
    described = element.find(NAMESPACE + "nameField")
    if described is None:
        raise Problem("Must specify a nameField for the CustomObject")
    label = value(described, "label") or "Name"
    if value(described, "type") == "AutoNumber":
        form = value(described, "displayFormat", "{0}")
        return FieldDef(
            "Name", "AutoNumber", label, length=80, createable=False, updateable=False, display_format=form
        )
    return text("Name", label, 80)


def rule_of(element: Element, target: ObjectDef) -> ValidationRule:
    """The validation rule that the element describes.

    raises: Problem.
    """
    rule = ValidationRule(
        value(element, "fullName"),
        value(element, "errorConditionFormula"),
        value(element, "errorMessage"),
        flag(element, "active"),
        value(element, "errorDisplayField"),
        value(element, "description"),
    )
    if not rule.message:
        raise Problem("Required field is missing: errorMessage")
    try:
        formula.check(rule.formula, frozenset(target.fields))
    except BadFormula as error:
        raise Problem(f"Error in formula: {error}") from error
    return rule


def with_rule(target: ObjectDef, rule: ValidationRule) -> ObjectDef:
    """The object with the rule added or replaced."""
    others = tuple(each for each in target.rules if each.name != rule.name)
    return replace(target, rules=(*others, rule))


# Permission sets


@dataclass(frozen=True)
class PermissionSetSpec:
    """Everything that a permission set file says.

    fields: name to (readable, editable). user: rights that belong to no object.
    """

    name: str
    label: str
    description: str
    fields: Mapping[str, tuple[bool, bool]]
    objects: Mapping[str, frozenset[str]]
    user: frozenset[str]


_ALLOWS = {
    "allowCreate": "Create",
    "allowRead": "Read",
    "allowEdit": "Edit",
    "allowDelete": "Delete",
    "viewAllRecords": "ViewAllRecords",
    "modifyAllRecords": "ModifyAllRecords",
}
_NEEDS = {
    "Create": "Read",
    "Edit": "Read",
    "Delete": "Edit",
    "ViewAllRecords": "Read",
    "ModifyAllRecords": "Delete",
}


def permission_set_of(element: Element, name: str, objects: Mapping[str, ObjectDef]) -> PermissionSetSpec:
    """The permission set that the file describes.

    raises: Problem.
    """
    if not value(element, "label"):
        raise Problem("Required field is missing: label")
    fields = {}
    for each in children(element, "fieldPermissions"):
        full_name = value(each, "field")
        _check_permissible(full_name, objects)
        fields[full_name] = (flag(each, "readable"), flag(each, "editable"))
    return PermissionSetSpec(
        name,
        value(element, "label"),
        value(element, "description"),
        fields,
        {value(each, "object"): _rights(each, objects) for each in children(element, "objectPermissions")},
        frozenset(_user_rights(element)),
    )


def _user_rights(element: Element) -> Iterator[str]:
    for each in children(element, "userPermissions"):
        name = value(each, "name")
        if name not in USER_RIGHTS:
            raise Problem(f"Unknown user permission: {name}")
        if flag(each, "enabled"):
            yield name


def _check_permissible(full_name: str, objects: Mapping[str, ObjectDef]) -> None:
    object_name, _, field_name = full_name.partition(".")
    field = objects[object_name].fields.get(field_name) if object_name in objects else None
    if field is None:
        raise Problem(f"In field: field - no CustomField named {full_name} found")
    if field.custom and not field.governed:
        raise Problem(f"You cannot deploy to a required field: {full_name}")


def _rights(element: Element, objects: Mapping[str, ObjectDef]) -> frozenset[str]:
    name = value(element, "object")
    if name not in objects or name == TASK:
        raise Problem(f"In field: object - no CustomObject named {name} found")
    rights = frozenset(right for tag, right in _ALLOWS.items() if flag(element, tag))
    for right in sorted(rights):
        needed = _NEEDS.get(right)
        if needed and needed not in rights:
            raise Problem(f"Permission {right} {name} depends on permission(s): {needed} {name}")
    return rights
