"""Upsell rating: maturity against the tier the customer pays for, and what stands in the way of selling.

A rep's outcome changes the upsell rating alone, never the maturity: who does not want to buy is no less
mature for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import isnan
from typing import Literal

from models.maturity.words import clean, long_date, shorten

Strength = Literal["none", "low", "medium", "high"]
RATINGS: tuple[Strength, ...] = ("none", "low", "medium", "high")
REASON_LENGTH = 255

Effect = Literal["suppress", "lower", "raise"]
"""No upsell at all; one step lower; one step higher."""


@dataclass(frozen=True)
class OutcomeRule:
    """What an upsell outcome does to the rating.

    cool_down_days: no upsell is suggested for so long. raise_days: after that, one step higher for so
    long, because the customer asked us to come back.
    """

    cool_down_days: int
    raise_days: int = 0


@dataclass(frozen=True)
class Rule:
    """What an account's own situation does to the rating.

    then: the effect. because: the situation as a clause that follows "but" ("usage is falling").
    health: the rule applies under this usage health. feature, at_least, at_most: it applies where the
        feature is known and within these bounds. One of the two is given.
    """

    then: Effect
    because: str
    health: str = ""
    feature: str = ""
    at_least: float | None = None
    at_most: float | None = None

    def applies(self, situation: "Situation") -> bool:
        """Whether the account is in this situation; what is not known does not apply."""
        if self.health:
            return situation.health == self.health
        value = situation.features.get(self.feature)
        if value is None or isnan(value):
            return False
        above = self.at_least is None or value >= self.at_least
        return above and (self.at_most is None or value <= self.at_most)


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
    strength: maturity rating -> tier -> upsell rating, where it is not to be what the distance says: one
        tier below the fitting one medium, two or more high, for a low maturity low.
    rules: in the order in which they are told. outcomes: upsell outcome -> its rule.
    """

    order: tuple[str, ...] = ("Free", "Team", "Business", "Enterprise")
    fits: Mapping[str, str] = field(
        default_factory=lambda: {"low": "Team", "medium": "Business", "high": "Enterprise"}
    )
    strength: Mapping[str, Mapping[str, Strength]] = field(default_factory=dict)
    rules: Sequence[Rule] = ()
    outcomes: Mapping[str, OutcomeRule] = field(default_factory=_default_outcomes)

    def __post_init__(self) -> None:
        """raises: ValueError where `fits` names a tier that `order` lacks."""
        for rating, tier in self.fits.items():
            if tier not in self.order:
                known = ", ".join(self.order)
                raise ValueError(f'the tier "{tier}" fitting "{rating}" is none of the tiers: {known}')

    def step(self, rating: str, tier: str) -> int:
        """Index into RATINGS by the table alone."""
        gap = self.order.index(self.fits[rating]) - self.order.index(tier)
        if gap <= 0:
            return 0
        chosen = self.strength.get(rating, {}).get(tier)
        if chosen is not None:
            return RATINGS.index(chosen)
        return 1 if rating == "low" else min(1 + gap, 3)


@dataclass(frozen=True)
class UpsellOutcome:
    """What a rep heard: `value` is a key of UpsellSettings.outcomes; `at` is aware UTC."""

    value: str
    at: datetime


@dataclass(frozen=True)
class Situation:
    """An account at an instant.

    rating: maturity, None where unknown. tier: as in the CRM, None where unknown.
    health: positive, stable, negative or unknown. outcome: the newest one, None where there is none.
    features: those that rules name, NaN where missing.
    """

    rating: str | None
    tier: str | None
    health: str
    outcome: UpsellOutcome | None
    features: Mapping[str, float]


@dataclass(frozen=True)
class Upsell:
    """The upsell rating, the tier to suggest (None where nothing is suggested) and a sentence why."""

    rating: str
    tier: str | None
    reason: str


def rate_upsell(situation: Situation, as_of: datetime, settings: UpsellSettings) -> Upsell:
    """Rate one account: by the table, then by what stands in the way.

    An outcome in its cool-down and a rule that suppresses leave none; of the rules that lower, together,
    one step is taken off, as of those that raise one is added. The reason names all that applied.
    """
    unknown = _unknown(situation.rating, situation.tier, settings)
    rating, tier = situation.rating, situation.tier
    if unknown or rating is None or tier is None:
        return Upsell("none", None, unknown)
    step = settings.step(rating, tier)
    if step == 0:
        return Upsell("none", None, _nothing_to_gain(rating, tier, settings))
    effects = _effects(situation, as_of, settings)
    step = 0 if effects["suppress"] else step + bool(effects["raise"]) - bool(effects["lower"])
    step = min(step, len(RATINGS) - 1)
    fitting = settings.fits[rating]
    said = f"{rating.capitalize()} maturity on the {tier} tier, where {fitting} would fit"
    return Upsell(RATINGS[step], fitting if step else None, _sentence(said + _told(effects, step)))


def _told(effects: Mapping[Effect, Sequence[str]], step: int) -> str:
    """All that applied; empty where nothing did."""
    brakes, lifts = [*effects["suppress"], *effects["lower"]], effects["raise"]
    if step == 0:
        return f", but {_listed(brakes)}: nothing is suggested for now"
    told = f", but {_listed(brakes)}, so one step lower" if brakes else ""
    return told + (f", and {_listed(lifts)}" if lifts else "")


def _effects(situation: Situation, as_of: datetime, settings: UpsellSettings) -> dict[Effect, list[str]]:
    """Effect -> the clauses of all that has it."""
    found: dict[Effect, list[str]] = {"suppress": [], "lower": [], "raise": []}
    outcome = situation.outcome
    if outcome is not None and outcome.at <= as_of and outcome.value in settings.outcomes:
        rule = settings.outcomes[outcome.value]
        until = outcome.at + timedelta(days=rule.cool_down_days)
        words = outcome.value.replace("_", " ")
        if as_of < until:
            heard = f"a rep noted “{words}” on {long_date(outcome.at)} (no upsell until {long_date(until)})"
            found["suppress"].append(heard)
        elif as_of < until + timedelta(days=rule.raise_days):
            found["raise"].append(f"it is time to ask again after “{words}” on {long_date(outcome.at)}")
    for each in settings.rules:
        if each.applies(situation):
            found[each.then].append(each.because)
    return found


def _nothing_to_gain(rating: str, tier: str, settings: UpsellSettings) -> str:
    if settings.order.index(tier) < settings.order.index(settings.fits[rating]):
        return _sentence(f"Your company suggests no upsell from the {tier} tier at {rating} maturity")
    return _sentence(f"The {tier} tier already fits {rating} maturity")


def _unknown(rating: str | None, tier: str | None, settings: UpsellSettings) -> str:
    """Why nothing can be said; empty where something can."""
    if rating is None or rating not in settings.fits:
        return "Maturity is not known well enough, so nothing can be said about an upsell."
    if tier is None:
        return "The CRM has no tier for this customer, so nothing can be said about an upsell."
    if tier not in settings.order:
        return _sentence(f"The tier “{shorten(clean(tier), 60)}” is not among the configured tiers")
    return ""


def _listed(clauses: Sequence[str]) -> str:
    """a; a and b; a, b and c."""
    return " and ".join([", ".join(clauses[:-1]), clauses[-1]] if len(clauses) > 1 else clauses)


def _sentence(text: str) -> str:
    return shorten(text, REASON_LENGTH - 1) + "."
