"""How often `select forecast` keeps its promise: `python -m benchmarks.promises [--worlds 300]`.

Made-up decisions: the higher the score, the more often they come true; a cut moves the odds of all its
decisions alike, accounts differ for good, and a quarter of a cut's decisions are seen from the next again.
A promise is kept where the precision from the chosen score on, over cuts without end, is what was promised.
Beside it each decision taken as drawn alone. Warned: how often the newest cuts speak against a promise that
is kept, and (broken) against one that is not.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from models import goals
from models.decisions import ANOMALY, YES, Decided, choose, pooled
from models.goals import Choice, Goal, speaks_against

GOAL = Goal("recall", precision=0.6)
SPREADS = (0.0, 0.3, 0.6, 1.0)
PER_CUT = (40, 120)
CUTS = (3, 4, 6, 9)
CUTS_TO_COME = 800
SEEN_AGAIN = 0.25
ACCOUNTS = 200
ACCOUNT_SPREAD = 0.5
DAY = np.datetime64("2026-01-01")


@dataclass(frozen=True)
class World:
    """spread: standard deviation, in log-odds, of what a cut adds to all its decisions."""

    spread: float
    per_cut: int

    def cuts(self, rng: np.random.Generator, count: int) -> list[Decided]:
        """Cut after cut."""
        found = [self._cut(rng)]
        while len(found) < count:
            again = found[-1].take(rng.random(len(found[-1].score)) < SEEN_AGAIN)
            found.append(pooled([self._cut(rng), again]))
        return found

    def _cut(self, rng: np.random.Generator) -> Decided:
        n = self.per_cut
        account = rng.integers(ACCOUNTS, size=n)
        of_account = np.random.default_rng(0).normal(0, ACCOUNT_SPREAD, ACCOUNTS)[account]
        score = 1.3 + rng.exponential(1.5, n)
        odds = 2.4 * np.log(score / 2) - 0.8 + of_account + rng.normal(0, self.spread)
        return Decided(
            account_id=account.astype("U18"),
            day=np.full(n, DAY),
            kind=np.full(n, ANOMALY),
            score=score,
            usual=np.zeros(n, dtype=bool),
            came_true=(rng.random(n) < 1 / (1 + np.exp(-odds))).astype(np.int8),
        )


@dataclass
class Tally:
    """Of the choices of one rule, one entry each."""

    kept: list[bool] = field(default_factory=list)
    recall: list[float] = field(default_factory=list)
    warned: list[bool] = field(default_factory=list)

    def add(self, choice: Choice, to_come: Decided) -> None:
        """Count a choice where there is one."""
        if choice.cut is not None:
            taken = to_come.score >= (choice.cut.lower or 0.0)
            true = to_come.came_true == YES
            self.kept.append(bool(true[taken].mean() >= (GOAL.precision or 0.0)))
            self.recall.append(float(true[taken].sum() / true.sum()))
            self.warned.append(bool(speaks_against(choice.reported_on, GOAL)))

    def words(self, worlds: int) -> str:
        """Found, kept, recall, and warned where kept and where broken."""
        kept, warned = np.array(self.kept, dtype=bool), np.array(self.warned, dtype=bool)
        shares = (
            kept.size / worlds,
            *(_mean(each) for each in (kept, self.recall, warned[kept], warned[~kept])),
        )
        return "".join(f"{share:>7.2f}" for share in shares)


def main() -> None:
    """Choose in many worlds, count, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=300)
    given = parser.parse_args()
    print(
        f"{given.worlds} worlds a line, a precision of {GOAL.precision} promised; cuts are drawn | each alone"
    )
    heads = ("found", "kept", "recall", "warned", "broken")
    print(
        f"{'spread':>6}{'a cut':>7}{'cuts':>6} "
        + " |".join("".join(f"{head:>7}" for head in heads) for _ in "ab")
    )
    for spread in SPREADS:
        for per_cut in PER_CUT:
            _compare(World(spread, per_cut), given.worlds)


def _compare(world: World, worlds: int) -> None:
    to_come = pooled(world.cuts(np.random.default_rng(10**7), CUTS_TO_COME))
    for count in CUTS:
        of_cuts, alone = Tally(), Tally()
        for seed in range(worlds):
            cuts = world.cuts(np.random.default_rng(seed), count)
            of_cuts.add(choose(cuts, GOAL), to_come)
            alone.add(_alone(cuts), to_come)
        print(
            f"{world.spread:>6}{world.per_cut:>7}{count:>6} {of_cuts.words(worlds)} |{alone.words(worlds)}",
            flush=True,
        )


def _alone(cuts: Sequence[Decided]) -> Choice:
    rows = pooled(cuts)
    ends = (float(rows.score.min()), float(rows.score.max()))
    return goals.choose(goals.Labels(rows.score, rows.came_true == YES, rows.usual, ends, "from"), GOAL)


def _mean(shares: Sequence[float] | np.ndarray) -> float:
    return float(np.mean(shares)) if len(shares) else float("nan")


if __name__ == "__main__":
    main()
