"""Usage and activity from CSV files."""

from integrations.sources.csv_files import CsvSettings, CsvTable
from integrations.sources.fact_rows import USAGE, activity
from integrations.sources.values import Clock


class CsvUsage(CsvTable):
    """Daily usage from CSV: `usage_daily`."""

    def __init__(self, settings: CsvSettings, clock: Clock) -> None:
        super().__init__(settings, USAGE, clock)


class CsvActivity(CsvTable):
    """Visits, events, trainings, tickets and surveys from CSV: `activity`."""

    def __init__(self, settings: CsvSettings, clock: Clock) -> None:
        super().__init__(settings, activity(settings.kinds), clock)
