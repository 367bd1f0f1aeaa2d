"""Labels that may be wrong, with all that an expert needs to look at them again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, RowMapping

from daemon.config import Config
from daemon.labels import heard_until
from daemon.lake.account_cards import account_cards
from daemon.state import registry
from daemon.state.engine import read
from daemon.state.predictions import newest_predictions
from models.maturity.conflicts import Placed, settle
from models.maturity.doubts import Judged, judged
from models.maturity.held_out import HeldOut
from models.maturity.training_set import VALIDATION
from models.tables import LEVELS, Label

VERSIONS = 10
"""So many of the newest versions are asked: each holds out the newer part of the labels it knew."""

REASONS = 3


@dataclass(frozen=True)
class Suspicion:
    """A label that held-out predictions contradict.

    given, likeliest: levels by name, with their held-out probabilities. by: who gave it, the CRM's Id of
    a user. reasons: of the account's newest rating, those that speak for the likeliest level.
    """

    account_id: str
    name: str | None
    origin: str
    by: str | None
    at: datetime
    given: str
    p_given: float
    likeliest: str
    p_likeliest: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class LabelReview:
    """labels: expert and outcome labels in use. judged: those with a held-out prediction.

    suspicions: the least believed first.
    """

    labels: int
    judged: int
    suspicions: tuple[Suspicion, ...]


def review(config: Config, engine: Engine, now: datetime) -> LabelReview:
    """Compare the labels with the stored held-out predictions. Nothing is dropped or changed."""
    with read(engine) as connection:
        heard = heard_until(connection, config.feedback, now).labels
        found = judged(_held_outs(connection))
        predictions = newest_predictions(connection)
    in_use = settle(Placed(label, label.at) for label in heard).placed
    labels = {
        (each.label.account_id, each.label.at): each.label
        for each in in_use
        if each.label.origin in VALIDATION
    }
    standing = [
        (labels[one.account_id, one.at], one)
        for one in found
        if (one.account_id, one.at) in labels and labels[one.account_id, one.at].level == one.given
    ]
    cards = account_cards(engine, config.path(config.lake.path))
    suspicions = tuple(
        _suspicion(
            label,
            one,
            cards[label.account_id].name if label.account_id in cards else None,
            predictions.get(label.account_id),
        )
        for label, one in standing
        if one.doubtful
    )
    return LabelReview(len(labels), len(standing), suspicions)


def _held_outs(connection: Connection) -> list[HeldOut]:
    newest = registry.versions(connection, "maturity")[:VERSIONS]
    stored = [registry.held_out(connection, version) for version in newest]
    return [HeldOut.from_bytes(one) for one in stored if one is not None]


def _suspicion(label: Label, one: Judged, name: str | None, prediction: RowMapping | None) -> Suspicion:
    towards = "up" if one.likeliest > one.given else "down"
    reasons = (prediction["reasons"] or []) if prediction else []
    return Suspicion(
        account_id=label.account_id,
        name=name,
        origin=label.origin,
        by=label.by,
        at=label.at,
        given=LEVELS[one.given],
        p_given=one.p_given,
        likeliest=LEVELS[one.likeliest],
        p_likeliest=one.p_likeliest,
        reasons=tuple(each["sentence"] for each in reasons if each["direction"] == towards)[:REASONS],
    )
