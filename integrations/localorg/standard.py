"""The objects that every org has, with the fields that a CRM sync meets."""

from dataclasses import replace

from integrations.localorg.schema import FieldDef, ObjectDef

_INDUSTRIES = (
    "Agriculture", "Banking", "Biotechnology", "Chemicals", "Communications", "Construction", "Consulting",
    "Education", "Electronics", "Energy", "Engineering", "Entertainment", "Finance", "Food & Beverage",
    "Government", "Healthcare", "Hospitality", "Insurance", "Machinery", "Manufacturing", "Media", "Retail",
    "Shipping", "Technology", "Telecommunications", "Transportation", "Utilities", "Other",
)  # fmt: skip


TASK = "Task"
ACTIVITY = "Activity"
"""Where the custom fields of tasks are kept; it has no records of its own."""

USER_RIGHTS = {"ActivitiesAccess": "Access Activities", "EditTask": "Edit Tasks"}
"""Rights of a user that belong to no object, and open tasks instead of rights on the object."""


def text(name: str, label: str, length: int, **more: bool) -> FieldDef:
    """A short text field."""
    return replace(FieldDef(name, "Text", label, length=length), **more)  # type: ignore[arg-type]


def lookup(name: str, label: str, to: str, relationship: str, children: str = "", **more: bool) -> FieldDef:
    """A reference to another object."""
    link = FieldDef(name, "Lookup", label, 18, reference_to=to, relationship=relationship, children=children)
    return replace(link, **more)  # type: ignore[arg-type]


def read_only(name: str, kind: str, label: str) -> FieldDef:
    """A field that the org fills itself."""
    return FieldDef(name, kind, label, createable=False, updateable=False, length=18 if kind == "Id" else 0)


def system_fields(record_label: str) -> tuple[FieldDef, ...]:
    """The fields of every record: id, deletion and audit."""
    return (
        read_only("Id", "Id", f"{record_label} ID"),
        read_only("IsDeleted", "Checkbox", "Deleted"),
        read_only("CreatedDate", "DateTime", "Created Date"),
        lookup("CreatedById", "Created By ID", "User", "CreatedBy", createable=False, updateable=False),
        read_only("LastModifiedDate", "DateTime", "Last Modified Date"),
        lookup(
            "LastModifiedById",
            "Last Modified By ID",
            "User",
            "LastModifiedBy",
            createable=False,
            updateable=False,
        ),
        read_only("SystemModstamp", "DateTime", "System Modstamp"),
    )


def owner() -> FieldDef:
    """The owner of a record: the writing user where none is given."""
    return lookup("OwnerId", "Owner ID", "User", "Owner")


def merged_into(object_name: str) -> FieldDef:
    """Of a record that lost in a merge: the one that won."""
    return lookup(
        "MasterRecordId", "Master Record ID", object_name, "MasterRecord", createable=False, updateable=False
    )


def object_of(
    name: str, label: str, plural: str, prefix: str, *own: FieldDef, api: str = "data", tooling: bool = False
) -> ObjectDef:
    """A standard object: the system fields and its own."""
    every = (*system_fields(label), *own)
    return ObjectDef(
        name, label, plural, prefix, {each.name: each for each in every}, api=api, tooling=tooling
    )


def history_object(parent: ObjectDef) -> ObjectDef:
    """The history object that goes with an object whose history is tracked."""
    back = "Parent" if parent.custom else parent.name
    own = (
        read_only("Id", "Id", "History ID"),
        read_only("IsDeleted", "Checkbox", "Deleted"),
        lookup(parent.history_parent, f"{parent.label} ID", parent.name, back, "Histories"),
        lookup("CreatedById", "Created By ID", "User", "CreatedBy"),
        read_only("CreatedDate", "DateTime", "Created Date"),
        text("Field", "Changed Field", 255),
        text("DataType", "Datatype", 40),
        read_only("OldValue", "AnyType", "Old Value"),
        read_only("NewValue", "AnyType", "New Value"),
    )
    name = f"{parent.label} History"
    return ObjectDef(parent.history_name, name, name, "017", {each.name: each for each in own}, api="history")


