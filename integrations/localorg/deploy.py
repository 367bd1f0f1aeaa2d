"""Deploying metadata by REST: a zip goes in, its components are really applied, each with its own result.

source: Metadata API Developer Guide, "Deploying Metadata with REST"; the result's keys are as recorded.
"""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import python_multipart
from python_multipart.multipart import File

from integrations.localorg import metadata, records
from integrations.localorg.api import Answer, Call
from integrations.localorg.definitions import install
from integrations.localorg.instants import wire
from integrations.localorg.metadata import PermissionSetSpec, Problem
from integrations.localorg.org import next_prefix
from integrations.localorg.refusals import Refusal, bad_json, not_found
from integrations.localorg.rest import router
from integrations.localorg.standard import ACTIVITY, OBJECT_RIGHTS, TASK, USER_RIGHTS
from integrations.localorg.store import Row

Json = dict[str, object]

_ORDER = ("CustomObject", "CustomField", "ValidationRule", "PermissionSet")
_PARTS = {"CustomField": "fields", "ValidationRule": "validationRules"}


@dataclass(frozen=True)
class Component:
    """One thing to deploy: its file and the element in it. element None: the file does not hold it."""

    kind: str
    full_name: str
    file: str
    element: Element | None


class _Undone(Exception):
    """Everything was tried and nothing may stay."""


@router.on("POST", "/metadata/deployRequest")
def deploy(call: Call) -> Answer:
    """Take a zip and apply it; the answer says Pending, the outcome is read by id."""
    if not call.access.admin:
        raise Refusal(403, "INSUFFICIENT_ACCESS", "You must have the Modify Metadata permission to deploy")
    options, archive = _form(call)
    deploy_id = call.store.next_id("0Af")
    outcome = _Deployment(call, options).run(_components(archive))
    result = _result(call, deploy_id, options, outcome)
    call.store.run("INSERT INTO deploy VALUES (?, ?)", (deploy_id, json.dumps(result)))
    pending = {
        **result,
        "status": "Pending",
        "done": False,
        "success": False,
        "completedDate": None,
        "numberComponentsDeployed": 0,
        "numberComponentErrors": 0,
        "details": None,
    }
    return Answer(201, _envelope(call, deploy_id, pending, options))


@router.on("GET", "/metadata/deployRequest/{deploy_id}")
def outcome_of(call: Call, deploy_id: str) -> Answer:
    """How a deployment went; `includeDetails` lists its components."""
    rows = call.store.rows("SELECT json FROM deploy WHERE id = ?", (deploy_id,))
    if not rows:
        raise not_found()
    result = json.loads(str(rows[0]["json"]))
    if call.query.get("includeDetails", "").lower() != "true":
        result["details"] = None
    return Answer(200, _envelope(call, deploy_id, result, None))


def _envelope(call: Call, deploy_id: str, result: Json, options: Json | None) -> Json:
    url = f"{call.base}/metadata/deployRequest/{deploy_id}"
    return {
        "id": deploy_id,
        "url": url,
        "validatedDeployRequestId": None,
        "deployOptions": options,
        "deployResult": result,
    }


def _form(call: Call) -> tuple[Json, zipfile.ZipFile]:
    parts: dict[str, bytes] = {}

    def keep_field(field: python_multipart.multipart.Field) -> None:
        parts[(field.field_name or b"").decode()] = field.value or b""

    def keep_file(file: File) -> None:
        file.file_object.seek(0)
        parts[(file.field_name or b"").decode()] = file.file_object.read()

    headers = {"Content-Type": call.headers.get("content-type", "").encode()}
    try:
        python_multipart.parse_form(headers, io.BytesIO(call.body), keep_field, keep_file)
        options = json.loads(parts["json"])["deployOptions"]
        return options, zipfile.ZipFile(io.BytesIO(parts["file"]))
    except (KeyError, TypeError, ValueError, python_multipart.exceptions.FormParserError) as error:
        raise bad_json(
            f"a deploy request has a part json with deployOptions and a part file: {error}"
        ) from error
    except zipfile.BadZipFile as error:
        raise Refusal(400, "INVALID_ZIP", f"the part file is no zip: {error}") from error


