"""What an org says about its objects and fields, as far as this program reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FieldShape:
    """A field as describe shows it to the user who asks; a field that user may not see is not there.

    type: describe's word (`string`, `textarea`, `double`, `picklist`, `datetime`, `reference`, ...).
    length: characters, 0 where it means nothing. precision: all digits; scale: those after the point.
    values: active picklist values. restricted: no other value is taken.
    """

    name: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    updateable: bool = True
    createable: bool = True
    html: bool = False
    values: tuple[str, ...] = ()
    restricted: bool = False
    external_id: bool = False
    unique: bool = False


@dataclass(frozen=True)
class ObjectShape:
    """An object and the fields of it that the asking user may see, by API name."""

    name: str
    fields: Mapping[str, FieldShape]


def object_shape(described: Mapping[str, Any]) -> ObjectShape:
    """From the JSON of `/sobjects/<name>/describe`."""
    fields = (_field_shape(field) for field in described["fields"])
    return ObjectShape(described["name"], {field.name: field for field in fields})


def _field_shape(field: Mapping[str, Any]) -> FieldShape:
    values = tuple(value["value"] for value in field.get("picklistValues") or () if value.get("active", True))
    return FieldShape(
        name=field["name"],
        type=field["type"],
        length=field.get("length") or 0,
        precision=field.get("precision") or 0,
        scale=field.get("scale") or 0,
        updateable=bool(field.get("updateable", True)),
        createable=bool(field.get("createable", True)),
        html=bool(field.get("htmlFormatted")),
        values=values,
        restricted=bool(field.get("restrictedPicklist")),
        external_id=bool(field.get("externalId")),
        unique=bool(field.get("unique")),
    )
