"""Batches of windows of one panel, as training and its checks take them."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.forecast.judging.metrics import mase_denominator
from models.forecast.network.compute import tensor
from models.forecast.network.lstm import Network, pinball_loss
from models.forecast.network.windows import Rows, Sampler, WindowReader
from models.forecast.panel import UsagePanel

LARGEST_WEIGHT = 30.0
DECODED_DAYS = 30
CHECKED_ACCOUNTS = 1024


@dataclass(frozen=True, eq=False)
class Batch:
    """Windows as tensors. weight: (windows,), what makes the loss a MASE."""

    history: Tensor
    future: Tensor
    target: Tensor
    weight: Tensor

    def some_days(self, rng: np.random.Generator) -> "Batch":
        """The same windows with a random part of the days ahead: most of what a step costs is decoding."""
        days = torch.from_numpy(np.sort(rng.permutation(self.target.shape[1])[:DECODED_DAYS]))
        days = days.to(self.target.device)
        return Batch(self.history, self.future[:, days], self.target[:, days], self.weight)

    def loss(self, network: Network) -> Tensor:
        """Pinball loss of a network on these windows."""
        return pinball_loss(network(self.history, self.future), self.target, self.weight)


class Batches:
    """Batches of one panel.

    yearly: whether the network may see the day of the year. horizon: days ahead. size: windows a batch.
    """

    def __init__(self, panel: UsagePanel, yearly: bool, horizon: int, size: int) -> None:
        self._reader = WindowReader(panel, horizon, yearly)
        self._sampler = Sampler.over(panel)
        self._denominator = mase_denominator(panel.values)
        self._size = size

    def draw(self, rng: np.random.Generator) -> Batch:
        """Windows evenly over all accounts and origins, a part of the days ahead of each."""
        return self._read(*self._sampler.draw(self._size, rng)).some_days(rng)

    def held_back(self, origin: int) -> Batch:
        """One window of each account from `origin` on, of at most CHECKED_ACCOUNTS accounts."""
        rows = self._sampler.accounts[self._sampler.first <= origin]
        rows = rows[:: -(-len(rows) // CHECKED_ACCOUNTS) or 1]
        return self._read(rows, np.full(len(rows), origin))

    def _read(self, accounts: Rows, origins: Rows) -> Batch:
        windows = self._reader.read(accounts, origins)
        weight = np.nan_to_num(windows.scale / self._denominator[accounts])
        return Batch(
            history=tensor(windows.history),
            future=tensor(windows.future),
            target=tensor(windows.target),
            weight=tensor(np.minimum(weight, LARGEST_WEIGHT)),
        )
