"""`make demo`: play the story on config.toml as shipped, print the results, leave the org up if asked."""

import argparse
import os
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

from daemon import logs
from demo.picture import take_picture
from demo.story import say, told
from demo.table import print_results
from demo.world.records import Rule

CONFIG = Path("config.toml")
FOLDER = Path("var/demo")


def main() -> None:
    """The world ends yesterday, so that both slots of its last day have passed."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave the org up until Ctrl-C")
    parser.add_argument("--picture", type=Path, metavar="FOLDER", help="take pictures of the record page")
    parser.add_argument("--rule", choices=get_args(Rule), default="linear", help="what maturity is made of")
    given = parser.parse_args()
    (FOLDER.parent).mkdir(exist_ok=True)
    with (FOLDER.parent / "demo.log").open("w", encoding="utf-8") as log:
        logs.set_up(sys.stderr if os.environ.get("VERBOSE") else log)
        yesterday = datetime.now(UTC).date() - timedelta(days=1)  # noqa: TID251 - a person runs the demo now
        with told(FOLDER, CONFIG, yesterday, given.rule) as (stage, story):
            print_results(stage, story)
            if given.picture:
                take_picture(stage, given.picture)
            if given.keep:
                say("the org stays up; Ctrl-C ends it")
                _until_interrupted()
    failed = [run for run in (story.morning, story.noon) if run.state != "done"]
    sys.exit(1 if failed else 0)


def _until_interrupted() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        say("bye")


if __name__ == "__main__":
    main()
