"""[tiers]: the subscriptions in order, and which rating calls for which."""

from pydantic import Field, model_validator

from daemon.config.table import Table


class TiersTable(Table):
    """order: tiers from the smallest to the largest.

    upsell: the tier that fits an account of a rating.
    left: values of the tier's field that say the customer has left.
    """

    order: tuple[str, ...] = ("Free", "Team", "Business", "Enterprise")
    upsell: dict[str, str] = Field(default={"low": "Team", "medium": "Business", "high": "Enterprise"})
    left: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> "TiersTable":
        if set(self.upsell) != {"low", "medium", "high"}:
            raise ValueError("upsell names a tier for each of low, medium and high")
        unknown = sorted(set(self.upsell.values()) - set(self.order))
        if unknown:
            raise ValueError(f"upsell names {unknown[0]}, which is not in order")
        both = sorted(set(self.left) & set(self.order))
        if both:
            raise ValueError(f"left names {both[0]}, which is in order too")
        return self
