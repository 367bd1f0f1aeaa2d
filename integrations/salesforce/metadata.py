"""A package of metadata: what is to be deployed, as the XML files and the zip that Salesforce takes.

source: Metadata API Developer Guide, "CustomObject", "CustomField", "ValidationRule", "PermissionSet".
"""

import io
import zipfile
from xml.etree import ElementTree

from integrations.salesforce.schema import (
    ACCOUNT,
    FieldSpec,
    ObjectSpec,
    OrgSpec,
    PermissionSetSpec,
    RuleSpec,
)

_NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
_LINES = {"Html": 25, "LongTextArea": 5}

Node = tuple[str, "str | bool | int | list[Node]"]


def package_files(parts: OrgSpec, history_on: tuple[str, ...], api_version: str) -> dict[str, bytes]:
    """Path -> content. history_on: objects whose field history is to be switched on."""
    files = {"package.xml": _document("Package", _manifest(parts, history_on, api_version))}
    custom = {spec.name: spec for spec in parts.objects}
    names = {spec.object for spec in parts.fields} | {spec.object for spec in parts.rules}
    names |= {*custom, *history_on}
    for name in sorted(names):
        children = _custom_object(custom[name]) if name in custom else []
        if name in history_on:
            children.append(("enableHistory", True))
        children += [("fields", _field(spec)) for spec in parts.fields if spec.object == name]
        children += [("validationRules", _rule(spec)) for spec in parts.rules if spec.object == name]
        files[f"objects/{name}.object"] = _document("CustomObject", children)
    for permissions in parts.permission_sets:
        content = _document("PermissionSet", _permission_set(permissions))
        files[f"permissionsets/{permissions.name}.permissionset"] = content
    return files


def package_zip(files: dict[str, bytes]) -> bytes:
    """The files as a zip; equal files give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path), content)
    return buffer.getvalue()


def _manifest(parts: OrgSpec, history_on: tuple[str, ...], api_version: str) -> list[Node]:
    members = {
        "CustomField": [f"{spec.object}.{spec.name}" for spec in parts.fields],
        "CustomObject": [*(spec.name for spec in parts.objects), *history_on],
        "PermissionSet": [spec.name for spec in parts.permission_sets],
        "ValidationRule": [f"{spec.object}.{spec.name}" for spec in parts.rules],
    }
    types: list[Node] = [
        ("types", [*(("members", name) for name in sorted(names)), ("name", kind)])
        for kind, names in members.items()
        if names
    ]
    return [*types, ("version", api_version)]


def _custom_object(spec: ObjectSpec) -> list[Node]:
    number: list[Node] = [
        ("displayFormat", spec.number_format),
        ("label", f"{spec.label} Number"),
        ("type", "AutoNumber"),
    ]
    return [
        ("deploymentStatus", "Deployed"),
        ("enableBulkApi", True),
        ("enableReports", True),
        ("enableSharing", True),
        ("enableStreamingApi", True),
        ("label", spec.label),
        ("nameField", number),
        ("pluralLabel", spec.plural),
        ("sharingModel", "ReadWrite"),
    ]


def _field(spec: FieldSpec) -> list[Node]:
    node: list[Node] = [("fullName", spec.name)]
    if spec.description:
        node.append(("description", spec.description))
    if spec.help:
        node.append(("inlineHelpText", spec.help))
    node.append(("label", spec.label))
    node += _extent(spec)
    if spec.type == "Lookup":
        node += [
            ("deleteConstraint", "SetNull"),
            ("referenceTo", ACCOUNT),
            ("relationshipLabel", "Maturity Scores"),
            ("relationshipName", "Maturity_Scores"),
        ]
    if spec.unique:
        node += [("caseSensitive", True), ("externalId", True), ("unique", True)]
    if spec.tracked:
        node.append(("trackHistory", True))
    node += [("required", False), ("type", spec.type)]
    if spec.type in _LINES:
        node.append(("visibleLines", _LINES[spec.type]))
    if spec.values:
        node.append(("valueSet", _values(spec)))
    return node


def _extent(spec: FieldSpec) -> list[Node]:
    """What the field has room for; a checkbox is never empty, and starts unchecked."""
    if spec.type == "Checkbox":
        return [("defaultValue", False)]
    if spec.type == "Number":
        return [("precision", spec.precision), ("scale", spec.scale)]
    return [("length", spec.length)] if spec.length else []


def _values(spec: FieldSpec) -> list[Node]:
    values: list[Node] = [
        ("value", [("fullName", value), ("default", False), ("label", spec.labels.get(value, value))])
        for value in spec.values
    ]
    return [("restricted", spec.restricted), ("valueSetDefinition", [("sorted", False), *values])]


def _rule(spec: RuleSpec) -> list[Node]:
    return [
        ("fullName", spec.name),
        ("active", True),
        ("description", spec.description),
        ("errorConditionFormula", spec.formula),
        ("errorMessage", spec.message),
    ]


def _permission_set(spec: PermissionSetSpec) -> list[Node]:
    fields: list[Node] = [
        (
            "fieldPermissions",
            [("editable", "Edit" in rights), ("field", name), ("readable", "Read" in rights)],
        )
        for name, rights in sorted(spec.fields.items())
    ]
    objects: list[Node] = [
        (
            "objectPermissions",
            [
                ("allowCreate", "Create" in rights),
                ("allowDelete", False),
                ("allowEdit", "Edit" in rights),
                ("allowRead", True),
                ("modifyAllRecords", False),
                ("object", name),
                ("viewAllRecords", False),
            ],
        )
        for name, rights in sorted(spec.objects.items())
    ]
    about: list[Node] = [("description", spec.description)]
    user: list[Node] = [
        ("userPermissions", [("enabled", True), ("name", name)]) for name in sorted(spec.user)
    ]
    return [*about, *fields, ("hasActivationRequired", False), ("label", spec.label), *objects, *user]


def _document(root: str, children: list[Node]) -> bytes:
    element = ElementTree.Element(root, xmlns=_NAMESPACE)
    _append(element, children)
    ElementTree.indent(element, "    ")
    document: bytes = ElementTree.tostring(element, encoding="UTF-8", xml_declaration=True)
    return document


def _append(parent: ElementTree.Element, children: list[Node]) -> None:
    for name, content in children:
        element = ElementTree.SubElement(parent, name)
        if isinstance(content, list):
            _append(element, content)
        else:
            element.text = str(content).lower() if isinstance(content, bool) else str(content)
