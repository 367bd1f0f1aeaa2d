"""Writes a world to a folder, for a person to look at: `python -m demo.world --help`."""

import argparse
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import get_args

from demo.world.generate import generate
from demo.world.records import Rule
from demo.world.write import write


def main() -> None:
    """Write everything that is published by the end of `--today`."""
    parser = argparse.ArgumentParser(prog="python -m demo.world", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--today", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
    parser.add_argument("--rule", choices=get_args(Rule), default="linear")
    parser.add_argument("--accounts", type=int, default=600)
    parser.add_argument("--days", type=int, default=730)
    given = parser.parse_args()
    world = generate(given.seed, given.today, given.rule, given.accounts, given.days)
    write(world, given.out, datetime.combine(given.today, time.min, UTC) + timedelta(days=1))


if __name__ == "__main__":
    main()
