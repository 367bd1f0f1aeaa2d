"""What reps' feedback is worth: `python -m benchmarks.feedback FOLDER [repeats experts]`.

On demo worlds (made in FOLDER, which is read again the next time): a model learns from the ratings of some
experts, its ratings are shown, reps answer on 5 % of the accounts as the demo's reps do (anchored and noisy;
no upsell is shown, so that all of them speak of the rating), the next model learns from the answers too,
and so once more. Printed is the change, after two such cycles, on accounts that no expert rated and no rep
answered on, against their latent level: by the weights of config.toml, by others, and by what the same
accounts would teach if reps knew the truth. The ensemble is smaller than a cycle's.
"""

import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.worlds import Played, played, rated
from daemon.labels import STEP_OF
from demo.world import ShownScore, rep_feedback
from demo.world.records import LEVELS as WORDS
from demo.world.records import Rule
from models.maturity.metrics import confusion, log_losses, macro_f1
from models.maturity.training_set import training_set
from models.tables import LEVELS, Label

Ints = NDArray[np.int64]

WORLDS: tuple[tuple[Rule, int], ...] = (("linear", 1), ("thresholds", 1), ("linear", 2), ("thresholds", 2))
SHARE = 0.05
CYCLES = 2
TOLD = "reps who know the truth"
VARIANTS: Mapping[str, tuple[float, float]] = {
    "confirm 0.6, correct 0.6": (0.6, 0.6),
    TOLD: (1.0, 1.0),
}
"""Weights of a confirmation and of a correction, beside those of config.toml."""


@dataclass(frozen=True)
class Quality:
    """Of ratings and probabilities, on accounts that nobody spoke of."""

    macro_f1: float
    log_loss: float


class Reps:
    """A world whose reps answer for some cycles."""

    def __init__(self, world: Played, repeat: int, experts: int) -> None:
        """experts: how many of the accounts that experts rated are known."""
        self._world, self._repeat = world, repeat
        self._frame = world.newest.frame
        self._truth = np.array([world.truth[account] for account in self._frame.index])
        spoken_of = sorted({label.account_id for label in world.labels})
        kept = set(np.random.default_rng(repeat).permutation(spoken_of)[:experts].tolist())
        self._experts = [label for label in world.labels if label.account_id in kept]
        self._begun = self._learned([])

    def play(self, weights: tuple[float, float], *, truthful: bool) -> tuple[Quality, Quality, float]:
        """Quality before and after, on the same accounts, and the share of answers that were right."""
        answers: list[Label] = []
        shown = self._begun[1]
        for cycle in range(CYCLES):
            answers += self._answers(shown, cycle, weights, truthful=truthful)
            now = self._learned(answers)
            shown = now[1]
        spoken_of = {label.account_id for label in [*self._experts, *answers]}
        silent = ~self._frame.index.isin(spoken_of)
        right = np.mean([self._world.truth[label.account_id] == label.level for label in answers])
        return self._quality(self._begun, silent), self._quality(now, silent), float(right)

    def _learned(self, answers: list[Label]) -> tuple[NDArray[np.float64], Ints]:
        training = training_set(self._world.snapshots, [*self._experts, *answers])
        return rated(training, self._frame, self._repeat)

    def _answers(
        self, shown: Ints, cycle: int, weights: tuple[float, float], *, truthful: bool
    ) -> list[Label]:
        """Reps' answers as the daemon makes labels of them."""
        scores = {
            account: ShownScore(WORDS[level], None, "None")
            for account, level in zip(self._frame.index, shown.tolist(), strict=True)
        }
        at = self._world.newest.as_of + timedelta(days=cycle)
        level_of = dict(zip(self._frame.index, shown.tolist(), strict=True))
        meanings = self._world.config.feedback.values
        found = []
        for said in rep_feedback(self._world.world, scores, 10 * self._repeat + cycle, SHARE):
            meaning = meanings[said.value]
            level = min(max(level_of[said.account_id] + STEP_OF[meaning], 0), len(LEVELS) - 1)
            if truthful:
                level = self._world.truth[said.account_id]
            weight = weights[0] if meaning == "right" else weights[1]
            found.append(Label(said.account_id, level, at, "feedback", weight, said.rep))
        return found

    def _quality(self, learned: tuple[NDArray[np.float64], Ints], rows: NDArray[np.bool_]) -> Quality:
        shares, rating = learned[0][rows], learned[1][rows]
        truth = self._truth[rows]
        return Quality(
            float(macro_f1(confusion(truth, rating, len(LEVELS)))), float(log_losses(shares, truth).mean())
        )


def main(folder: Path, repeats: int, experts: int) -> None:
    """Print, for each variant, the mean change over the worlds so far with its standard error."""
    changes: dict[str, list[tuple[float, ...]]] = defaultdict(list)
    for rule, seed in WORLDS:
        world = played(folder, rule, seed)
        settings = world.config.feedback
        shipped = (settings.confirmation_weight, settings.correction_weight)
        variants = {f"as shipped, {shipped[0]} and {shipped[1]}": shipped, **VARIANTS}
        for repeat in range(repeats):
            reps = Reps(world, repeat, experts)
            for name, weights in variants.items():
                before, after, right = reps.play(weights, truthful=name == TOLD)
                f1, loss = after.macro_f1 - before.macro_f1, after.log_loss - before.log_loss
                changes[name].append((f1, loss, before.macro_f1, right))
        print(f"\nafter {rule} {seed}")
        for name, rows in changes.items():
            f1, loss, begun, right = np.array(rows).T
            print(
                f"{name:<32} macro-F1 {begun.mean():.3f} {_change(f1)}  log loss {_change(loss)}  "
                f"answers right {right.mean():.0%}  ({len(rows)} times)",
                flush=True,
            )


def _change(values: NDArray[np.float64]) -> str:
    error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else float("nan")
    return f"{values.mean():+.4f} +- {error:.4f}"


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[2:]]
    main(Path(sys.argv[1]), *(given or (3, 150)))
