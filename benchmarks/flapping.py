"""Ratings that flip and flip back over sixty slots: `python -m benchmarks.flapping FOLDER [rule seed slots]`.

The last thirty days of a demo world (made in FOLDER, which is read again the next time), two slots a day: at
each slot the snapshot as of its cut, the experts' ratings and the reps' answers until then, a training, and
the gate. The margin takes part in nothing but ratings and the gate's count of changes, so one pass serves all
margins. Printed for each: how often ratings changed, how many accounts flipped and flipped back, and what
the ratings of the last slot are worth on accounts that no expert rated, against their latent level.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.worlds import TODAY, Played, played
from daemon.clock import SystemClock
from daemon.compose import open_state
from daemon.labels import STEP_OF
from daemon.snapshots import label_cuts, snapshots_over
from demo.world import ShownScore, rep_feedback
from demo.world.records import LEVELS as WORDS
from demo.world.records import Rule
from models.maturity.gate import GateRules, decide
from models.maturity.held_out import HeldOut
from models.maturity.hysteresis import NONE, settle
from models.maturity.metrics import confusion, macro_f1
from models.maturity.model import MaturityModel
from models.maturity.train import Trained, TrainSettings, train
from models.maturity.training_set import TrainingSet, training_set
from models.monitoring.importance import importance_shares
from models.tables import LEVELS, Label, Snapshot

Ints = NDArray[np.int64]

MARGINS = (0.0, 0.04, 0.08, 0.12, 0.16)
SLOTS = (time(5, 30), time(11, 0))
"""06:30 and 12:00 in Berlin in winter, as UTC."""

ANSWERS_SHARE = 0.004
"""Of the accounts, at each slot: two or three answers, some 150 in the month."""

MONTH_SLOTS = 60


@dataclass(frozen=True)
class Served:
    """What the champion of a slot makes of the accounts: (n,) expected levels, and its cut points."""

    expected: pd.Series
    cuts: tuple[float, ...]
    published: bool


class Month:
    """Slot after slot of one world, with the margin of config.toml in force."""

    def __init__(self, world: Played, slots: int) -> None:
        self._world = world
        self._settings = world.config.maturity
        days = [TODAY - timedelta(days=back) for back in range((slots + 1) // 2)]
        self.cuts = sorted(datetime.combine(day, at, UTC) for day in days for at in SLOTS)[-slots:]
        self._answers: list[Label] = []
        self._champion: tuple[MaturityModel, HeldOut] | None = None
        self._last = pd.Series(dtype=np.int64)

    def play(self) -> Iterator[Served]:
        """What each slot serves, from the first one with a champion on."""
        config = self._world.config
        with snapshots_over(config, open_state(config), SystemClock()) as snapshots:
            for number, cut in enumerate(self.cuts):
                if cut > self._world.newest.as_of:
                    return
                labels = [each for each in (*self._world.labels, *self._answers) if each.at <= cut]
                at = label_cuts(config, labels, cut, self.cuts[:number])
                known = {each: snapshots.at(each) for each in at}
                served = self._slot(number, known, training_set(known, labels))
                if served:
                    yield served

    def _slot(self, number: int, known: dict[datetime, Snapshot], training: TrainingSet) -> Served | None:
        cut = max(known)
        frame = known[cut].frame
        trained = train(training, self._train_settings(), self._settings.seed, self._settings.threads)
        published = self._gate(trained, frame)
        if published:
            self._champion = trained.model, trained.evaluation.held_out
        if self._champion is None:
            return None
        model = self._champion[0]
        expected = pd.Series(model.expected_level(frame), frame.index)
        self._last = pd.Series(
            model.ratings(expected.to_numpy(), self._before(frame.index)).level, frame.index
        )
        self._hear(number, cut)
        return Served(expected, model.cuts, published)

    def _train_settings(self) -> TrainSettings:
        return TrainSettings(trees=self._settings.max_trees, margin=self._settings.margin)

    def _gate(self, trained: Trained, frame: pd.DataFrame) -> bool:
        champion = self._champion
        last = self._before(frame.index)
        model = trained.model
        changed = None
        if champion:
            now = model.ratings(model.expected_level(frame), last).level
            then = champion[0].ratings(champion[0].expected_level(frame), last).level
            changed = float(np.mean(now != then))
        return decide(
            trained.evaluation.held_out,
            champion[1] if champion else None,
            importance_shares(model.shap_values(frame), model.features),
            changed,
            self._settings.seed,
            GateRules(mass_change=self._settings.max_mass_change_share),
        ).publish

    def _before(self, accounts: pd.Index) -> Ints:
        return self._last.reindex(accounts, fill_value=NONE).to_numpy(dtype=np.int64)

    def _hear(self, number: int, cut: datetime) -> None:
        """A few reps answer what this slot shows, an hour later."""
        feedback = self._world.config.feedback
        shown = {account: ShownScore(WORDS[level], None, "None") for account, level in self._last.items()}
        for said in rep_feedback(self._world.world, shown, 1000 + number, ANSWERS_SHARE):
            meaning = feedback.values[said.value]
            level = min(max(int(self._last[said.account_id]) + STEP_OF[meaning], 0), len(LEVELS) - 1)
            weight = feedback.confirmation_weight if meaning == "right" else feedback.correction_weight
            at = cut + timedelta(hours=1)
            self._answers.append(Label(said.account_id, level, at, "feedback", weight, said.rep))


@dataclass(frozen=True)
class Flapping:
    """changes: of ratings, per account and month. back: share of accounts whose rating left a level and
    came back to it within the month. macro_f1: of the last slot's ratings."""

    changes: float
    back: float
    macro_f1: float


