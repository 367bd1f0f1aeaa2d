"""Plans and applies what an org lacks, in the manner of an infrastructure tool: show, then do exactly that.

Nothing is ever removed, and what the customer's admin has relabelled or widened stays.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import structlog

from integrations.errors import Retryable
from integrations.events import Event
from integrations.salesforce import org_state
from integrations.salesforce.client import SalesforceClient
from integrations.salesforce.deploy import deploy
from integrations.salesforce.metadata import package_files, package_zip
from integrations.salesforce.org_changes import Assignment, Change, HistorySwitch, PermissionRow
from integrations.salesforce.org_permissions import (
    assignment_findings,
    permission_set_findings,
    save_assignment,
)
from integrations.salesforce.schema import FieldSpec, ObjectSpec, OrgSpec, PermissionSetSpec, RuleSpec

log = structlog.get_logger()

Present = Mapping[str, Mapping[str, org_state.FieldLine]]
"""Object -> field -> what it is."""

_SETTLE_S = 5.0
_SETTLE_TIMES = 12
"""New fields can take half a minute to show in definitions."""


@dataclass(frozen=True)
class Plan:
    """What is missing in an org.

    warnings: differences that cannot be changed without harm; an admin should look at them.
    wanted, assign: what the org was compared with.
    """

    changes: tuple[Change, ...]
    warnings: tuple[str, ...]
    wanted: OrgSpec
    assign: Mapping[str, Sequence[str]]

    def __str__(self) -> str:
        lines = [f"  + {change}" for change in self.changes] + [f"  ! {words}" for words in self.warnings]
        return "\n".join([*lines, f"{len(self.changes)} to do, {len(self.warnings)} to look at"])


def plan(client: SalesforceClient, wanted: OrgSpec, assign: Mapping[str, Sequence[str]]) -> Plan:
    """Compare the org with what is wanted; changes nothing. Needs an admin's credentials.

    assign: permission set -> usernames that are to have it.
    """
    findings = list(_findings(client, wanted, assign))
    changes = tuple(finding for finding in findings if isinstance(finding, Change))
    warnings = tuple(finding for finding in findings if isinstance(finding, str))
    return Plan(changes, warnings, wanted, assign)


def apply(client: SalesforceClient, planned: Plan) -> None:
    """Do what the plan says, then look whether it is done.

    raises: SetupError with Salesforce's words; Retryable when the org takes too long.
    """
    parts = [change.part for change in planned.changes]
    package = OrgSpec(
        objects=tuple(part for part in parts if isinstance(part, ObjectSpec)),
        fields=tuple(part for part in parts if isinstance(part, FieldSpec)),
        rules=tuple(part for part in parts if isinstance(part, RuleSpec)),
        permission_sets=tuple(part for part in parts if isinstance(part, PermissionSetSpec)),
    )
    history_on = tuple(part.object for part in parts if isinstance(part, HistorySwitch))
    if package != OrgSpec() or history_on:
        files = package_files(package, history_on, client.api_version)
        deploy(client, package_zip(files))
    for part in parts:
        if isinstance(part, PermissionRow):
            client.save(part.object, part.id, part.values)
        elif isinstance(part, Assignment):
            save_assignment(client, part)
    log.info(Event.ORG_APPLIED, rows=len(parts))
    _verify(client, planned)


def _verify(client: SalesforceClient, planned: Plan) -> None:
    for _ in range(_SETTLE_TIMES):
        left = plan(client, planned.wanted, planned.assign).changes
        if not left:
            return
        if client.wait(_SETTLE_S):
            break
    raise Retryable(
        f"salesforce: applied, but the org does not show it yet ({'; '.join(map(str, left))}); "
        "run `maturityd org plan` in some minutes"
    )


def _findings(
    client: SalesforceClient, wanted: OrgSpec, assign: Mapping[str, Sequence[str]]
) -> Iterator[Change | str]:
    """Changes, and warnings as plain text."""
    new = [spec for spec in wanted.objects if not org_state.has_object(client, spec.name)]
    for spec in new:
        yield Change("object", spec.name, "create", spec.label, spec)
    names = {spec.seen_on for spec in wanted.fields} | {
        name.partition(".")[0] for spec in wanted.permission_sets for name in spec.fields
    }
    missing = {spec.name for spec in new}
    present = {name: {} if name in missing else org_state.field_lines(client, name) for name in sorted(names)}
    for name, fields in present.items():
        to_track = any(spec.tracked for spec in wanted.fields if spec.seen_on == name)
        if to_track and not any(line.tracked for line in fields.values()):
            yield Change("field history", name, "enable", "for the whole object", HistorySwitch(name))
    for field in wanted.fields:
        yield from _field(client, field, present)
    for rule in wanted.rules:
        yield from _rule(client, rule)
    there = {f"{spec.seen_on}.{spec.name}" for spec in wanted.fields}
    there |= {f"{name}.{field}" for name, fields in present.items() for field in fields}
    for permission_set in wanted.permission_sets:
        yield from permission_set_findings(client, permission_set, there)
    for name, usernames in assign.items():
        yield from assignment_findings(client, name, usernames)


def _field(client: SalesforceClient, spec: FieldSpec, present: Present) -> Iterator[Change | str]:
    name = f"{spec.object}.{spec.name}"
    have = present[spec.seen_on].get(spec.name)
    if have is None:
        if spec.name.endswith("__c"):
            tracked = ", history tracked" if spec.tracked else ""
            yield Change("field", name, "create", f"{_type_words(spec)}{tracked}", spec)
        else:
            yield f"field {name} does not exist and cannot be made (no __c); map {spec.output} elsewhere"
    elif spec.name.endswith("__c") and not _clearly_as_wanted(spec, have):
        yield from _difference(spec, org_state.custom_field(client, spec.seen_on, spec.name), name)


def _clearly_as_wanted(spec: FieldSpec, line: org_state.FieldLine) -> bool:
    """Spares a call for most fields; whatever differs from the words we expect is read in full."""
    words = {
        "Text": f"Text({spec.length})",
        "LongTextArea": f"Long Text Area({spec.length})",
        "Html": f"Rich Text Area({spec.length})",
        "Number": f"Number({spec.precision - spec.scale}, {spec.scale})",
        "DateTime": "Date/Time",
        "Lookup": "Lookup(Account)",
        "Checkbox": "Checkbox",
    }
    if spec.tracked or spec.values:
        return False
    if spec.unique:
        return line.data_type.startswith(f"{words[spec.type]} ") and "(Unique" in line.data_type
    return line.data_type == words[spec.type]


def _difference(spec: FieldSpec, have: FieldSpec, name: str) -> Iterator[Change | str]:
    if have.type != spec.type:
        yield f"field {name} is {_type_words(have)}, not {_type_words(spec)}; the type stays as it is"
        return
    room, wanted_room = (have.length, have.precision - have.scale), (spec.length, spec.precision - spec.scale)
    if room < wanted_room or have.scale < spec.scale:
        yield f"field {name} is {_type_words(have)}, smaller than {_type_words(spec)}; it stays as it is"
    if spec.unique and not have.unique:
        yield f"field {name} is not unique, so records could double; make it unique and external id"
    values = () if have.shared_values else tuple(value for value in spec.values if value not in have.values)
    if have.shared_values:
        yield f"field {name} uses a global value set; see that it has {', '.join(spec.values)}"
    track = spec.tracked and not have.tracked
    if track or values:
        what = [*(["track history"] if track else []), *([f"add {', '.join(values)}"] if values else [])]
        part = dataclasses.replace(have, values=(*have.values, *values), tracked=have.tracked or spec.tracked)
        yield Change("field", name, "change", " and ".join(what), part)


def _type_words(spec: FieldSpec) -> str:
    if spec.type == "Number":
        return f"Number({spec.precision}, {spec.scale})"
    return f"{spec.type}({spec.length})" if spec.length else spec.type


def _rule(client: SalesforceClient, spec: RuleSpec) -> Iterator[Change]:
    found = org_state.rule(client, spec.object, spec.name)
    name = f"{spec.object}.{spec.name}"
    if found is None:
        yield Change("validation rule", name, "create", spec.formula, spec)
    elif "".join(found.formula.split()) != "".join(spec.formula.split()):
        yield Change("validation rule", name, "change", f"from {found.formula} to {spec.formula}", spec)
    elif not found.active:
        yield Change("validation rule", name, "enable", "", spec)
