"""Which release of the program this is."""

from importlib.metadata import version


def this_release() -> str:
    """As the package is named: what was computed by another may mean something else."""
    return version("maturityd")
