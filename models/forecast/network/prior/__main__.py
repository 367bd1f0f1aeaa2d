"""python -m models.forecast.network.prior: train the prior anew and write its file beside this one."""

import sys
from pathlib import Path

from models.forecast.network.compute import computing
from models.forecast.network.prior.learn import STEPS, learn
from models.forecast.network.prior.networks import FILE, SEEDS, to_bytes


def main() -> None:
    """Minutes on one core."""

    def report(done: int, steps: int) -> None:
        if done % (STEPS // 20) == 0:
            sys.stderr.write(f"{done} of {steps} steps\n")

    with computing(1):
        trained = tuple(learn(seed, report) for seed in range(SEEDS))
    Path(__file__).with_name(FILE).write_bytes(to_bytes(trained))


if __name__ == "__main__":
    main()
