"""One thing to do in an org, in words and as the part that does it."""

from collections.abc import Mapping
from dataclasses import dataclass

from integrations.salesforce.schema import FieldSpec, ObjectSpec, PermissionSetSpec, RuleSpec


@dataclass(frozen=True)
class HistorySwitch:
    """Field history of a whole object, to be switched on."""

    object: str


@dataclass(frozen=True)
class PermissionRow:
    """A row of FieldPermissions, ObjectPermissions or PermissionSet to create (`id` empty) or to widen."""

    object: str
    id: str
    values: Mapping[str, str | bool]


@dataclass(frozen=True)
class Assignment:
    """A permission set to give to a user."""

    permission_set: str
    username: str


Part = ObjectSpec | FieldSpec | HistorySwitch | RuleSpec | PermissionSetSpec | PermissionRow | Assignment


@dataclass(frozen=True)
class Change:
    """One thing to do, in words and as the part that does it.

    action: `create`, `change`, `enable`, `grant` or `assign`.
    """

    kind: str
    name: str
    action: str
    detail: str
    part: Part

    def __str__(self) -> str:
        return f"{self.action} {self.kind} {self.name}" + (f": {self.detail}" if self.detail else "")
