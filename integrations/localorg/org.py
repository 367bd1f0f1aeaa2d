"""The local org in Python: make it, fill it with users, fields and past records, look into it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from integrations.errors import SetupError
from integrations.localorg import auth, history, records
from integrations.localorg.certificates import certificate_authority
from integrations.localorg.definitions import definition_objects, install
from integrations.localorg.instants import wire
from integrations.localorg.permissions import ADMINISTRATOR, API_ONLY, STANDARD_USER, Access, access_of
from integrations.localorg.query import Asker, Record, run
from integrations.localorg.records import Writer
from integrations.localorg.schema import FieldDef, ObjectDef
from integrations.localorg.standard import (
    OBJECT_RIGHTS,
    USER_RIGHTS,
    owner,
    standard_objects,
    system_fields,
    text,
)
from integrations.localorg.store import Row, Store
from integrations.localorg.validate import checked

Clock = Callable[[], datetime]

FIRST_ADMIN = "admin@localorg.example"
_EVERYTHING = ("Create", "Read", "Edit", "Delete")
_CUSTOM_PREFIXES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class LocalOrg:
    """One org in one folder (`org.db`, `ca.pem`, `server.pem`); one process at a time.

    now: the org's clock, in aware UTC; every stamp, session and relative date follows it.
    admin_id: the user in whose name Python calls write.
    """

    folder: Path
    store: Store
    now: Clock
    admin_id: str

    @classmethod
    def create(cls, folder: Path, now: Clock) -> "LocalOrg":
        """A new org: standard objects, three profiles, one administrator.

        raises: SetupError where the folder holds an org already.
        """
        if (folder / "org.db").exists():
            raise SetupError(f"{folder} holds an org already: open it, or choose an empty folder")
        folder.mkdir(parents=True, exist_ok=True)
        certificate_authority(folder)
        store = Store(folder / "org.db")
        with store.transaction():
            # The tables that describe the schema come first: installing an object writes into them.
            for each in (*definition_objects(), *standard_objects()):
                store.put_object(each)
            for each in (*definition_objects(), *standard_objects()):
                install(store, each)
            admin_id = _found(store, wire(now()))
        return cls(folder, store, now, admin_id)

    @classmethod
    def open(cls, folder: Path, now: Clock) -> "LocalOrg":
        """The org that the folder holds.

        raises: SetupError where there is none.
        """
        if not (folder / "org.db").exists():
            raise SetupError(f"{folder} holds no org: no file org.db; create one first")
        certificate_authority(folder)
        store = Store(folder / "org.db")
        return cls(folder, store, now, str(store.find("User", Username=FIRST_ADMIN)[0]["Id"]))

    def close(self) -> None:
        """Close the file."""
        self.store.close()

    @property
    def ca_file(self) -> Path:
        """The certificate that clients verify the org with."""
        return self.folder / "ca.pem"

    def writer(self, at: datetime | None = None) -> Writer:
        """Writes as the administrator, now or at a past instant."""
        return Writer(self.store, access_of(self.store, self.admin_id), wire(at or self.now()), "python")

    # Users

    def add_user(
        self, name: str, username: str, profile: str = STANDARD_USER, password: str | None = None
    ) -> str:
        """Add an active user and say the id. password: for the record page; None for API users."""
        profiles = self.store.find("Profile", Name=profile)
        if not profiles:
            raise SetupError(f'no profile is named "{profile}"')
        first, _, last = name.rpartition(" ")
        values = {
            "FirstName": first,
            "LastName": last,
            "Username": username,
            "Email": username,
            "ProfileId": profiles[0]["Id"],
        }
        with self.store.transaction():
            user_id = records.create(self.writer(), self.store.objects["User"], values)
            if password is not None:
                auth.put_password(self.store, user_id, password)
        return user_id

    def add_client(self, client_id: str, client_secret: str, username: str) -> None:
        """Add a connected app whose client credentials run as this user."""
        auth.put_client(self.store, client_id, client_secret, self.user_id(username))

    def add_client_key(self, client_id: str, public_key: str) -> None:
        """Let an app log its user in by assertions that the private half of this RSA key (PEM) has signed."""
        auth.put_client_key(self.store, client_id, public_key)

    def user_id(self, username: str) -> str:
        """The id of a user.

        raises: SetupError.
        """
        found = self.store.find("User", Username=username)
        if not found:
            raise SetupError(f'no user is named "{username}"')
        return str(found[0]["Id"])

    def add_profile(self, name: str, objects: Mapping[str, Iterable[str]]) -> None:
        """Add a profile. objects: the rights on each (`Read`, `Create`, `Edit`, `Delete`)."""
        _add_profile(self.store, self.writer(), name, objects)

    def assign(self, username: str, permission_set: str) -> None:
        """Assign a permission set to a user."""
        found = self.store.find("PermissionSet", Name=permission_set)
        if not found:
            raise SetupError(f'no permission set is named "{permission_set}"')
        values = {"AssigneeId": self.user_id(username), "PermissionSetId": found[0]["Id"]}
        with self.store.transaction():
            records.create(self.writer(), self.store.objects["PermissionSetAssignment"], values)

    def expire_sessions(self) -> None:
        """Make every access token invalid."""
        self.store.run("DELETE FROM session")

    # Schema

    def define_field(self, object_name: str, field: FieldDef) -> None:
        """Add a field as an admin does in Setup: every profile that reads the object may read and edit it."""
        with self.store.transaction():
            install(self.store, self.store.objects[object_name].with_field(field))
            readers = self.store.find("ObjectPermissions", SobjectType=object_name, PermissionsRead=1)
            for parent in {str(row["ParentId"]) for row in readers if field.governed}:
                values = {
                    "ParentId": parent,
                    "SobjectType": object_name,
                    "Field": f"{object_name}.{field.name}",
                    "PermissionsRead": True,
                    "PermissionsEdit": True,
                }
                records.create(self.writer(), self.store.objects["FieldPermissions"], values)

    def define_object(
        self, name: str, label: str, plural: str, *fields: FieldDef, history: bool = False
    ) -> None:
        """Add a custom object with a text name, as an admin does in Setup: admins and reps may use it."""
        every = (*system_fields("Record"), text("Name", f"{label} Name", 80), owner())
        own = {each.name: each for each in every}
        with self.store.transaction():
            install(self.store, ObjectDef(name, label, plural, next_prefix(self.store), own, history=history))
            for profile in (ADMINISTRATOR, STANDARD_USER):
                _allow(self.store, self.writer(), profile, {name: _EVERYTHING})
            for field in fields:
                self.define_field(name, field)

    def track_history(self, object_name: str, *fields: str) -> None:
        """Enable history tracking on an object and these fields of it."""
        target = replace(self.store.objects[object_name], history=True)
        for name in fields:
            target = target.with_field(replace(target.fields[name], tracked=True))
        install(self.store, target)

    # Records

    def load(
        self,
        object_name: str,
        rows: Iterable[Mapping[str, object]],
        created_at: Callable[[Mapping[str, object]], datetime] | None = None,
        modified_at: Callable[[Mapping[str, object]], datetime] | None = None,
    ) -> list[str]:
        """Add many records with past dates and say their ids; types and lengths hold, rules do not.

        created_at, modified_at: the instant for each row; the clock where left out. System fields that a
            row names itself (`CreatedById`, `OwnerId`, `ClosedDate`, …) are kept.
        """
        target = self.store.objects[object_name]
        writer = self.writer()
        ids: list[str] = []
        with self.store.transaction():
            for row in rows:
                created = created_at(row) if created_at else self.now()
                modified = modified_at(row) if modified_at else created
                ids.append(self._load_one(replace(writer, at=wire(created)), target, row, wire(modified)))
        return ids

    def _load_one(self, writer: Writer, target: ObjectDef, given: Mapping[str, object], modified: str) -> str:
        stamps: Row = {"CreatedDate": writer.at, "LastModifiedDate": modified, "SystemModstamp": modified}
        row: Row = {name: _loaded(target.fields[name], value) for name, value in given.items()}
        full: Row = {**records.defaults(writer, target), **stamps, **row}
        records.derive(target, full)
        return records.add(writer, target, full, action="load")

    def load_history(
        self, object_name: str, rows: Iterable[tuple[str, str, object, object, str, datetime]]
    ) -> None:
        """Add past history rows: (record id, field, old value, new value, user id, instant) each."""
        target = self.store.objects[object_name]
        with self.store.transaction():
            for record_id, field, old, new, user_id, at in rows:
                definition = target.fields[field]
                before, after = ({field: checked(definition, value)} for value in (old, new))
                history.record_changes(self.store, target, record_id, (user_id, wire(at)), before, after)

    def merge(self, object_name: str, winner: str, loser: str) -> None:
        """Merge two records: the loser's children go to the winner, the loser keeps its MasterRecordId."""
        target = self.store.objects[object_name]
        writer = self.writer()
        with self.store.transaction():
            for child in [each for each in self.store.objects.values() if each.api == "data"]:
                for link in [each for each in child.fields.values() if each.reference_to == object_name]:
                    for row in self.store.find(child.name, **{link.name: loser}):
                        records.apply(writer, child, row, {link.name: winner}, "merge")
            gone: Row = {"IsDeleted": 1, "MasterRecordId": winner}
            records.apply(writer, target, records.living(self.store, target, loser), gone, "merge")
            records.apply(writer, target, records.living(self.store, target, winner), {}, "merge")

    def query(self, soql: str) -> list[Record]:
        """Records as an all-seeing administrator reads them."""
        return run(self.store, soql, Asker(_all_seeing(self.admin_id), self.now(), "64.0")).records


