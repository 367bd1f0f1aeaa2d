"""Outputs and their fields: found wrong before work starts, converted as the org will hold them."""

import dataclasses

import pytest

from integrations.errors import Permanent, SetupError
from integrations.salesforce.describe import FieldShape, ObjectShape
from integrations.salesforce.mapping import field_mapping, output_mapping
from integrations.salesforce.schema import FIELDS, FieldSpec

DESCRIBED = {
    "Picklist": "picklist",
    "Number": "double",
    "Text": "string",
    "LongTextArea": "textarea",
    "Html": "textarea",
    "DateTime": "datetime",
}


def shape_of(spec: FieldSpec) -> FieldShape:
    return FieldShape(
        spec.name,
        DESCRIBED[spec.type],
        spec.length,
        spec.precision,
        spec.scale,
        updateable=not spec.by_rep,
        html=spec.type == "Html",
        values=spec.values,
        restricted=bool(spec.values),
    )


def account(*without: str, **changed: FieldShape) -> ObjectShape:
    fields = {spec.name: shape_of(spec) for spec in FIELDS if spec.name not in without}
    return ObjectShape("Account", {**fields, **changed})


def change(name: str, **values: object) -> dict[str, FieldShape]:
    (shape,) = (shape_of(spec) for spec in FIELDS if spec.name == name)
    return {name: dataclasses.replace(shape, **values)}  # type: ignore[arg-type]


def test_an_org_after_apply_has_no_problems() -> None:
    assert output_mapping().problems(account()) == []


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (account("Maturity_Score__c"), "sees no such field; run `maturityd org plan`"),
        (account(**change("Maturity_Score__c", updateable=False)), "may not edit it; give"),
        (account(**change("Maturity_Score__c", type="string")), "of type string, which holds no number"),
        (account(**change("Maturity_Score__c", precision=3)), "2 digits before the point, and 3"),
        (account(**change("Maturity_Reasons__c", html=False)), "holds no html"),
        (account(**change("Maturity_Summary__c", length=40)), "40 characters, and 80"),
        (account(**change("Maturity_Rating__c", values=("Low", "High"))), "values Medium, Unknown"),
        (account("Maturity_Feedback__c"), "(feedback): the user of [salesforce] sees no such field"),
    ],
)
def test_each_problem_is_named_with_the_way_out(shape: ObjectShape, words: str) -> None:
    (problem,) = output_mapping().problems(shape)
    assert words in str(problem)


def test_a_field_that_is_not_pushed_is_not_missed() -> None:
    mapping = output_mapping([field_mapping("score", "Maturity_Score__c", push=False)])
    assert mapping.problems(account("Maturity_Score__c")) == []
    assert "Maturity_Score__c" not in {spec.name for spec in mapping.specs()}


def test_an_admins_own_field_and_words_are_used() -> None:
    chosen = field_mapping(
        "rating", "Reife__c", values={"low": "Niedrig", "medium": "Mittel", "high": "Hoch"}
    )
    shape = account(Reife__c=FieldShape("Reife__c", "string", length=20))
    mapping = output_mapping([chosen])

    assert mapping.problems(shape) == []
    assert mapping.convert({"rating": "high"}, shape) == {"Reife__c": "Hoch"}
    assert "Reife__c" in {spec.name for spec in mapping.specs()}


def test_an_output_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(SetupError, match=r"raiting.*there are rating"):
        field_mapping("raiting", "X__c")


def test_an_empty_output_clears_the_field_or_is_left_out() -> None:
    keep = output_mapping([field_mapping("anomaly", "Usage_Anomaly__c", empty="keep")])
    assert output_mapping().convert({"anomaly": None}, account()) == {"Usage_Anomaly__c": None}
    assert keep.convert({"anomaly": ""}, account()) == {}


@pytest.mark.parametrize("outputs", [{"rating": "huge"}, {"score": float("nan")}, {"score": "5"}])
def test_a_value_that_no_field_can_hold_names_its_output(outputs: dict[str, str | float]) -> None:
    with pytest.raises(Permanent, match=f"output {next(iter(outputs))}"):
        output_mapping().convert(outputs, account())


def test_what_reps_write_is_never_pushed() -> None:
    outputs: dict[str, str | float] = {"feedback": "won", "feedback_note": "x", "score": 5.0}
    assert output_mapping().convert(outputs, account()) == {"Maturity_Score__c": 5.0}


def test_an_org_is_to_have_the_admins_words_and_not_ours_beside_them() -> None:
    words = {"low": "Beginner", "medium": "Advanced", "high": "Expert"}
    mapping = output_mapping([field_mapping("rating", "Digital_Maturity__c", values=words)])

    (spec,) = [spec for spec in mapping.specs() if spec.output == "rating"]

    assert spec.values == ("Beginner", "Advanced", "Expert", "Unknown")
    assert {each.values for each in mapping.specs() if each.output == "score"} == {()}
