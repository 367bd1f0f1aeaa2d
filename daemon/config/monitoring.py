"""[monitoring]: how much may differ before somebody is told."""

from pydantic import Field

from daemon.config.table import Table


class MonitoringTable(Table):
    """min_volume_share: of a source's trailing median of rows; fewer is a failure of the source.

    history_runs: of profiles that drift is judged against.
    max_doubtful_share: of ratings that may change, themselves or in their reasons, at once in a run whose
        inputs are in doubt; if more do, all are held back.
    adopt_days: an input that stays changed so long counts as usual, and what is held is let through.
    """

    min_volume_share: float = Field(default=0.1, ge=0, le=1)
    history_runs: int = Field(default=56, ge=2)
    max_doubtful_share: float = Field(default=0.1, ge=0, le=1)
    adopt_days: int = Field(default=7, ge=1)
