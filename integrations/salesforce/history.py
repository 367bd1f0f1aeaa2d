"""Score records: an account's ratings over time, one per account and slot, in a child object."""

from collections.abc import Mapping

from integrations.interfaces import JsonScalar, OutgoingChange
from integrations.salesforce.describe import FieldShape
from integrations.salesforce.mapping import KINDS
from integrations.salesforce.quantise import Output, quantise
from integrations.salesforce.schema import FIELDS, SCORE, SCORE_FIELDS, SCORE_KEY

_WORDS = {value.lower(): value for spec in FIELDS for value in spec.values}
"""An output's word -> the word reps see on the account."""


def score_change(account_id: str, slot: str, gen: int, outputs: Mapping[str, Output]) -> OutgoingChange:
    """The upsert of one score record; the same account and slot give the same record.

    outputs: rating, upsell, health, score, reasons_text, data_as_of, model_version; those missing stay empty.
    """
    values: dict[str, JsonScalar] = {"Account__c": account_id}
    for spec in SCORE_FIELDS:
        value = outputs.get(spec.output)
        if value is not None:
            shape = FieldShape(spec.name, "", spec.length, spec.precision, spec.scale)
            values[spec.name] = quantise(KINDS[spec.type], _shown(spec.output, value), shape)
    return OutgoingChange(SCORE, f"{account_id}|{slot}", gen, values, SCORE_KEY)


def _shown(output: str, value: Output) -> Output:
    return _WORDS.get(str(value), value) if output in ("rating", "upsell", "health") else value
