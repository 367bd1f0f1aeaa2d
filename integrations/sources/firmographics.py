"""What a vendor knows about companies, from CSV files."""

from integrations.sources.csv_files import CsvSettings, CsvTable
from integrations.sources.fact_rows import FIRMOGRAPHICS
from integrations.sources.values import Clock


class CsvFirmographics(CsvTable):
    """Employees, engineers, public or not, industry, per company and the vendor's date: `firmographics`.

    The usual identity is `domain`, from the company's website in any spelling. Gaps stay gaps.
    """

    def __init__(self, settings: CsvSettings, clock: Clock) -> None:
        super().__init__(settings, FIRMOGRAPHICS, clock)
