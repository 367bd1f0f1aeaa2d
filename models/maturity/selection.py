"""The choice of a configuration for a stated goal, from the held-out predictions that each left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.goals import Choice, selects
from models.maturity.goal_cuts import Goal, choose, parts
from models.maturity.held_out import HeldOut
from models.maturity.levels import expected_level

DRAWS = 400


@dataclass(frozen=True)
class Selection:
    """chosen: name of a configuration. choices: of all of them, on the labels that all have predicted.

    beyond_noise: whether the chosen one is better than the one in use by more than noise; None where the
        one in use reaches no goal, or is the best itself.
    """

    chosen: str
    choices: Mapping[str, Choice]
    labels: int
    beyond_noise: bool | None


def choose_configuration(
    candidates: Mapping[str, HeldOut], in_use: str | None, goal: Goal, seed: int
) -> Selection:
    """The configuration that is best for the goal, on the labels that all have predicted.

    The one in use stays unless another is better beyond noise (paired bootstrap, 5 % quantile above 0):
    of many equal configurations the best of the day is the luckiest.
    """
    aligned = align(candidates)
    choices = {name: choose(held_out, goal) for name, held_out in aligned.items()}
    labels = len(next(iter(aligned.values())).level)
    best = max(choices, key=lambda name: _worth(choices[name], goal))
    if in_use not in choices or best == in_use:
        return Selection(best, choices, labels, None)
    if choices[best].cut is None:
        return Selection(in_use, choices, labels, None)
    if choices[in_use].cut is None:
        return Selection(best, choices, labels, None)
    beyond = _better_beyond_noise(aligned, choices, best, in_use, goal, seed)
    return Selection(best if beyond else in_use, choices, labels, beyond)


def align(candidates: Mapping[str, HeldOut]) -> dict[str, HeldOut]:
    """The rows of each that all have, in one order."""
    keys = {name: _keys(held_out) for name, held_out in candidates.items()}
    shared = sorted(set.intersection(*(set(each) for each in keys.values())), key=lambda key: key[::-1])
    aligned = {}
    for name, held_out in candidates.items():
        row_of = {key: row for row, key in enumerate(keys[name])}
        aligned[name] = _rows(held_out, [row_of[key] for key in shared])
    return aligned


def pool(newest_first: Sequence[HeldOut]) -> HeldOut:
    """Each label once: as the newest training that held it out predicted it."""
    parts: list[HeldOut] = []
    seen: set[tuple[str, int]] = set()
    for held_out in newest_first:
        keys = _keys(held_out)
        parts.append(_rows(held_out, [row for row, key in enumerate(keys) if key not in seen]))
        seen.update(keys)
    return HeldOut(*(np.concatenate([getattr(part, name) for part in parts]) for name in vars(parts[0])))


def _worth(choice: Choice, goal: Goal) -> tuple[bool, float, float]:
    """What is greater is better; of equals the one that is more precise."""
    if choice.cut is None:
        return False, 0.0, 0.0
    found = choice.cut.found
    f1 = 2 * found.hits / (found.selected + found.positives)
    worth = {"recall": float(found.hits), "precision": found.precision_bound, "f1": f1}[goal.maximize]
    return True, worth, found.precision_bound


def _better_beyond_noise(
    aligned: Mapping[str, HeldOut],
    choices: Mapping[str, Choice],
    best: str,
    in_use: str,
    goal: Goal,
    seed: int,
) -> bool:
    earlier, _ = parts(aligned[best])
    truth = (aligned[best].level[earlier] == goal.level).astype(float)
    # How often each label is drawn: Poisson instead of multinomial, which takes longer and tells the same.
    drawn = np.random.default_rng(seed).poisson(1.0, (DRAWS, len(earlier)))
    measured = []
    for name in (best, in_use):
        cut = choices[name].cut
        if cut is None:
            return name == in_use
        taken = selects(expected_level(aligned[name].shares())[earlier], cut.lower, cut.upper).astype(float)
        hits, selected, positives = drawn @ (taken * truth), drawn @ taken, drawn @ truth
        over = {"recall": positives, "precision": selected, "f1": (selected + positives) / 2}[goal.maximize]
        measured.append(hits / np.maximum(over, 1))
    return bool(np.quantile(measured[0] - measured[1], 0.05) > 0)


def _keys(held_out: HeldOut) -> list[tuple[str, int]]:
    return list(zip(held_out.account_id.tolist(), held_out.at.astype(np.int64).tolist(), strict=True))


def _rows(held_out: HeldOut, rows: Sequence[int]) -> HeldOut:
    picked = np.array(rows, dtype=np.int64)
    return HeldOut(*(getattr(held_out, name)[picked] for name in vars(held_out)))
