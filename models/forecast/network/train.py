"""Fitting: a few networks, from the prior or the champion, on windows of all accounts."""

import copy
from collections.abc import Callable, Sequence

import numpy as np
import torch

from models.forecast.network.batches import Batch, Batches
from models.forecast.network.compute import computing, device, seeded
from models.forecast.network.lstm import Network
from models.forecast.network.model import ForecastModel
from models.forecast.network.optimiser import OneCycleAdamW
from models.forecast.network.prior import networks as prior
from models.forecast.network.windows import Sampler
from models.forecast.panel import UsagePanel
from models.forecast.pieces import sampled
from models.forecast.settings import PROFILE_DAYS, ForecastSettings

RATE = 4e-3
FINISH_RATE = 1e-3
LONGEST_HELD_DAYS = 90
SHORTEST_HELD_DAYS = 28
YEARLY_FROM_DAYS = 540
"""Days to learn from before the day of the year is believed."""
FULL_DAYS = 60_000
"""Account-days that are worth all steps at the full rate; fewer would be learnt by heart."""
LEAST_STEPS = 8
CHECKS = 4

Progress = Callable[[int, int], None]
"""Told (steps done, steps in all)."""


def held_days(days: int) -> int:
    """How many of a panel's newest days are held back to judge and calibrate; 0 where none can be."""
    held = min(LONGEST_HELD_DAYS, (days - PROFILE_DAYS) // 2)
    return held if held >= SHORTEST_HELD_DAYS else 0


def fit(
    panel: UsagePanel,
    settings: ForecastSettings,
    seed: int,
    warm: ForecastModel | None = None,
    progress: Progress | None = None,
) -> ForecastModel:
    """Train on all days but the newest `held_days`, keep those networks, then finish on all days.

    seed: draws the accounts that are learned from, where there are more than it takes; and all else.
    warm: start from its held-back networks instead of the prior's, unless they saw days that are held back
        now.
    returns: a model without networks where the history is too short; profiles then serve.
    """
    panel = panel.take(sampled(panel, seed))
    past = panel.before(panel.days - held_days(panel.days))
    if past.days == panel.days or not len(Sampler.over(past).accounts):
        return ForecastModel(panel.until, yearly=False, held=(), finished=())
    if warm is not None and (not warm.held or warm.held_from > past.until):
        warm = None
    begun, steps, rate = (
        (prior(), settings.steps, RATE) if warm is None else (warm.held, settings.warm_steps, FINISH_RATE)
    )
    share = worth(past)
    steps, finish_steps = (
        max(min(number, LEAST_STEPS), round(number * share)) for number in (steps, settings.finish_steps)
    )
    yearly = past.days >= YEARLY_FROM_DAYS if warm is None else warm.yearly
    count = _Count(settings.seeds * (steps + finish_steps), progress)
    held, finished = [], []
    with computing(settings.threads):
        early, late = (Batches(days, yearly, settings.horizon_days, settings.batch) for days in (past, panel))
        check = late.held_back(past.days)
        for number in range(settings.seeds):
            with seeded(seed + number) as rng:
                start = begun[number % len(begun)]
                held.append(trained(start, [early], steps, share * rate, rng, check, count))
                finished.append(
                    trained(held[-1], [late], finish_steps, share * FINISH_RATE, rng, progress=count)
                )
    return ForecastModel(past.until, yearly, tuple(held), tuple(finished))


def worth(panel: UsagePanel) -> float:
    """Share of the steps, and of their size, that a panel is worth: the root of its measured days."""
    share: float = min(1.0, np.isfinite(panel.values).sum().item() / FULL_DAYS) ** 0.5
    return share


def trained(
    start: Network,
    batches: Sequence[Batches],
    steps: int,
    rate: float,
    rng: np.random.Generator,
    check: Batch | None = None,
    progress: Progress | None = None,
) -> Network:
    """A copy of `start` after all steps, or where `check` found it best: at the start or in the second half.

    batches: drawn from in turn.
    """
    network = copy.deepcopy(start).to(device())
    best, least = (None, float("inf")) if check is None else (copy.deepcopy(network), _judge(network, check))
    network.train()
    optimiser = OneCycleAdamW(network.parameters(), rate, steps)
    for step in range(1, steps + 1):
        optimiser.step(batches[step % len(batches)].draw(rng).loss(network))
        if progress is not None:
            progress(step, steps)
        if check is not None and _is_checked(step, steps):
            found = _judge(network, check)
            if found < least:
                best, least = copy.deepcopy(network), found
    return (network if best is None else best).eval()


class _Count:
    """Tells the progress of all trainings as one."""

    def __init__(self, steps: int, progress: Progress | None) -> None:
        self._done, self._steps, self._progress = 0, steps, progress

    def __call__(self, _step: int, _steps: int) -> None:
        self._done += 1
        if self._progress is not None:
            self._progress(self._done, self._steps)


def _is_checked(step: int, steps: int) -> bool:
    """Evenly in the second half, the last step included."""
    return step > steps // 2 and (steps - step) % max(1, steps // (2 * CHECKS)) == 0


@torch.no_grad()
def _judge(network: Network, check: Batch) -> float:
    network.eval()
    loss = float(check.loss(network))
    network.train()
    return loss
