"""What labels are worth: `python -m benchmarks.labels FOLDER [repeats]`.

On demo worlds (made in FOLDER, which is read again the next time): macro-F1 against the latent level of 200
accounts that nothing rated, by the number of expert labels; 60 accounts chosen by `labels wanted` against 60
at random; and how many of the experts' errors are among the first labels of `labels suspicious`. An
expert's label here is the level of the day with the demo's 5 % of errors. The ensemble is smaller than a
cycle's.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.worlds import Played, played, rated
from demo.world.ratings import EXPERT_ERROR
from demo.world.records import Rule
from models.maturity.doubts import judged
from models.maturity.metrics import confusion, macro_f1
from models.maturity.train import TrainSettings, train
from models.maturity.training_set import TrainingSet, training_set
from models.maturity.worth_rating import worth_rating
from models.tables import LEVELS, Label

Ints = NDArray[np.int64]

WORLDS: tuple[tuple[Rule, int], ...] = (("linear", 1), ("thresholds", 1), ("linear", 2), ("thresholds", 2))
SETTINGS = TrainSettings(trees=150, members=3, min_labels_per_class=2)
LABELS = (60, 100, 150, 250, 350)
ADDED = 60
START = 100
TESTED = 200


@dataclass(frozen=True)
class Panel:
    """Accounts with enough history, in an order drawn by chance: the last TESTED are never labelled.

    level: what an expert would say, errors included. truth: what is so.
    """

    world: Played
    accounts: Ints
    level: Ints
    truth: Ints

    @classmethod
    def of(cls, world: Played, repeat: int) -> "Panel":
        frame = world.newest.frame
        rng = np.random.default_rng(repeat)
        truth = np.array([world.truth[account] for account in frame.index])
        wrong = rng.random(len(truth)) < EXPERT_ERROR
        level = np.where(wrong, np.where(truth == 1, 2 * rng.integers(0, 2, len(truth)), 1), truth)
        known = np.flatnonzero(frame["account_age_days"].to_numpy() >= 28)
        return cls(world, rng.permutation(known), level, truth)

    def labelled(self, rows: Ints) -> TrainingSet:
        """The training set of these accounts, labelled on the day."""
        snapshot = self.world.newest
        ids = snapshot.frame.index
        labels = [
            Label(ids[row], int(self.level[row]), snapshot.as_of, "expert", 1.0) for row in rows.tolist()
        ]
        return training_set({snapshot.as_of: snapshot}, labels)

    def quality(self, rows: Ints, seed: int) -> float:
        """Macro-F1 on the accounts never labelled, after learning these."""
        tested = self.accounts[-TESTED:]
        _, rating = rated(self.labelled(rows), self.world.newest.frame.iloc[tested], seed)
        return float(macro_f1(confusion(self.truth[tested], rating, len(LEVELS))))


def curve(panel: Panel, repeat: int) -> Iterator[tuple[str, float]]:
    """Quality by the number of labels."""
    for count in LABELS:
        yield f"{count} labels", panel.quality(panel.accounts[:count], repeat)


def acquisition(panel: Panel, repeat: int) -> Iterator[tuple[str, float]]:
    """Quality after START labels by chance and ADDED more, chosen or not; and after ADDED, chosen or not."""
    frame = panel.world.newest.frame
    open_ = np.zeros(len(frame), dtype=bool)
    open_[panel.accounts[:-TESTED]] = True
    for start in (0, START):
        begun = panel.accounts[:start]
        known = np.isin(np.arange(len(frame)), begun)
        shares = rated(panel.labelled(begun), frame, repeat)[0] if start else None
        chosen = np.array([one.row for one in worth_rating(frame, known, open_, shares, ADDED)])
        drawn = panel.accounts[start : start + ADDED]
        for name, rows in (("drawn", drawn), ("wanted", chosen)):
            yield f"{start} + {ADDED} {name}", panel.quality(np.concatenate([begun, rows]), repeat)


def suspicion(panel: Panel, repeat: int) -> Iterator[tuple[str, float]]:
    """Share of errors among the first 20 doubtful labels, and among all that were judged."""
    rows = panel.accounts[:-TESTED]
    wrong = {panel.world.newest.frame.index[row] for row in rows if panel.level[row] != panel.truth[row]}
    found = judged([train(panel.labelled(rows), SETTINGS, repeat, 1).evaluation.held_out])
    first = [one for one in found if one.doubtful][:20]
    yield "errors among the first 20 suspicious", float(np.mean([one.account_id in wrong for one in first]))
    yield "errors among all judged", float(np.mean([one.account_id in wrong for one in found]))


def main(folder: Path, repeats: int) -> None:
    """Print the mean over worlds and repeats with its standard error, a line as soon as each is known."""
    for measure in (curve, acquisition, suspicion):
        found: dict[str, list[float]] = defaultdict(list)
        for rule, seed in WORLDS:
            world = played(folder, rule, seed)
            for repeat in range(repeats):
                for name, value in measure(Panel.of(world, repeat), repeat):
                    found[name].append(value)
        for name, values in found.items():
            print(
                f"{name:<40}{np.mean(values):.3f} +- {_error(values):.3f}  ({len(values)} times)", flush=True
            )
        _pairs(found)


def _pairs(found: dict[str, list[float]]) -> None:
    for start in (0, START):
        if f"{start} + {ADDED} drawn" in found:
            more = np.subtract(found[f"{start} + {ADDED} wanted"], found[f"{start} + {ADDED} drawn"])
            print(f"{start} + {ADDED}: wanted less drawn {more.mean():+.3f} +- {_error(list(more)):.3f}")


def _error(values: Sequence[float]) -> float:
    return float(np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 2)
