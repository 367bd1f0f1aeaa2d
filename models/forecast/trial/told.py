"""A trial in plain lines: who did best, what was held out, what was left out and why."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from models.forecast.judging.metrics import mase_denominator
from models.forecast.judging.scores import SERVED
from models.forecast.serving import PROFILE
from models.forecast.trial.columns import Found
from models.forecast.trial.trial import Trial

TOLD = 20
"""Series named as left out; the rest is counted."""
LEVEL = 0.005
"""Share by which errors must differ to be told apart."""


def plain_lines(trial: Trial, found: Found) -> Sequence[str]:
    """What a terminal shows below the table of models."""
    return [verdict(trial), _held_out(trial), _served_by(trial), _read(found), *asides(trial)]


def asides(trial: Trial) -> Sequence[str]:
    """What was done to the table, and what is not in the figures."""
    left_out = list(trial.held_out.left_out.items())
    more = [f"left out: {len(left_out) - TOLD} series more"] if len(left_out) > TOLD else []
    unscaled = int(np.isnan(mase_denominator(trial.held_out.past.values))[trial.held_out.scored].sum())
    notes = [
        (unscaled, f"{unscaled} series are the same from week to week, which leaves MASE without a scale"),
        (
            trial.foretold.silent,
            f"{trial.foretold.silent} series are zero for 8 weeks; lstm stands there for the weekday median",
        ),
    ]
    return [
        *(f"left out: {account}: {reason}" for account, reason in left_out[:TOLD]),
        *more,
        *(f"note: {note}" for note in trial.held_out.notes),
        *(f"note: {said}" for count, said in notes if count),
        *(f"skipped: {name}: {reason}" for name, reason in trial.foretold.skipped.items()),
    ]


def verdict(trial: Trial) -> str:
    """What a reader wants to know first, in a sentence."""
    errors = {name: one.mase for name, one in trial.scores.items() if one.mase is not None}
    ours = errors.get(SERVED)
    if ours is None:
        return "No series changes from week to week: MASE has no scale; go by sMAPE"
    others = {name: error for name, error in errors.items() if name in (*_baselines(trial),)}
    best = min(others, key=lambda name: others[name])
    beside = [PROFILE] if best == PROFILE else [PROFILE, best]
    said = " and ".join(f"{_compared(ours, others[name])} {name} ({others[name]:.3f})" for name in beside)
    return f"Served: MASE {ours:.3f}, {said}{'' if best == PROFILE else ', the best baseline'}"


def _baselines(trial: Trial) -> Sequence[str]:
    return [name for name in trial.scores if name not in (SERVED, "lstm")]


def _compared(ours: float, other: float) -> str:
    share = ours / other - 1
    if abs(share) < LEVEL:
        return "level with"
    return f"{abs(share):.0%} {'above' if share > 0 else 'below'}"


def _held_out(trial: Trial) -> str:
    first = trial.held_out.past.until
    last = first + timedelta(days=trial.horizon - 1)
    before = trial.held_out.past.days
    return f"held out: {first} to {last}, {trial.horizon} days; {before} days before them"


def _served_by(trial: Trial) -> str:
    counted = Counter(trial.foretold.served_by[row] for row in trial.held_out.scored)
    return "served by: " + ", ".join(f"{name} {count}" for name, count in counted.most_common())


def _read(found: Found) -> str:
    account = f"account {found.account}" if found.account else "one series"
    return f"read: {account}, day {found.day}, value {found.value}"
