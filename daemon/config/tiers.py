"""[tiers]: the subscriptions in order, and which rating calls for which."""

from pydantic import Field, model_validator

from daemon.config.table import Table


class TiersTable(Table):
    """order: tiers from the smallest to the largest.

    upsell: the tier that fits an account of a rating.
    """

    order: tuple[str, ...] = ("Free", "Team", "Business", "Enterprise")
    upsell: dict[str, str] = Field(default={"low": "Team", "medium": "Business", "high": "Enterprise"})

    @model_validator(mode="after")
    def _consistent(self) -> "TiersTable":
        if set(self.upsell) != {"low", "medium", "high"}:
            raise ValueError("upsell names a tier for each of low, medium and high")
        unknown = sorted(set(self.upsell.values()) - set(self.order))
        if unknown:
            raise ValueError(f"upsell names {unknown[0]}, which is not in order")
        return self
