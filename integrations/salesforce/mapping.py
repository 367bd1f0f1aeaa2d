"""Which output goes to which field of the org, and whether the org can take it."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from integrations.errors import Permanent, SetupError
from integrations.interfaces import JsonScalar
from integrations.salesforce.describe import FieldShape, ObjectShape
from integrations.salesforce.quantise import Kind, Output, quantise
from integrations.salesforce.schema import ACCOUNT, FIELDS, SYNC, FieldSpec

KINDS = {
    "Picklist": Kind.PICKLIST,
    "Number": Kind.NUMBER,
    "Text": Kind.TEXT,
    "LongTextArea": Kind.LONG_TEXT,
    "Html": Kind.HTML,
    "DateTime": Kind.DATETIME,
}
_SPECS = {spec.output: spec for spec in FIELDS}
_TYPES = {
    Kind.PICKLIST: ("picklist", "string"),
    Kind.NUMBER: ("double", "int", "percent", "currency"),
    Kind.TEXT: ("string", "textarea"),
    Kind.LONG_TEXT: ("textarea",),
    Kind.JSON: ("textarea",),
    Kind.HTML: ("textarea",),
    Kind.DATETIME: ("datetime",),
}
_LEAST_LENGTH = {Kind.TEXT: 80, Kind.LONG_TEXT: 1_000, Kind.HTML: 2_000, Kind.JSON: 8_000}
_LEAST_DIGITS = {"score": 3}
_DIGITS = 9


@dataclass(frozen=True)
class FieldMapping:
    """One output and the field that shows it.

    output: a word of `schema.FIELDS`. kind: how values are written and cut.
    values: for picklists: output value -> the org's value; an output value missing here is an error.
    empty: what is done where the output is empty: `null` clears the field, `keep` leaves it alone.
    push: false leaves the field alone; the org then needs none.
    """

    output: str
    object: str
    field: str
    kind: Kind
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)
    empty: str = "null"
    push: bool = True


@dataclass(frozen=True)
class MappingProblem:
    """A mapped field that the org cannot take, and the way out."""

    output: str
    object: str
    field: str
    what: str
    way_out: str

    def __str__(self) -> str:
        return f"{self.object}.{self.field} ({self.output}): {self.what}; {self.way_out}"


@dataclass(frozen=True)
class OutputMapping:
    """All mapped outputs of the account."""

    fields: tuple[FieldMapping, ...]

    def of(self, output: str) -> FieldMapping:
        """The mapping of an output. raises: KeyError."""
        for mapped in self.fields:
            if mapped.output == output:
                return mapped
        raise KeyError(output)

    def specs(self) -> tuple[FieldSpec, ...]:
        """The fields that the org is to have for this mapping, under the admin's names and words."""
        return tuple(
            dataclasses.replace(
                _SPECS[mapped.output],
                object=mapped.object,
                name=mapped.field,
                values=tuple(dict.fromkeys(mapped.values.values())),
            )
            for mapped in self.fields
            if _needed(mapped)
        )

    def problems(self, shape: ObjectShape) -> list[MappingProblem]:
        """What the logged-in user's view of the object does not allow; empty when all is well."""
        found = []
        for mapped in filter(_needed, self.fields):
            by_rep = _SPECS[mapped.output].by_rep
            found += _problems(mapped, shape.fields.get(mapped.field), read_only=by_rep)
        return found

    def convert(self, outputs: Mapping[str, Output], shape: ObjectShape) -> dict[str, JsonScalar]:
        """Field values exactly as the org will hold them, so that comparing them is stable.

        outputs: by output name; those missing are left out. Texts are cut to the field's length.
        raises: Permanent for a value that no field can hold (not finite, not in the value map).
        """
        converted = {}
        for mapped in self.fields:
            if mapped.push and mapped.output in outputs:
                value = _converted(mapped, outputs[mapped.output], shape.fields[mapped.field])
                if value is not None or mapped.empty == "null":
                    converted[mapped.field] = value
        return converted


