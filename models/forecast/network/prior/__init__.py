"""What a network knows of daily usage before it has seen any: trained on made-up accounts, kept as a file.

A few series say nothing of how far a trend goes on, or that a week's dip passes; thousands of made-up ones
with weeks, seasons, levels, holidays and noise of every size do. `fit` starts there instead of from chance.
`python -m models.forecast.network.prior` makes the file anew.
"""

from models.forecast.network.prior.networks import networks

__all__ = ["networks"]
