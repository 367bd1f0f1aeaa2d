"""The accounts that an expert should rate first."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Engine

from daemon.clock import Clock
from daemon.config import Config
from daemon.errors import LakeError
from daemon.labels import heard_until
from daemon.lake.account_cards import account_cards
from daemon.snapshots import features_of, snapshots_over
from daemon.state import runs
from daemon.state.engine import read
from daemon.state.predictions import newest_predictions
from daemon.statuses import statuses_of
from models.maturity.training_set import VALIDATION
from models.maturity.worth_rating import Wanted, worth_rating
from models.tables import LEVELS

PROBABILITIES = tuple(f"p_{level}" for level in LEVELS)


@dataclass(frozen=True)
class WantedAccount:
    """An account to rate. owner_id: the CRM's Id of its owner. uncertainty, distance: see worth_rating.py.

    why: in a sentence.
    """

    account_id: str
    name: str | None
    owner_id: str | None
    uncertainty: float | None
    distance: float
    why: str


def wanted_accounts(config: Config, engine: Engine, clock: Clock, count: int) -> list[WantedAccount]:
    """Accounts with enough data for a rating that no expert has rated, the most telling first.

    raises: LakeError before the first pull.
    """
    with read(engine) as connection:
        cut = runs.newest_cut(connection)
        labels = heard_until(connection, config.feedback, clock.now()).labels
        predictions = newest_predictions(connection)
    if cut is None:
        raise LakeError("nothing has been pulled yet, so no account is known; run `maturityd cycle` first")
    with snapshots_over(config, engine, clock) as snapshots:
        frame = snapshots.at(cut).frame
    rated = frame.index.isin([label.account_id for label in labels if label.origin in VALIDATION])
    probabilities = _probabilities(
        frame, {account: [row[name] for name in PROBABILITIES] for account, row in predictions.items()}
    )
    eligible = _eligible(config, frame)
    if probabilities is not None:
        eligible &= ~np.isnan(probabilities).any(axis=1)
    picked = worth_rating(frame, rated, eligible, probabilities, count)
    cards = account_cards(engine, config.path(config.lake.path))
    found = []
    for each in picked:
        account = frame.index[each.row]
        card = cards[account]
        why = _why(each, None if probabilities is None else probabilities[each.row])
        found.append(WantedAccount(account, card.name, card.owner_id, each.uncertainty, each.distance, why))
    return found


def _eligible(config: Config, frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Accounts that a model would rate."""
    settings = config.maturity
    statuses = statuses_of(
        frame,
        features_of(config),
        least_days=settings.min_history_days,
        least_evidence=settings.min_evidence,
        stale=None,
        no_champion=None,
    )
    return np.array([status.name == "scored" for status in statuses])


def _probabilities(frame: pd.DataFrame, shares: dict[str, list[float | None]]) -> NDArray[np.float64] | None:
    """(n, levels), NaN where an account has none; None where no account has any."""
    unknown: list[float | None] = [None] * len(LEVELS)
    found = np.array([shares.get(account, unknown) for account in frame.index], dtype=float)
    return None if np.isnan(found).all() else found


def _why(wanted: Wanted, shares: NDArray[np.float64] | None) -> str:
    unlike = "unlike the accounts rated so far" if wanted.distance else "a typical account"
    if shares is None:
        return unlike
    ordered = sorted(zip(shares, LEVELS, strict=True), reverse=True)
    said = ", ".join(f"{share:.0%} {level}" for share, level in ordered)
    return f"the model cannot decide ({said}); {unlike}"
