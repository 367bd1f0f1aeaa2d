"""The hold-out: a random share of accounts that are scored but not shown, to learn what showing does."""

from collections.abc import Iterable
from hashlib import blake2b

import numpy as np

from models.maturity.held_out import HeldOut
from models.maturity.metrics import Metrics, measure

KEY = b"maturityd hold-out"
"""Makes this draw another than any that is made from the same Ids elsewhere. To change it is to redraw."""


def held_out(accounts: Iterable[str], share: float) -> frozenset[str]:
    """The accounts in a hold-out of this share; those in a smaller one are in every larger one."""
    return frozenset(account for account in accounts if _place(account) < share)


def quality_where_not_shown(predicted: HeldOut, share: float) -> Metrics | None:
    """Of held-out predictions, on labels that no shown rating can have swayed; None where there are none."""
    rows = np.isin(predicted.account_id, sorted(held_out(predicted.account_id.tolist(), share)))
    if not rows.any():
        return None
    return measure(predicted.shares()[rows], predicted.rating[rows], predicted.level[rows])


def _place(account: str) -> float:
    """A number in [0, 1) that an account keeps for ever."""
    return int.from_bytes(blake2b(account.encode(), key=KEY, digest_size=6).digest()) / 2**48