def field_mapping(
    output: str,
    field: str,
    object: str = ACCOUNT,
    values: Mapping[str, str] | None = None,
    empty: str = "null",
    push: bool = True,
) -> FieldMapping:
    """A mapping with the kind of its output, and the words of its own where `values` names none.

    raises: SetupError for an output that does not exist.
    """
    spec = _SPECS.get(output)
    if spec is None:
        known = ", ".join(_SPECS)
        raise SetupError(
            f"salesforce: there is no output {output} in [[salesforce.fields]]; there are {known}"
        )
    kind = Kind.JSON if output == "forecast_data" else KINDS[spec.type]
    own_words = {value.lower(): value for value in spec.values}
    return FieldMapping(
        output, object, field, kind, {**own_words, **(values or {})}, empty, push and not spec.by_rep
    )


def output_mapping(chosen: Iterable[FieldMapping] = ()) -> OutputMapping:
    """The chosen mappings; every other output goes to the field that `org apply` makes for it."""
    by_output = {mapped.output: mapped for mapped in chosen}
    return OutputMapping(
        tuple(by_output.get(spec.output) or field_mapping(spec.output, spec.name) for spec in FIELDS)
    )


def _needed(mapped: FieldMapping) -> bool:
    """Reps' own fields are read, and the generation guards all others."""
    return mapped.push or mapped.output == "gen" or _SPECS[mapped.output].by_rep


def _converted(mapped: FieldMapping, value: Output, shape: FieldShape) -> JsonScalar:
    try:
        if value is not None and mapped.kind is Kind.PICKLIST:
            value = mapped.values[str(value)]
        return quantise(mapped.kind, value, shape)
    except KeyError:
        known = ", ".join(mapped.values)
        raise Permanent(f"salesforce: output {mapped.output} is {value!r}, not one of {known}") from None
    except ValueError as error:
        raise Permanent(f"salesforce: output {mapped.output}: {error}") from error


def _problems(mapped: FieldMapping, shape: FieldShape | None, *, read_only: bool) -> list[MappingProblem]:
    if shape is None:
        return [
            _problem(
                mapped,
                "the user of [salesforce] sees no such field",
                f"run `maturityd org plan`, and give the user the permission set {SYNC}",
            )
        ]
    found = []
    if not (read_only or shape.updateable):
        way_out = f"give the user of [salesforce] the permission set {SYNC}"
        found.append(_problem(mapped, "the user may not edit it", way_out))
    if shape.type not in _TYPES[mapped.kind] or (mapped.kind is Kind.HTML) != shape.html:
        other = "map the output to another field, or correct its kind in [[salesforce.fields]]"
        found.append(_problem(mapped, f"is of type {shape.type}, which holds no {mapped.kind}", other))
        return found
    return found + _room(mapped, shape) + ([] if read_only else _values(mapped, shape))


def _room(mapped: FieldMapping, shape: FieldShape) -> list[MappingProblem]:
    least = _LEAST_LENGTH.get(mapped.kind, 0)
    if mapped.kind is Kind.PICKLIST and shape.type == "string":
        least = max(map(len, mapped.values.values()), default=0)
    if shape.length < least:
        what = f"holds {shape.length} characters, and {least} are needed"
        return [_problem(mapped, what, "make it longer, or map the output to another field")]
    digits = _LEAST_DIGITS.get(mapped.output, _DIGITS)
    if mapped.kind is Kind.NUMBER and shape.type == "double" and shape.precision - shape.scale < digits:
        what = f"holds {shape.precision - shape.scale} digits before the point, and {digits} are needed"
        return [_problem(mapped, what, "raise its length, or map the output to another field")]
    return []


def _values(mapped: FieldMapping, shape: FieldShape) -> list[MappingProblem]:
    if not (mapped.kind is Kind.PICKLIST and shape.restricted):
        return []
    missing = sorted(set(mapped.values.values()) - set(shape.values))
    if not missing:
        return []
    what = f"lacks the picklist values {', '.join(missing)}"
    return [_problem(mapped, what, "run `maturityd org apply`, or set values in [[salesforce.fields]]")]


def _problem(mapped: FieldMapping, what: str, way_out: str) -> MappingProblem:
    return MappingProblem(mapped.output, mapped.object, mapped.field, what, way_out)
