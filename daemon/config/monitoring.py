"""[monitoring]: how much may differ before somebody is told."""

from pydantic import Field

from daemon.config.table import Table


class MonitoringTable(Table):
    """min_volume_share: of a source's trailing median of rows; fewer is a failure of the source.

    history_runs: of profiles that drift is judged against.
    """

    min_volume_share: float = Field(default=0.1, ge=0, le=1)
    history_runs: int = Field(default=56, ge=2)
