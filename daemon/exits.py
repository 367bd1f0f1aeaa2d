"""Exit codes of every command."""

from enum import IntEnum


class Exit(IntEnum):
    """What the shell, cron and systemd see."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    CHANGES_PENDING = 3
    TRY_LATER = 75
    CONFIGURATION = 78
