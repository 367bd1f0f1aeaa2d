"""Objects, fields and validation rules: what the org knows about its own records."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field


@dataclass(frozen=True)
class Kind:
    """What a metadata type is in describe, in SOAP, in SQLite, and how it may be used in SOQL."""

    describe: str
    soap: str
    column: str
    title: str
    filterable: bool = True


_TEXT = "TEXT COLLATE NOCASE"

KINDS: Mapping[str, Kind] = {
    "Id": Kind("id", "tns:ID", "TEXT", "Lookup()"),
    "Lookup": Kind("reference", "tns:ID", "TEXT", "Lookup"),
    "MasterDetail": Kind("reference", "tns:ID", "TEXT", "Master-Detail"),
    "Text": Kind("string", "xsd:string", _TEXT, "Text"),
    "AutoNumber": Kind("string", "xsd:string", _TEXT, "Auto Number"),
    "Email": Kind("email", "xsd:string", _TEXT, "Email"),
    "Phone": Kind("phone", "xsd:string", _TEXT, "Phone"),
    "Url": Kind("url", "xsd:string", _TEXT, "URL"),
    "TextArea": Kind("textarea", "xsd:string", _TEXT, "Text Area"),
    "LongTextArea": Kind("textarea", "xsd:string", _TEXT, "Long Text Area", filterable=False),
    "Html": Kind("textarea", "xsd:string", _TEXT, "Rich Text Area", filterable=False),
    "Picklist": Kind("picklist", "xsd:string", _TEXT, "Picklist"),
    "MultiselectPicklist": Kind("multipicklist", "xsd:string", _TEXT, "Picklist (Multi-Select)"),
    "Number": Kind("double", "xsd:double", "REAL", "Number"),
    "Currency": Kind("currency", "xsd:double", "REAL", "Currency"),
    "Percent": Kind("percent", "xsd:double", "REAL", "Percent"),
    "Int": Kind("int", "xsd:int", "INTEGER", "Number"),
    "Checkbox": Kind("boolean", "xsd:boolean", "INTEGER", "Checkbox"),
    "Date": Kind("date", "xsd:date", "TEXT", "Date"),
    "DateTime": Kind("datetime", "xsd:dateTime", "TEXT", "Date/Time"),
    "AnyType": Kind("anyType", "xsd:anyType", "TEXT", "Text", filterable=False),
}
"""Int, Id and AnyType exist on standard fields only; the rest may be deployed."""

TEXT_KINDS = frozenset(name for name, kind in KINDS.items() if kind.column == _TEXT)
NUMBER_KINDS = frozenset({"Number", "Currency", "Percent", "Int"})
REFERENCE_KINDS = frozenset({"Lookup", "MasterDetail"})


@dataclass(frozen=True)
class FieldDef:
    """One field.

    length: characters, of text kinds. precision, scale: all digits and those after the point.
    relationship: the name of the parent in SOQL paths (`Owner`, `Account__r`).
    children: the name under which the parent sees these records (`Contacts`, `Maturity_Scores__r`).
    """

    name: str
    kind: str
    label: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    required: bool = False
    unique: bool = False
    external_id: bool = False
    case_sensitive: bool = False
    values: tuple[str, ...] = ()
    restricted: bool = False
    reference_to: str = ""
    relationship: str = ""
    children: str = ""
    tracked: bool = False
    createable: bool = True
    updateable: bool = True
    default: bool | str | None = None
    description: str = ""
    help_text: str = ""
    display_format: str = ""
    visible_lines: int = 0

    @property
    def custom(self) -> bool:
        """Whether the field was added by the customer (or by a deploy), not by Salesforce."""
        return self.name.endswith("__c")

    @property
    def governed(self) -> bool:
        """Whether a user needs a FieldPermissions row to see it: custom, and not required by definition."""
        return self.custom and not self.required and self.kind != "MasterDetail"

    @property
    def describe_type(self) -> str:
        """The type's name in describe."""
        return KINDS[self.kind].describe


@dataclass(frozen=True)
class ValidationRule:
    """A rule that refuses a record for which `formula` is true."""

    name: str
    formula: str
    message: str
    active: bool = True
    display_field: str = ""
    description: str = ""


@dataclass(frozen=True)
class ObjectDef:
    """One object.

    api: `data` (records), `setup` (users and permissions: written by admins only), `history` and
        `definition` (filled by the org itself).
    tooling: whether it answers in the Tooling API; of the `definition` objects some answer only there.
    history: whether field history tracking is enabled.
    """

    name: str
    label: str
    plural: str
    prefix: str
    fields: Mapping[str, FieldDef]
    api: str = "data"
    tooling: bool = False
    rest: bool = True
    history: bool = False
    rules: tuple[ValidationRule, ...] = ()
    deployment: Mapping[str, str] = dataclass_field(default_factory=dict)

    @property
    def custom(self) -> bool:
        """Whether it is a custom object."""
        return self.name.endswith("__c")

    @property
    def history_name(self) -> str:
        """The name of its history object."""
        return self.name[:-1] + "History" if self.custom else f"{self.name}History"

    @property
    def history_parent(self) -> str:
        """The field of its history object that points back here."""
        return "ParentId" if self.custom else f"{self.name}Id"

    def field(self, name: str) -> FieldDef | None:
        """The field of this name, in whatever case it is written."""
        found = self.fields.get(name)
        if found is not None:
            return found
        folded = name.lower()
        return next((each for key, each in self.fields.items() if key.lower() == folded), None)

    def parent(self, relationship: str) -> FieldDef | None:
        """The reference field behind a relationship name."""
        folded = relationship.lower()
        return next((each for each in self.fields.values() if each.relationship.lower() == folded), None)

    def with_field(self, new: FieldDef) -> "ObjectDef":
        """The same object with the field added or replaced."""
        return replace(self, fields={**self.fields, new.name: new})
