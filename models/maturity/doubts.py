"""Labels that models which did not know them contradict: worth a second look, never dropped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from models.maturity.held_out import HeldOut


@dataclass(frozen=True)
class Judged:
    """A label beside what a model that did not know it found.

    given, likeliest: levels. p_given, p_likeliest: their held-out probabilities.
    """

    account_id: str
    at: datetime
    given: int
    likeliest: int
    p_given: float
    p_likeliest: float

    @property
    def doubtful(self) -> bool:
        """Whether another level is likelier."""
        return self.given != self.likeliest


def judged(held_outs: Sequence[HeldOut]) -> list[Judged]:
    """Every label that any of these held out, by the first that did; the least believed first.

    Ranked by the held-out probability of the given level ("self-confidence", Northcutt et al. 2021).

    held_outs: of the newest model first.
    """
    found: dict[tuple[str, datetime], Judged] = {}
    for held_out in reversed(held_outs):
        shares = held_out.shares()
        instants = held_out.at.astype("datetime64[us]").tolist()
        for row, account in enumerate(held_out.account_id.tolist()):
            at, given = instants[row].replace(tzinfo=UTC), int(held_out.level[row])
            likeliest = int(shares[row].argmax())
            p_given, p_likeliest = float(shares[row, given]), float(shares[row, likeliest])
            found[account, at] = Judged(account, at, given, likeliest, p_given, p_likeliest)
    return sorted(found.values(), key=lambda one: (one.p_given, one.account_id, one.at))