def flapping(served: Sequence[Served], margin: float, truth: pd.Series) -> Flapping:
    """Settle the slots' expected levels with a margin.

    truth: latent levels, of the accounts that count for `macro_f1`.
    """
    accounts = served[0].expected.index
    last = np.full(len(accounts), NONE, dtype=np.int64)
    history = []
    for slot in served:
        expected = slot.expected.reindex(accounts).to_numpy()
        last = settle(expected, slot.cuts, margin, last).level
        history.append(last)
    ratings = np.stack(history)
    months = len(served) / MONTH_SLOTS
    final = pd.Series(ratings[-1], accounts)[truth.index]
    cells = confusion(truth.to_numpy(), final.to_numpy(), len(LEVELS))
    return Flapping(
        changes=float((ratings[1:] != ratings[:-1]).sum() / len(accounts) / months),
        back=float(np.mean([_came_back(column) for column in ratings.T])),
        macro_f1=float(macro_f1(cells)),
    )


def _came_back(ratings: Ints) -> bool:
    """Whether a rating was left and taken up again."""
    stays = ratings[np.flatnonzero(np.diff(ratings, prepend=NONE))]
    return len(set(stays.tolist())) < len(stays)


def main(folder: Path, rule: Rule = "linear", seed: int = 1, slots: int = MONTH_SLOTS) -> None:
    """Print a line per margin."""
    world = played(folder, rule, seed)
    served = []
    for slot in Month(world, slots).play():
        served.append(slot)
        sys.stderr.write(f"\rslot {len(served)} of {slots}")
    sys.stderr.write("\n")
    accounts = served[0].expected.index
    spoken_of = {label.account_id for label in world.labels}
    silent = [account for account in accounts if account not in spoken_of]
    truth = pd.Series(world.truth)[silent]
    published = sum(slot.published for slot in served)
    print(f"{rule}, seed {seed}: {len(served)} slots, {published} models published, {len(accounts)} accounts")
    for margin in MARGINS:
        found = flapping(served, margin, truth)
        print(
            f"margin {margin:.2f}: {found.changes:.3f} changes a month and account, "
            f"{found.back:.1%} flip and flip back, macro-F1 {found.macro_f1:.3f} on {len(silent)} accounts"
        )


if __name__ == "__main__":
    arguments = sys.argv[1:]
    main(
        Path(arguments[0]),
        *(arguments[1:2] or ["linear"]),  # type: ignore[arg-type]
        *(int(each) for each in arguments[2:]),
    )