def _all_seeing(user_id: str) -> Access:
    return Access(user_id, True, {}, frozenset(), frozenset(), all_seeing=True)


def _loaded(field: FieldDef, value: object) -> str | float | int | None:
    if isinstance(value, datetime):
        return wire(value.astimezone(UTC))
    return checked(field, value)


def next_prefix(store: Store) -> str:
    """A key prefix that no custom object has yet: a00, a01, …"""
    number = store.next_number("custom prefix") - 1
    tens, ones = divmod(number, len(_CUSTOM_PREFIXES))
    return f"a{_CUSTOM_PREFIXES[tens]}{_CUSTOM_PREFIXES[ones]}"


def _found(store: Store, at: str) -> str:
    """The first records of an org: itself, its profiles, its administrator."""
    first = Writer(store, _all_seeing(""), at, "python")
    records.add(first, store.objects["Organization"], {"Name": "Local Org"})
    sales = dict.fromkeys(("Account", "Contact", "Case"), _EVERYTHING)
    _add_profile(store, first, ADMINISTRATOR, sales)
    _add_profile(store, first, STANDARD_USER, sales)
    _add_profile(store, first, API_ONLY, {})
    profile = store.find("Profile", Name=ADMINISTRATOR)[0]
    user: Row = {
        "FirstName": "Org",
        "LastName": "Admin",
        "Name": "Org Admin",
        "Username": FIRST_ADMIN,
        "Email": FIRST_ADMIN,
        "IsActive": 1,
        "ProfileId": profile["Id"],
    }
    return records.add(first, store.objects["User"], user)


def _add_profile(store: Store, writer: Writer, name: str, objects: Mapping[str, Iterable[str]]) -> None:
    profile = records.add(writer, store.objects["Profile"], {"Name": name})
    own: Row = {"Name": f"X{profile}", "Label": profile, "IsOwnedByProfile": 1, "ProfileId": profile}
    own |= {f"Permissions{right}": int(name != API_ONLY) for right in USER_RIGHTS}
    records.add(writer, store.objects["PermissionSet"], own)
    _allow(store, writer, name, objects)


def _allow(store: Store, writer: Writer, profile: str, objects: Mapping[str, Iterable[str]]) -> None:
    """Grant rights to the hidden permission set of a profile."""
    profile_id = store.find("Profile", Name=profile)[0]["Id"]
    parent = store.find("PermissionSet", ProfileId=profile_id)[0]["Id"]
    for object_name, rights in objects.items():
        granted: Row = {f"Permissions{right}": int(right in tuple(rights)) for right in OBJECT_RIGHTS}
        row: Row = {"ParentId": parent, "SobjectType": object_name, **granted}
        records.add(writer, store.objects["ObjectPermissions"], row)
