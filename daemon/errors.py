"""Errors of the daemon itself; those of other systems and of computations are in their packages.

DaemonError
├── ConfigError      config.toml is wrong; lists every problem with its key
├── StateError       the state cannot be opened, or belongs to a newer program
├── LakeError        landed rows do not fit their fact, a landed file is missing, or nothing has landed
├── StateLost        the state's database is gone, or another holds it too long; try again
├── LeaseLost        another daemon has taken over; this one writes nothing more
├── VersionError     there is no such model version, or it cannot be used as asked
├── StepFailed       a step of the cycle cannot be done; names the step and why
└── Stopped          the process was asked to stop; what is done stays, the rest is resumed
"""


class DaemonError(Exception):
    """The daemon cannot go on with what it was asked to do."""


class ConfigError(DaemonError):
    """config.toml is wrong."""


class StateError(DaemonError):
    """The state cannot be opened or belongs to a newer program."""


class StateLost(DaemonError):
    """The state's database does not answer."""


class LakeError(DaemonError):
    """Landed rows do not fit their fact, a landed file is missing, or nothing has landed."""


class LeaseLost(DaemonError):
    """Another daemon has taken over."""


class VersionError(DaemonError):
    """There is no such model version, or it cannot be used as asked."""


class StepFailed(DaemonError):
    """A step of the cycle cannot be done."""


class Stopped(DaemonError):
    """The process was asked to stop."""
