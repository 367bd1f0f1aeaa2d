"""The Tooling API's way to make one custom field, synchronously and without a zip."""

from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement

from integrations.localorg import metadata
from integrations.localorg.api import Answer, Call
from integrations.localorg.definitions import install
from integrations.localorg.metadata import NAMESPACE, Problem
from integrations.localorg.refusals import Refusal, bad_json
from integrations.localorg.rest import router


@router.on("POST", "/tooling/sobjects/CustomField")
def create_field(call: Call) -> Answer:
    """Add a field; nobody sees it until a permission set says so."""
    if not call.access.admin:
        raise Refusal(403, "INSUFFICIENT_ACCESS", "You must have the Customize Application permission")
    body = call.json()
    described = body.get("Metadata")
    object_name, _, name = str(body.get("FullName", "")).partition(".")
    if not isinstance(described, dict):
        raise bad_json("Metadata is a JSON object")
    target = call.store.objects.get(object_name)
    if target is None:
        raise Refusal(
            400, "INVALID_FIELD_FOR_INSERT_UPDATE", f"Entity named '{object_name}' not found", ("FullName",)
        )
    if target.field(name):
        message = f"There is already a field named {name.removesuffix('__c')} on {target.label}."
        raise Refusal(400, "DUPLICATE_DEVELOPER_NAME", message, ("FullName",))
    try:
        field = metadata.field_of(
            _element("fields", {**described, "fullName": name}), object_name, call.store.objects
        )
        with call.store.transaction():
            install(call.store, metadata.with_field(target, field))
    except Problem as error:
        raise Refusal(400, "FIELD_INTEGRITY_EXCEPTION", str(error), ("Metadata",)) from error
    created = call.store.rows(
        'SELECT Id FROM "CustomField" WHERE FullName = ?', (f"{object_name}.{field.name}",)
    )
    return Answer(201, {"id": created[0]["Id"], "success": True, "errors": [], "warnings": [], "infos": []})


def _element(tag: str, content: Mapping[str, object]) -> Element:
    """Metadata written as JSON in the form in which a deployed file says it."""
    element = Element(NAMESPACE + tag)
    for name, value in content.items():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                element.append(_element(name, each))
            elif each is not None:
                text = str(each).lower() if isinstance(each, bool) else str(each)
                SubElement(element, NAMESPACE + name).text = text
    return element
