"""Where and how torch computes: device, threads, seeds, each bounded to a block."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from models.forecast.panel import Floats


def device() -> torch.device:
    """The GPU where torch finds one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def tensor(values: Floats) -> Tensor:
    """A tensor on the device that computes."""
    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32)).to(device())


@contextmanager
def torch_threads(threads: int) -> Iterator[None]:
    """Bound torch's threads inside the block only."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def seeded(seed: int) -> Iterator[np.random.Generator]:
    """Seed torch inside the block only; the generator given is for everything else."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        yield np.random.default_rng(seed)
