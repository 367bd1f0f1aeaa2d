"""Who may see and write what: profiles, permission sets, field-level security.

A field made by API has no FieldPermissions row, so nobody sees it, an administrator neither. Rights add
up: those of the hidden permission set of the user's profile and those of the sets assigned to the user.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from integrations.localorg.schema import FieldDef, ObjectDef
from integrations.localorg.standard import TASK
from integrations.localorg.store import Row, Store

ADMINISTRATOR = "System Administrator"
STANDARD_USER = "Standard User"
API_ONLY = "Minimum Access - API Only Integrations"

_NO_RIGHTS: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Access:
    """What one user may do.

    rights: object to `Create`, `Read`, `Edit`, `Delete`. readable, editable: `Account.Tier__c`, …
    all_seeing: the org itself, looking from Python; no user of the API is.
    """

    user_id: str
    admin: bool
    rights: Mapping[str, frozenset[str]]
    readable: frozenset[str]
    editable: frozenset[str]
    all_seeing: bool = False

    def may(self, right: str, target: ObjectDef) -> bool:
        """Whether records of this object may be created, read, edited or deleted."""
        if target.api in ("setup", "definition"):
            return right == "Read" or (self.admin and target.api == "setup")
        if target.api == "history":
            return right == "Read" and (self.admin or "Read" in self.rights.get(_tracked(target), _NO_RIGHTS))
        return self.admin or right in self.rights.get(target.name, _NO_RIGHTS)

    def sees(self, target: ObjectDef, field: FieldDef) -> bool:
        """Whether the field exists for this user."""
        return self.all_seeing or not field.governed or f"{target.name}.{field.name}" in self.readable

    def writes(self, target: ObjectDef, field: FieldDef) -> bool:
        """Whether the user's field-level security lets the field be set."""
        return not field.governed or f"{target.name}.{field.name}" in self.editable


def _tracked(history: ObjectDef) -> str:
    """The object whose changes this history object keeps."""
    return next(field.reference_to for field in history.fields.values() if field.children == "Histories")


def access_of(store: Store, user_id: str) -> Access:
    """The rights of a user as they stand now."""
    user = store.get("User", user_id) or {}
    profile = store.get("Profile", str(user.get("ProfileId"))) or {}
    sets = _sets_of(store, user)
    fields = [row for one in sets for row in store.find("FieldPermissions", ParentId=one)]
    objects = [row for one in sets for row in store.find("ObjectPermissions", ParentId=one)]
    rights: dict[str, set[str]] = {}
    for row in objects:
        granted = {right for right in ("Create", "Read", "Edit", "Delete") if row[f"Permissions{right}"]}
        rights.setdefault(str(row["SobjectType"]), set()).update(granted)
    rights[TASK] = _rights_on_tasks(store, sets)
    return Access(
        user_id,
        profile.get("Name") == ADMINISTRATOR,
        {name: frozenset(granted) for name, granted in rights.items()},
        frozenset(str(row["Field"]) for row in fields if row["PermissionsRead"] or row["PermissionsEdit"]),
        frozenset(str(row["Field"]) for row in fields if row["PermissionsEdit"]),
    )


def _rights_on_tasks(store: Store, sets: list[str]) -> set[str]:
    """Nobody has rights on the object: whoever may access activities reads tasks, or may edit them too."""
    rows = [store.get("PermissionSet", one) or {} for one in sets]
    if not any(row.get("PermissionsActivitiesAccess") for row in rows):
        return set()
    edits = any(row.get("PermissionsEditTask") for row in rows)
    return {"Read", "Create", "Edit", "Delete"} if edits else {"Read"}


def _sets_of(store: Store, user: Row) -> list[str]:
    own = [
        row["Id"] for row in store.find("PermissionSet", ProfileId=user.get("ProfileId"), IsOwnedByProfile=1)
    ]
    assigned = [
        row["PermissionSetId"] for row in store.find("PermissionSetAssignment", AssigneeId=user.get("Id"))
    ]
    return [str(each) for each in (*own, *assigned)]
