"""[feedback]: what each value of the reps' feedback field means."""

from typing import Literal

from pydantic import Field

from daemon.config.table import Table

LabelMeaning = Literal["right", "too_low", "too_high"]
"""About the rating: becomes a label."""

OutcomeMeaning = Literal["not_interested", "not_now", "won", "no_fit"]
"""About an upsell: never a label, since who does not want to buy is no less mature for it."""


class OutcomeTable(Table):
    """cool_down_days: no upsell is suggested for so long.

    raise_days: after that, one step higher for so long.
    """

    cool_down_days: int = Field(ge=0)
    raise_days: int = Field(default=0, ge=0)


class TierChangesTable(Table):
    """levels: the tier that an account was raised to, to the level it then had; empty: no outcome is a label.

    weight: of such a label.
    """

    levels: dict[str, Literal["low", "medium", "high"]] = Field(default={})
    weight: float = Field(default=1.0, gt=0, le=1)


class FeedbackTable(Table):
    """values: the CRM's value to its meaning.

    expert_levels: the CRM's value of an expert's rating to a level.
    confirmation_weight: of a label that says "right".
    correction_weight: of a label that says another level.
    outcomes: what follows from each outcome of an upsell.
    tier_changes: upgrades as labels, as of the instant before them. A downgrade is none: who saves money is
        no less mature for it.
    """

    values: dict[str, LabelMeaning | OutcomeMeaning] = Field(
        default={
            "Rating right": "right",
            "Rating too low": "too_low",
            "Rating too high": "too_high",
            "Not interested": "not_interested",
            "Not now": "not_now",
            "Won": "won",
            "No fit": "no_fit",
        }
    )
    expert_levels: dict[str, Literal["low", "medium", "high"]] = Field(
        default={
            "Low": "low",
            "Medium": "medium",
            "High": "high",
        }
    )
    confirmation_weight: float = Field(default=0.3, gt=0, le=1)
    correction_weight: float = Field(default=0.6, gt=0, le=1)
    outcomes: dict[OutcomeMeaning, OutcomeTable] = Field(
        default={
            "not_interested": OutcomeTable(cool_down_days=180),
            "not_now": OutcomeTable(cool_down_days=90, raise_days=30),
            "won": OutcomeTable(cool_down_days=90),
            "no_fit": OutcomeTable(cool_down_days=365),
        }
    )
    tier_changes: TierChangesTable = TierChangesTable()
