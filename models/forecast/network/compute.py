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
def computing(threads: int) -> Iterator[None]:
    """Inside the block only: torch's threads are bounded; a GPU computes as exactly as a CPU, and repeatably.

    source: PyTorch's notes on numerical accuracy (TF32 rounds to ten bits) and on reproducibility (cuDNN)
    """
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
            yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def seeded(seed: int) -> Iterator[np.random.Generator]:
    """Seed torch inside the block only; the generator given is for everything else."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        yield np.random.default_rng(seed)
