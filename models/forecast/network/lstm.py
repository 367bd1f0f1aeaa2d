"""The network: an LSTM over weeks of usage, and a direct decoder for every day ahead."""

import torch
from torch import Tensor, nn

from models.forecast.network.windows import FUTURE_WIDTH, STEP_WIDTH

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
HIDDEN = 64
DECODER = 32
DROPOUT = 0.1
FIRST_OUTPUT = (-0.3, -0.15, 0.0, 0.15, 0.3)
"""Training starts from the weekday profile itself, with a plain band around it."""


class Network(nn.Module):
    """Quantiles of the residual over the weekday profile, in units of the window's scale."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.LSTM(STEP_WIDTH, HIDDEN, batch_first=True)
        self.from_history = nn.Linear(HIDDEN, HIDDEN)
        self.from_future = nn.Linear(FUTURE_WIDTH, HIDDEN)
        self.dropout = nn.Dropout(DROPOUT)
        self.decoder = nn.Linear(HIDDEN, DECODER)
        self.output = nn.Linear(DECODER, len(QUANTILES))
        nn.init.zeros_(self.output.weight)
        self.output.bias.data.copy_(torch.tensor(FIRST_OUTPUT))

    def forward(self, history: Tensor, future: Tensor) -> Tensor:
        """(windows, weeks, STEP_WIDTH), (windows, horizon, FUTURE_WIDTH) to (windows, horizon, quantiles)."""
        steps, _ = self.encoder(history)
        context = self.from_history(self.dropout(steps[:, -1:])) + self.from_future(future)
        output: Tensor = self.output(torch.relu(self.decoder(torch.relu(context))))
        return output


def pinball_loss(output: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Mean pinball loss over QUANTILES and measured days.

    output: (windows, horizon, quantiles). target: (windows, horizon), NaN = not measured.
    weight: (windows,).
    """
    measured = torch.isfinite(target)
    error = torch.nan_to_num(target)[..., None] - output
    levels = torch.tensor(QUANTILES, device=output.device)
    loss = torch.maximum(levels * error, (levels - 1) * error).mean(dim=-1)
    weights = weight[:, None] * measured
    return (loss * weights).sum() / measured.sum().clamp(min=1)