def _components(archive: zipfile.ZipFile) -> list[Component]:
    files = {name: _parsed(name, archive.read(name)) for name in archive.namelist() if not name.endswith("/")}
    if "package.xml" not in files:
        raise Refusal(400, "INVALID_ZIP", "No package.xml found")
    named = [
        (metadata.value(types, "name"), (member.text or "").strip())
        for types in metadata.children(files["package.xml"], "types")
        for member in metadata.children(types, "members")
    ]
    listed = [_component(kind, name, files) for kind, name in named]
    whole = {each.full_name for each in listed if each.kind == "CustomObject"}
    inside = [each for each in _contained(files, whole) if (each.kind, each.full_name) not in set(named)]
    return sorted([*listed, *inside], key=lambda each: _ORDER.index(each.kind) if each.kind in _ORDER else -1)


def _parsed(name: str, content: bytes) -> Element:
    try:
        return ElementTree.fromstring(content)  # noqa: S314 expat limits entity expansion, and the org is on loopback
    except ElementTree.ParseError as error:
        raise Refusal(400, "INVALID_ZIP", f"{name}: Error parsing file: {error}") from error


def _component(kind: str, full_name: str, files: dict[str, Element]) -> Component:
    if kind in _PARTS:
        object_name, _, own = full_name.partition(".")
        file = f"objects/{object_name}.object"
        parts = metadata.children(files[file], _PARTS[kind]) if file in files else []
        found = next((each for each in parts if metadata.value(each, "fullName") == own), None)
        return Component(kind, full_name, file, found)
    folder, ending = {
        "CustomObject": ("objects", "object"),
        "PermissionSet": ("permissionsets", "permissionset"),
    }.get(kind, ("unknown", "unknown"))
    file = f"{folder}/{full_name}.{ending}"
    return Component(kind, full_name, file, files.get(file))


def _contained(files: dict[str, Element], whole: set[str]) -> list[Component]:
    """Fields and rules inside an object that is deployed as a whole."""
    return [
        Component(kind, f"{name}.{metadata.value(each, 'fullName')}", f"objects/{name}.object", each)
        for name in sorted(whole)
        for kind, tag in _PARTS.items()
        for each in (
            metadata.children(files[f"objects/{name}.object"], tag)
            if f"objects/{name}.object" in files
            else []
        )
    ]


