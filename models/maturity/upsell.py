"""Upsell rating: maturity against the tier the customer pays for, and what reps heard from them.

A rep's outcome changes the upsell rating alone, never the maturity: who does not want to buy is no less
mature for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from models.maturity.words import clean, long_date, shorten

RATINGS = ("none", "low", "medium", "high")
REASON_LENGTH = 255


@dataclass(frozen=True)
class OutcomeRule:
    """What an upsell outcome does to the rating.

    cool_down_days: no upsell is suggested for so long. raise_days: after that, one step higher for so
    long, because the customer asked us to come back.
    """

    cool_down_days: int
    raise_days: int = 0


def _default_outcomes() -> dict[str, OutcomeRule]:
    return {
        "not_interested": OutcomeRule(cool_down_days=180),
        "not_now": OutcomeRule(cool_down_days=90, raise_days=30),
        "won": OutcomeRule(cool_down_days=90),
        "no_fit": OutcomeRule(cool_down_days=365),
    }


@dataclass(frozen=True)
class UpsellSettings:
    """The admin's view of which tier fits which maturity.

    order: tiers from smallest to largest. fits: maturity rating -> the tier that fits it.
    outcomes: upsell outcome -> its rule.
    """

    order: tuple[str, ...] = ("Free", "Team", "Business", "Enterprise")
    fits: Mapping[str, str] = field(
        default_factory=lambda: {"low": "Team", "medium": "Business", "high": "Enterprise"}
    )
    outcomes: Mapping[str, OutcomeRule] = field(default_factory=_default_outcomes)

    def __post_init__(self) -> None:
        """raises: ValueError where `fits` names a tier that `order` lacks."""
        for rating, tier in self.fits.items():
            if tier not in self.order:
                known = ", ".join(self.order)
                raise ValueError(f'the tier "{tier}" fitting "{rating}" is none of the tiers: {known}')


@dataclass(frozen=True)
class UpsellOutcome:
    """What a rep heard: `value` is a key of UpsellSettings.outcomes; `at` is aware UTC."""

    value: str
    at: datetime


@dataclass(frozen=True)
class Upsell:
    """The upsell rating, the tier to suggest (None where nothing is suggested) and a sentence why."""

    rating: str
    tier: str | None
    reason: str


def rate_upsell(
    rating: str | None,
    tier: str | None,
    health: str,
    outcome: UpsellOutcome | None,
    as_of: datetime,
    settings: UpsellSettings,
) -> Upsell:
    """Rate one account.

    One tier below the fitting one is medium, two or more high; a low maturity makes at most low. Negative
    usage health takes one step off (such a customer first needs help), a "not now" that has run out adds one.

    rating: maturity, None where unknown. tier: as in the CRM, None where unknown.
    health: positive, stable, negative or unknown. outcome: the newest one, None where there is none.
    """
    unknown = _unknown(rating, tier, settings)
    if unknown or rating is None or tier is None:
        return Upsell("none", None, unknown)
    paused = _paused(outcome, as_of, settings)
    if paused:
        return Upsell("none", None, paused)
    fitting = settings.fits[rating]
    gap = settings.order.index(fitting) - settings.order.index(tier)
    if gap <= 0:
        return Upsell("none", None, _sentence(f"The {tier} tier already fits a {rating} maturity"))
    step = 1 if rating == "low" else min(1 + gap, 3)
    said = f"Maturity is {rating} and the tier is {tier}; customers like this usually fit {fitting}"
    if health == "negative":
        step -= 1
        said += ", but usage is falling: help comes before selling"
    if _asked_back(outcome, as_of, settings):
        step = min(step + 1, 3)
        said += "; they asked us to come back about now"
    suggested = fitting if step > 0 else None
    return Upsell(RATINGS[step], suggested, _sentence(said))


def _unknown(rating: str | None, tier: str | None, settings: UpsellSettings) -> str:
    """Why nothing can be said; empty where something can."""
    if rating is None or rating not in settings.fits:
        return "Maturity is not known yet, so nothing can be said about an upsell."
    if tier is None:
        return "The CRM has no tier for this customer, so nothing can be said about an upsell."
    if tier not in settings.order:
        return _sentence(f"The tier “{shorten(clean(tier), 60)}” is not among the configured tiers")
    return ""


def _paused(outcome: UpsellOutcome | None, as_of: datetime, settings: UpsellSettings) -> str:
    rule = _rule(outcome, as_of, settings)
    if rule is None or outcome is None:
        return ""
    until = outcome.at + timedelta(days=rule.cool_down_days)
    if as_of >= until:
        return ""
    words = outcome.value.replace("_", " ")
    return _sentence(
        f"A rep noted “{words}” on {long_date(outcome.at)}; no upsell is suggested before {long_date(until)}"
    )


def _asked_back(outcome: UpsellOutcome | None, as_of: datetime, settings: UpsellSettings) -> bool:
    rule = _rule(outcome, as_of, settings)
    if rule is None or outcome is None:
        return False
    since = as_of - outcome.at - timedelta(days=rule.cool_down_days)
    return timedelta(0) <= since < timedelta(days=rule.raise_days)


def _rule(outcome: UpsellOutcome | None, as_of: datetime, settings: UpsellSettings) -> OutcomeRule | None:
    """The rule of an outcome that was known at `as_of`."""
    if outcome is None or outcome.at > as_of:
        return None
    return settings.outcomes.get(outcome.value)


def _sentence(text: str) -> str:
    return shorten(text, REASON_LENGTH - 1) + "."