def _address(prefix: str) -> tuple[FieldDef, ...]:
    return (
        FieldDef(f"{prefix}Street", "TextArea", f"{prefix} Street", length=255),
        text(f"{prefix}City", f"{prefix} City", 40),
        text(f"{prefix}State", f"{prefix} State/Province", 80),
        text(f"{prefix}PostalCode", f"{prefix} Zip/Postal Code", 20),
        text(f"{prefix}Country", f"{prefix} Country", 80),
    )


def _flag(name: str, label: str) -> FieldDef:
    return FieldDef(name, "Checkbox", label, default=False)


def standard_objects() -> tuple[ObjectDef, ...]:
    """Account, Contact, Case, Task, User, and the objects of set-up."""
    account = object_of(
        "Account", "Account", "Accounts", "001",
        merged_into("Account"),
        text("Name", "Account Name", 255, required=True),
        FieldDef("Type", "Picklist", "Account Type", length=255, values=("Prospect", "Customer", "Partner")),
        lookup("ParentId", "Parent Account ID", "Account", "Parent", "ChildAccounts"),
        *_address("Billing"),
        FieldDef("Phone", "Phone", "Account Phone", length=40),
        FieldDef("Website", "Url", "Website", length=255),
        FieldDef("Industry", "Picklist", "Industry", length=255, values=_INDUSTRIES),
        FieldDef("AnnualRevenue", "Currency", "Annual Revenue", precision=18),
        FieldDef("NumberOfEmployees", "Int", "Employees", precision=8),
        FieldDef("Description", "LongTextArea", "Account Description", length=32000),
        FieldDef("Rating", "Picklist", "Account Rating", length=255, values=("Hot", "Warm", "Cold")),
        text("AccountNumber", "Account Number", 40),
        owner(),
    )  # fmt: skip
    contact = object_of(
        "Contact", "Contact", "Contacts", "003",
        merged_into("Contact"),
        lookup("AccountId", "Account ID", "Account", "Account", "Contacts"),
        text("LastName", "Last Name", 80, required=True),
        text("FirstName", "First Name", 40),
        FieldDef("Name", "Text", "Full Name", length=121, createable=False, updateable=False),
        FieldDef("Phone", "Phone", "Business Phone", length=40),
        FieldDef("Email", "Email", "Email", length=80),
        text("Title", "Title", 128),
        text("Department", "Department", 80),
        owner(),
    )  # fmt: skip
    case = object_of(
        "Case", "Case", "Cases", "500",
        FieldDef("CaseNumber", "AutoNumber", "Case Number", length=30, createable=False, updateable=False,
                 display_format="{00000000}"),
        lookup("AccountId", "Account ID", "Account", "Account", "Cases"),
        lookup("ContactId", "Contact ID", "Contact", "Contact", "Cases"),
        text("Subject", "Subject", 255),
        FieldDef("Description", "LongTextArea", "Description", length=32000),
        FieldDef("Status", "Picklist", "Status", length=255, values=("New", "Working", "Escalated", "Closed"),
                 default="New"),
        FieldDef("Priority", "Picklist", "Priority", length=255, values=("High", "Medium", "Low"),
                 default="Medium"),
        FieldDef("Origin", "Picklist", "Case Origin", length=255, values=("Phone", "Email", "Web")),
        FieldDef("IsClosed", "Checkbox", "Closed", createable=False, updateable=False),
        FieldDef("ClosedDate", "DateTime", "Closed Date", createable=False, updateable=False),
        owner(),
    )  # fmt: skip
    return (account, contact, case, _task(), *_setup_objects())