class _Deployment:
    """One deployment: applies components in an order in which each finds what it needs."""

    def __init__(self, call: Call, options: Json) -> None:
        self._call = call
        self._store = call.store
        self._check_only = options.get("checkOnly") is True
        self._rollback = options.get("rollbackOnError", True) is True
        self._apply: dict[str, Callable[[str, Element], bool]] = {
            "CustomObject": self._object,
            "CustomField": self._field,
            "ValidationRule": self._rule,
            "PermissionSet": self._permission_set,
        }

    def run(self, components: list[Component]) -> list[Json]:
        """A message for each component."""
        messages: list[Json] = []
        try:
            with self._store.transaction():
                messages.extend(self._message(each) for each in components)
                failed = any(not each["success"] for each in messages)
                if self._check_only or (failed and self._rollback):
                    raise _Undone
        except _Undone:
            pass
        return messages

    def _message(self, component: Component) -> Json:
        created, problem = False, None
        try:
            with self._store.transaction():
                created = self._applied(component)
        except Problem as error:
            problem = str(error)
        return {
            "componentType": component.kind,
            "fileName": component.file,
            "fullName": component.full_name,
            "id": None,
            "problem": problem,
            "problemType": "Error" if problem else None,
            "success": problem is None,
            "warning": False,
            "created": created,
            "changed": problem is None,
            "deleted": False,
            "lineNumber": None,
            "columnNumber": None,
            "createdDate": wire(self._call.now),
            "requiresProductionTestRun": False,
            "knownPackagingProblem": False,
            "forPackageManifestFile": False,
        }

    def _applied(self, component: Component) -> bool:
        """Apply one; True where it was new."""
        if component.kind not in self._apply:
            raise Problem(f"Unknown type name '{component.kind}' specified in package.xml")
        if component.element is None:
            raise Problem(
                f"An object '{component.full_name}' of type {component.kind} was named in package.xml, "
                "but was not found in zipped directory"
            )
        return self._apply[component.kind](component.full_name, component.element)

    def _object(self, name: str, element: Element) -> bool:
        old = self._store.objects.get(name)
        prefix = old.prefix if old else next_prefix(self._store)
        install(self._store, metadata.object_of(element, name, old, prefix))
        return old is None

    def _field(self, full_name: str, element: Element) -> bool:
        object_name, _, name = full_name.partition(".")
        # Tasks and events share their custom fields, which are deployed on neither of the two.
        holder = {ACTIVITY: TASK, TASK: ""}.get(object_name, object_name)
        target = self._store.objects.get(holder)
        if target is None or target.api != "data":
            raise Problem(f"Entity named '{object_name}' not found")
        new = name not in target.fields
        field = metadata.field_of(element, object_name, self._store.objects)
        install(self._store, metadata.with_field(target, field))
        return new

    def _rule(self, full_name: str, element: Element) -> bool:
        object_name, _, name = full_name.partition(".")
        target = self._store.objects.get(object_name)
        if target is None:
            raise Problem(f"Entity named '{object_name}' not found")
        new = all(each.name != name for each in target.rules)
        install(self._store, metadata.with_rule(target, metadata.rule_of(element, target)))
        return new

    def _permission_set(self, name: str, element: Element) -> bool:
        spec = metadata.permission_set_of(element, name, self._store.objects)
        known = self._store.find("PermissionSet", Name=name)
        writer = self._call.writer()
        values: Row = {"Name": spec.name, "Label": spec.label, "Description": spec.description or None}
        values |= {f"Permissions{right}": int(right in spec.user) for right in USER_RIGHTS}
        if known:
            records.apply(writer, self._store.objects["PermissionSet"], known[0], values)
            parent = str(known[0]["Id"])
        else:
            parent = records.add(
                writer, self._store.objects["PermissionSet"], {**values, "IsOwnedByProfile": 0}
            )
        self._grant(parent, spec)
        return not known

    def _grant(self, parent: str, spec: PermissionSetSpec) -> None:
        """Replace what the set grants: a deployed file says everything."""
        writer = self._call.writer()
        for table in ("FieldPermissions", "ObjectPermissions"):
            self._store.run(f'DELETE FROM "{table}" WHERE ParentId = ?', (parent,))  # noqa: S608 known table
        for full_name, (readable, editable) in spec.fields.items():
            row: Row = {
                "ParentId": parent,
                "SobjectType": full_name.partition(".")[0],
                "Field": full_name,
                "PermissionsRead": int(readable or editable),
                "PermissionsEdit": int(editable),
            }
            records.add(writer, self._store.objects["FieldPermissions"], row)
        for object_name, rights in spec.objects.items():
            granted: Row = {f"Permissions{right}": int(right in rights) for right in OBJECT_RIGHTS}
            row = {"ParentId": parent, "SobjectType": object_name, **granted}
            records.add(writer, self._store.objects["ObjectPermissions"], row)


def _result(call: Call, deploy_id: str, options: Json, messages: list[Json]) -> Json:
    failures = [each for each in messages if not each["success"]]
    successes = [each for each in messages if each["success"]]
    rollback = options.get("rollbackOnError", True) is True
    status = "Succeeded" if not failures else "Failed" if rollback or not successes else "SucceededPartial"
    at = wire(call.now)
    user = call.store.get("User", call.access.user_id) or {}
    return {
        "id": deploy_id,
        "status": status,
        "done": True,
        "success": status == "Succeeded",
        "checkOnly": options.get("checkOnly") is True,
        "ignoreWarnings": options.get("ignoreWarnings") is True,
        "rollbackOnError": rollback,
        "runTestsEnabled": False,
        "errorMessage": None,
        "errorStatusCode": None,
        "stateDetail": None,
        "createdBy": call.access.user_id[:15],
        "createdByName": user.get("Name"),
        "createdDate": at,
        "startDate": at,
        "lastModifiedDate": at,
        "completedDate": at,
        "canceledBy": None,
        "canceledByName": None,
        "numberComponentsTotal": len(messages),
        "numberComponentsDeployed": len(successes) if status != "Failed" else 0,
        "numberComponentErrors": len(failures),
        "numberTestsTotal": 0,
        "numberTestsCompleted": 0,
        "numberTestErrors": 0,
        "details": {
            "componentFailures": failures,
            "componentSuccesses": successes,
            "retrieveResult": None,
            "runTestResult": {
                "numFailures": 0,
                "numTestsRun": 0,
                "successes": [],
                "failures": [],
                "totalTime": 0,
            },
        },
    }
