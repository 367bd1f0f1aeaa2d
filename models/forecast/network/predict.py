"""Forecasts of the networks, in chunks of accounts."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from models.forecast.network.compute import computing, device, tensor
from models.forecast.network.lstm import QUANTILES, Network
from models.forecast.network.windows import Rows, WindowReader
from models.forecast.panel import Floats, UsagePanel
from models.forecast.paths import Paths
from models.forecast.settings import HISTORY_DAYS, PROFILE_DAYS, ForecastSettings

CHUNK = 4096
LEAST_COUNT = 0.5
"""Events a day below which the quantile of a count is none."""


def lstm(networks: Sequence[Network], yearly: bool, panel: UsagePanel, settings: ForecastSettings) -> Paths:
    """Mean of the networks' quantiles for the days after the panel.

    Accounts that are young, or silent in all the network sees, are not served.
    """
    shape = (len(panel.account_ids), settings.horizon_days, len(QUANTILES))
    quantiles = np.full(shape, np.nan, dtype=np.float32)
    rows = np.flatnonzero(_readable(panel)) if networks else np.empty(0, dtype=np.intp)
    if len(rows):
        seen = panel.newest(HISTORY_DAYS)
        reader = WindowReader(seen, settings.horizon_days, yearly)
        with computing(settings.threads):
            for chunk in np.array_split(rows, -(-len(rows) // CHUNK)):
                quantiles[chunk] = _quantiles(networks, reader, chunk, seen.days)
    low, middle, high = (quantiles[..., QUANTILES.index(level)] for level in (0.1, 0.5, 0.9))
    return Paths(middle, low, high)


def _readable(panel: UsagePanel) -> NDArray[np.bool_]:
    seen = panel.values[:, -PROFILE_DAYS:]
    old = panel.first_measured() + PROFILE_DAYS <= panel.days
    used: NDArray[np.bool_] = np.nan_to_num(seen).max(axis=1, initial=0) > 0
    return old & used


@torch.no_grad()
def _quantiles(networks: Sequence[Network], reader: WindowReader, rows: Rows, origin: int) -> Floats:
    windows = reader.read(rows, np.full(len(rows), origin))
    history, future = tensor(windows.history), tensor(windows.future)
    outputs = [network.to(device())(history, future).cpu().numpy() for network in networks]
    events = (np.mean(outputs, axis=0) + windows.offset[..., None]) * windows.scale[:, None, None]
    events = np.sort(events, axis=-1)
    return np.where(events < LEAST_COUNT, 0, events).astype(np.float32)