def _task() -> ObjectDef:
    return object_of(
        TASK, "Task", "Tasks", "00T",
        lookup("WhoId", "Name ID", "Contact", "Who", "Tasks"),
        lookup("WhatId", "Related To ID", "Account", "What", "Tasks"),
        lookup("AccountId", "Account ID", "Account", "Account", createable=False, updateable=False),
        text("Subject", "Subject", 255),
        FieldDef("ActivityDate", "Date", "Due Date Only"),
        FieldDef("Status", "Picklist", "Status", length=255, default="Not Started",
                 values=("Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred")),
        FieldDef("Priority", "Picklist", "Priority", length=255, values=("High", "Normal", "Low"),
                 default="Normal"),
        FieldDef("Description", "LongTextArea", "Description", length=32000),
        FieldDef("IsClosed", "Checkbox", "Closed", createable=False, updateable=False),
        owner(),
    )  # fmt: skip


def _setup_objects() -> tuple[ObjectDef, ...]:
    user = object_of(
        "User", "User", "Users", "005",
        text("Username", "Username", 80, required=True, unique=True),
        text("LastName", "Last Name", 80, required=True),
        text("FirstName", "First Name", 40),
        FieldDef("Name", "Text", "Full Name", length=121, createable=False, updateable=False),
        FieldDef("Email", "Email", "Email", length=128),
        FieldDef("IsActive", "Checkbox", "Active", default=True),
        lookup("ProfileId", "Profile ID", "Profile", "Profile", "Users"),
        api="setup",
    )  # fmt: skip
    profile = object_of(
        "Profile", "Profile", "Profiles", "00e", text("Name", "Name", 255, required=True), api="setup"
    )
    permission_set = object_of(
        "PermissionSet", "Permission Set", "Permission Sets", "0PS",
        text("Name", "Permission Set Name", 80, required=True, unique=True),
        text("Label", "Permission Set Label", 80, required=True),
        text("Description", "Description", 255),
        FieldDef("IsOwnedByProfile", "Checkbox", "Is Owned By Profile", createable=False, updateable=False),
        lookup("ProfileId", "Profile ID", "Profile", "Profile", createable=False, updateable=False),
        *(_flag(f"Permissions{right}", label) for right, label in USER_RIGHTS.items()),
        api="setup", tooling=True,
    )  # fmt: skip
    parent = lookup(
        "ParentId", "Parent ID", "PermissionSet", "Parent", "FieldPerms", required=True, updateable=False
    )
    field_permissions = object_of(
        "FieldPermissions", "Field Permissions", "Field Permissions", "01k",
        parent,
        text("SobjectType", "Sobject Type", 40, required=True, updateable=False),
        text("Field", "Field", 240, required=True, updateable=False),
        _flag("PermissionsRead", "Read Field"),
        _flag("PermissionsEdit", "Edit Field"),
        api="setup",
    )  # fmt: skip
    object_permissions = object_of(
        "ObjectPermissions", "Object Permissions", "Object Permissions", "110",
        lookup("ParentId", "Parent ID", "PermissionSet", "Parent", "ObjectPerms", required=True,
               updateable=False),
        text("SobjectType", "Sobject Type", 40, required=True, updateable=False),
        *(_flag(f"Permissions{right}", label) for right, label in OBJECT_RIGHTS.items()),
        api="setup",
    )  # fmt: skip
    assignment = object_of(
        "PermissionSetAssignment", "Permission Set Assignment", "Permission Set Assignments", "0Pa",
        lookup("AssigneeId", "Assignee ID", "User", "Assignee", "PermissionSetAssignments", required=True,
               updateable=False),
        lookup("PermissionSetId", "PermissionSet ID", "PermissionSet", "PermissionSet", "Assignments",
               required=True, updateable=False),
        api="setup",
    )  # fmt: skip
    organization = object_of(
        "Organization", "Organization", "Organizations", "00D", text("Name", "Name", 80), api="setup"
    )
    return user, profile, permission_set, field_permissions, object_permissions, assignment, organization


OBJECT_RIGHTS = {
    "Create": "Create Records",
    "Read": "Read Records",
    "Edit": "Edit Records",
    "Delete": "Delete Records",
    "ViewAllRecords": "Read All Records",
    "ModifyAllRecords": "Edit All Records",
}
