"""AdamW under a one-cycle rate.

torch.optim would do, but its first use loads torch's compiler: seconds in every process that fits.
"""

import math
from collections.abc import Iterable

import torch
from torch import Tensor

DECAY = 1e-4
MOMENTUM = 0.9
SQUARES = 0.999
EPSILON = 1e-8
LARGEST_GRADIENT = 1.0
RISING_SHARE = 0.3
FIRST_RATE = 1 / 25
LAST_RATE = 1e-5


class OneCycleAdamW:
    """Steps of AdamW, gradients clipped to a joint norm of LARGEST_GRADIENT.

    rate: the highest; it rises to there over the first RISING_SHARE of `steps`, then falls to nearly
        nothing.
    source: Loshchilov & Hutter 2019 (AdamW); Smith & Topin 2019 (one cycle, cosine form)
    """

    def __init__(self, parameters: Iterable[Tensor], rate: float, steps: int) -> None:
        self._parameters = list(parameters)
        self._rate = rate
        self._steps = steps
        self._step = 0
        self._mean = [torch.zeros_like(parameter) for parameter in self._parameters]
        self._square = [torch.zeros_like(parameter) for parameter in self._parameters]

    @torch.no_grad()
    def step(self, loss: Tensor) -> None:
        """Move the parameters once against the gradient of `loss`."""
        gradients = torch.autograd.grad(loss, self._parameters)
        norm = torch.sqrt(
            sum((gradient.square().sum() for gradient in gradients), torch.zeros((), device=loss.device))
        )
        shrink = (LARGEST_GRADIENT / (norm + EPSILON)).clamp(max=1)
        rate = self._rate * one_cycle(self._step, self._steps)
        self._step += 1
        warm = math.sqrt(1 - SQUARES**self._step) / (1 - MOMENTUM**self._step)
        for parameter, gradient, mean, square in zip(
            self._parameters, gradients, self._mean, self._square, strict=True
        ):
            clipped = gradient * shrink
            mean.lerp_(clipped, 1 - MOMENTUM)
            square.lerp_(clipped.square(), 1 - SQUARES)
            parameter.mul_(1 - rate * DECAY)
            parameter.addcdiv_(mean, square.sqrt().add_(EPSILON), value=-rate * warm)


def one_cycle(step: int, steps: int) -> float:
    """Share of the highest rate at a step, counted from 0."""
    peak = max(RISING_SHARE * steps - 1, 1)
    if step <= peak:
        return FIRST_RATE + (1 - FIRST_RATE) * (1 - math.cos(math.pi * step / peak)) / 2
    falling = (step - peak) / max(steps - 1 - peak, 1)
    return LAST_RATE + (1 - LAST_RATE) * (1 + math.cos(math.pi * falling)) / 2
