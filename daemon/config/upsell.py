"""[upsell]: how strong the case for a larger tier is, and what stands in its way."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from daemon.config.table import Table

Rating = Literal["low", "medium", "high"]
Strength = Literal["none", "low", "medium", "high"]
Because = Annotated[str, StringConstraints(min_length=3, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*[^.]$")]


class UpsellRule(Table):
    """then: the effect: no upsell (`suppress`), one step less (`lower`) or more (`raise`).

    because: the situation as reps read it after "but": a clause without a full stop.
    health: the rule applies under this usage health.
    feature: or where this feature lies within the bounds; one that is not known is outside.
    at_least: smallest value.
    at_most: largest value.
    """

    then: Literal["suppress", "lower", "raise"]
    because: Because
    health: Literal["positive", "stable", "negative"] | None = None
    feature: str | None = None
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _one_situation(self) -> "UpsellRule":
        if (self.health is None) == (self.feature is None):
            raise ValueError("a rule names either a health or a feature")
        bounded = self.at_least is not None or self.at_most is not None
        if bounded != (self.feature is not None):
            raise ValueError("at_least and at_most are the bounds of a feature: give one, or both")
        return self


class UpsellTable(Table):
    """strength: for a rating and a tier; what is left out goes by the distance to the tier that fits.

    rules: all that apply are told; suppress wins, else those that lower take one step off together.
    """

    strength: dict[Rating, dict[str, Strength]] = Field(default={})
    rules: tuple[UpsellRule, ...] = (
        UpsellRule(
            then="suppress", because="an urgent support case is open", feature="open_cases_urgent", at_least=1
        ),
        UpsellRule(then="lower", because="usage is falling", health="negative"),
    )
