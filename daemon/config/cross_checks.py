"""What one table of config.toml says of another: names of features and of tiers."""

import difflib
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from daemon.outputs import OF_THE_RATING
from models.errors import ModelError

if TYPE_CHECKING:
    from daemon.config.load import Config
    from models.features.catalogue import Catalogue


def cross_problems(config: "Config", *, features: bool) -> list[str]:
    """What is wrong, each with its key, the name given and the nearest known one.

    features: whether names of features are looked up too.
    """
    of_features = _of_features(config) if features else ()
    return [*_of_tiers(config), *_of_hold_out(config), *of_features]


def _of_tiers(config: "Config") -> Iterator[str]:
    order, fits = config.tiers.order, config.tiers.upsell
    for tier in config.feedback.tier_changes.levels:
        if tier not in order:
            key = f"feedback.tier_changes.levels.{tier}"
            yield f"{key}: the tier is not in tiers.order{_nearest(tier, order)}"
    for rating, row in config.upsell.strength.items():
        for tier, strength in row.items():
            key = f"upsell.strength.{rating}.{tier}"
            if tier not in order:
                yield f"{key}: the tier is not in tiers.order{_nearest(tier, order)}"
            elif strength != "none" and order.index(tier) >= order.index(fits[rating]):
                yield (
                    f"{key}: {tier} is not below {fits[rating]}, the tier that tiers.upsell gives to "
                    f"{rating}, so there is nothing larger to suggest; name a larger one there"
                )


def _of_hold_out(config: "Config") -> Iterator[str]:
    """What was shown before an account came into the hold-out must go."""
    if not config.maturity.hold_out_share:
        return
    for i, field in enumerate(config.salesforce.fields):
        if field.push and field.empty == "keep" and field.output in OF_THE_RATING:
            yield (
                f'salesforce.fields[{i}].empty: "keep" would leave {field.output} of the accounts that '
                'maturity.hold_out_share keeps out; write "null"'
            )


def _of_features(config: "Config") -> Iterator[str]:
    from models.features.catalogue import catalogue  # loads Ibis

    table = config.maturity
    try:
        whole = catalogue(tuple(config.topics.root), table.technologies)
    except ModelError as error:
        yield f"maturity.technologies: {error}"
        return
    for key in ("barred", "barred_from_explanations", "talk_tracks"):
        for name in getattr(table, key):
            if name not in whole.names:
                yield f'maturity.{key}: there is no feature "{name}"{_nearest(name, whole.names)}'
            elif key == "talk_tracks" and not whole[name].told:
                yield f'maturity.{key}: "{name}" says more of us than of the customer and is never told'
    for i, rule in enumerate(config.upsell.rules):
        if rule.feature:
            yield from _of_rule(f"upsell.rules[{i}].feature", rule.feature, whole, table.barred)


def _of_rule(key: str, name: str, whole: "Catalogue", barred: Collection[str]) -> Iterator[str]:
    if name not in whole.names:
        yield f'{key}: there is no feature "{name}"{_nearest(name, whole.names)}'
    elif whole[name].kind == "category":
        yield f'{key}: "{name}" is no number, so it has no bounds'
    elif name in barred:
        yield f'{key}: "{name}" is barred by maturity.barred; take it out there or here'


def _nearest(name: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f'; did you mean "{close[0]}"?' if close else "; docs/reference/features.md lists the features"
