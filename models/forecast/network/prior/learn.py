"""Trains the networks of the prior on made-up accounts; minutes on one core."""

from datetime import date

from models.forecast.network.batches import Batches
from models.forecast.network.compute import seeded
from models.forecast.network.lstm import Network
from models.forecast.network.prior.made_up import made_up
from models.forecast.network.train import RATE, Progress, trained
from models.forecast.settings import ForecastSettings

WORLDS = 6
ACCOUNTS = 3000
DAYS = 900
STEPS = 3000
FIRST_YEAR = 2014


def learn(seed: int, progress: Progress | None = None) -> Network:
    """One network, taught in turn by worlds that see the day of the year and worlds that do not."""
    settings = ForecastSettings()
    worlds = [
        made_up(ACCOUNTS, DAYS, date(FIRST_YEAR + number, 1 + 5 * number % 12, 1), WORLDS * seed + number)
        for number in range(WORLDS)
    ]
    batches = [
        Batches(world, yearly, settings.horizon_days, settings.batch)
        for yearly in (False, True)
        for world in worlds
    ]
    with seeded(seed) as rng:
        return trained(Network(), batches, STEPS, RATE, rng, progress=progress)
