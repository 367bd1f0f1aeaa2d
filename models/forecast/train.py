"""Fitting: a few networks from different seeds on windows of all accounts."""

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.forecast.compute import device, seeded, tensor, torch_threads
from models.forecast.lstm import Network, pinball_loss
from models.forecast.metrics import mase_denominator
from models.forecast.model import ForecastModel
from models.forecast.optimiser import OneCycleAdamW
from models.forecast.panel import UsagePanel
from models.forecast.settings import PROFILE_DAYS, ForecastSettings
from models.forecast.windows import Rows, Sampler, WindowReader, Windows

RATE = 4e-3
FINISH_RATE = 1e-3
LARGEST_WEIGHT = 30.0
LONGEST_HELD_DAYS = 90
SHORTEST_HELD_DAYS = 28
YEARLY_FROM_DAYS = 540
"""Days to learn from before the day of the year is believed."""
FULL_DAYS = 60_000
"""Account-days that are worth all steps; fewer are worth fewer, or they are learnt by heart."""
LEAST_STEPS = 40
DECODED_DAYS = 30
CHECKS = 4
CHECKED_ACCOUNTS = 1024

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

    warm: start from its held-back networks, unless they saw days that are held back now.
    returns: a model without networks where the history is too short; profiles then serve.
    """
    past = panel.before(panel.days - held_days(panel.days))
    if past.days == panel.days or not len(Sampler.over(past).accounts):
        return ForecastModel(panel.until, yearly=False, held=(), finished=())
    if warm is not None and (not warm.held or warm.held_from > past.until):
        warm = None
    steps, rate = (settings.steps, RATE) if warm is None else (settings.warm_steps, FINISH_RATE)
    steps, finish_steps = (worth(number, past) for number in (steps, settings.finish_steps))
    yearly = past.days >= YEARLY_FROM_DAYS if warm is None else warm.yearly
    count = _Count(settings.seeds * (steps + finish_steps), progress)
    held, finished = [], []
    with torch_threads(settings.threads):
        early, late = (_Trainer(days, yearly, settings, count) for days in (past, panel))
        check = late.held_back(past.days)
        for number in range(settings.seeds):
            with seeded(seed + number) as rng:
                network = Network() if warm is None else copy.deepcopy(warm.held[number % len(warm.held)])
                held.append(early.train(network, steps, rate, rng, check))
                finished.append(late.train(copy.deepcopy(held[-1]), finish_steps, FINISH_RATE, rng))
    return ForecastModel(past.until, yearly, tuple(held), tuple(finished))


def worth(steps: int, panel: UsagePanel) -> int:
    """How many of the steps a panel is worth: as the square root of its measured days."""
    share: float = min(1.0, np.isfinite(panel.values).sum().item() / FULL_DAYS) ** 0.5
    return max(min(steps, LEAST_STEPS), round(steps * share))


class _Count:
    """Tells the progress of all trainings as one."""

    def __init__(self, steps: int, progress: Progress | None) -> None:
        self.done, self.steps, self.progress = 0, steps, progress

    def step(self) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.steps)


@dataclass(frozen=True, eq=False)
class _Batch:
    history: Tensor
    future: Tensor
    target: Tensor
    weight: Tensor

    def some_days(self, rng: np.random.Generator) -> "_Batch":
        """The same windows with a random part of the days ahead: most of what a step costs is decoding."""
        days = torch.from_numpy(np.sort(rng.permutation(self.target.shape[1])[:DECODED_DAYS]))
        days = days.to(self.target.device)
        return _Batch(self.history, self.future[:, days], self.target[:, days], self.weight)

    def loss(self, network: Network) -> Tensor:
        return pinball_loss(network(self.history, self.future), self.target, self.weight)


class _Trainer:
    """Trains networks on windows of one panel."""

    def __init__(self, panel: UsagePanel, yearly: bool, settings: ForecastSettings, count: _Count) -> None:
        self._reader = WindowReader(panel, settings.horizon_days, yearly)
        self._sampler = Sampler.over(panel)
        self._denominator = mase_denominator(panel.values)
        self._size = settings.batch
        self._count = count

    def held_back(self, origin: int) -> _Batch:
        """One window of each account from `origin` on, of at most CHECKED_ACCOUNTS accounts."""
        rows = self._sampler.accounts[self._sampler.first <= origin]
        rows = rows[:: -(-len(rows) // CHECKED_ACCOUNTS) or 1]
        return self._batch(rows, np.full(len(rows), origin))

    def train(
        self,
        network: Network,
        steps: int,
        rate: float,
        rng: np.random.Generator,
        check: _Batch | None = None,
    ) -> Network:
        """The network after `steps` steps, or where `check` found it best in their second half."""
        network.to(device()).train()
        optimiser = OneCycleAdamW(network.parameters(), rate, steps)
        best, least = copy.deepcopy(network), float("inf")
        for step in range(1, steps + 1):
            batch = self._batch(*self._sampler.draw(self._size, rng))
            optimiser.step(batch.some_days(rng).loss(network))
            self._count.step()
            if check is not None and _is_checked(step, steps):
                found = _judge(network, check)
                if found < least:
                    best, least = copy.deepcopy(network), found
        return (network if check is None else best).eval()

    def _batch(self, accounts: Rows, origins: Rows) -> _Batch:
        windows: Windows = self._reader.read(accounts, origins)
        weight = np.nan_to_num(windows.scale / self._denominator[accounts])
        return _Batch(
            history=tensor(windows.history),
            future=tensor(windows.future),
            target=tensor(windows.target),
            weight=tensor(np.minimum(weight, LARGEST_WEIGHT)),
        )


def _is_checked(step: int, steps: int) -> bool:
    """Evenly in the second half, the last step included."""
    return step > steps // 2 and (steps - step) % max(1, steps // (2 * CHECKS)) == 0


@torch.no_grad()
def _judge(network: Network, check: _Batch) -> float:
    network.eval()
    loss = float(check.loss(network))
    network.train()
    return loss
