"""What is claimed about speed, measured on this machine: `make bench`.

The others measure quality and take a folder: each file's first lines say how.
"""

import subprocess
import sys

SPEED = ("lake", "features", "retrain", "explain", "select")


def main() -> None:
    """Run each in a process of its own, so that none profits from another's warm-up."""
    for name in SPEED:
        print(f"\n--- {name}", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=True)


if __name__ == "__main__":
    main()
