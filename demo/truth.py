"""How well ratings find the made-up world's truth, beside what tier or usage alone would say."""

from collections.abc import Mapping

import numpy as np
from sqlalchemy import func, select

from daemon.state.engine import read
from daemon.state.predictions import forecasts_of, predictions_of
from daemon.state.tables import expert_ratings, predictions
from demo.stage import Stage
from models.maturity.metrics import confusion, macro_f1
from models.tables import LEVELS


def against_truth(stage: Stage) -> list[tuple[str, int, float]]:
    """Guess, accounts and macro-F1 against the latent level, on rated accounts that no expert ever rated.

    Tier: the level whose tier config.toml gives it. Usage: terciles of the next 30 days' total.
    """
    truth = {each.account_id: each.levels[-1] for each in stage.world.truths}
    with read(stage.engine()) as connection:
        run_id = connection.execute(select(func.max(predictions.c.run_id))).scalar_one()
        known = set(connection.execute(select(expert_ratings.c.account_id)).scalars())
        rows = predictions_of(connection, run_id)
        usage = {account: row["total_30d"] for account, row in forecasts_of(connection, run_id).items()}
    unseen = {
        account: row for account, row in rows.items() if row["rating"] in LEVELS and account not in known
    }
    order, fits = stage.config.tiers.order, stage.config.tiers.upsell
    tiers = {
        account: sum(order.index(row["tier"]) >= order.index(fits[level]) for level in LEVELS[1:])
        for account, row in unseen.items()
        if row["tier"] in order
    }
    guesses = {
        "the rating": {account: LEVELS.index(row["rating"]) for account, row in unseen.items()},
        "the tier alone": tiers,
        "usage alone": _terciles(
            {account: usage[account] for account in unseen if usage.get(account) is not None}
        ),
    }
    return [(name, len(guess), _score(guess, truth)) for name, guess in guesses.items() if guess]


def _terciles(totals: Mapping[str, float]) -> dict[str, int]:
    if not totals:
        return {}
    cuts = np.quantile(list(totals.values()), [1 / 3, 2 / 3])
    return {account: int(np.searchsorted(cuts, total)) for account, total in totals.items()}


def _score(guess: Mapping[str, int], truth: Mapping[str, int]) -> float:
    true = np.array([truth[account] for account in guess])
    said = np.array(list(guess.values()))
    return float(macro_f1(confusion(true, said, len(LEVELS))))
