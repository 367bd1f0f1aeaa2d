"""The CRM's sources pass the shared contract, over an org in this process."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from integrations.interfaces import Source, Watermark
from integrations.localorg import LocalOrg
from integrations.sources.crm_feedback import CrmFeedback, FeedbackSettings
from integrations.sources.crm_records import CrmRecords, CrmSettings
from tests.contracts.sources import NOW, SECRET, SourceContract
from tests.integrations.sources.orgs import InProcess

FUTURE_CURSOR = '["2999-12-31T00:00:00+00:00", "1:0"]'


def clock() -> datetime:
    return NOW


class CrmContract(SourceContract):
    """An org in this process."""

    added = 0

    @pytest.fixture(autouse=True)
    def _prepared(self, tmp_path: Path, org_template: Path) -> Iterator[None]:
        self.folder = tmp_path
        shutil.copytree(org_template, tmp_path / "org")
        self.org = LocalOrg.open(tmp_path / "org", now=clock)
        yield
        self.org.close()

    def load(self, name: str, **values: object) -> str:
        """Add a record an hour after the one before."""
        self.added += 1
        at = datetime(2025, 12, 1, tzinfo=UTC) + timedelta(hours=self.added)
        (record,) = self.org.load(name, [values], created_at=lambda _: at)
        return record

    def client(self) -> InProcess:
        return InProcess(self.org, clock, away=(self.folder / "away").exists())

    def take_away(self) -> None:
        (self.folder / "away").touch()


class TestCrmRecords(CrmContract):
    secrets = ("pat@acme.example",)
    region = "Region__c"

    def make(self) -> Source:
        fields = {"tenant": "Description", "region": self.region}
        settings = CrmSettings("crm", SECRET.encode(), account_fields=fields, batch_rows=3)
        return CrmRecords(settings, self.client())

    def fill(self, count: int) -> None:
        for number in range(count):
            account = self.load("Account", Name="Acme", Website=f"www.c{number}.example", Tier__c="Team")
            self.load("Contact", LastName="Pat", Email="pat@acme.example", AccountId=account)
            self.load("Case", AccountId=account)

    def spoil(self) -> None:
        self.load("Account", Name="Too long for a tenant id", Description="x" * 300)

    def add_text(self, text: str) -> None:
        self.load("Account", Name=text, Description=text)

    def drop_column(self) -> str:
        self.region = "Gone__c"
        return self.region

    def add_column(self) -> None:
        pytest.skip("SOQL names the columns")

    def future(self) -> Watermark:
        streams = ("Account", "Contact", "Case", "AccountHistory")
        return Watermark("{" + ", ".join(f'"{name}": {FUTURE_CURSOR}' for name in streams) + "}")


class TestCrmFeedback(CrmContract):
    expert = "Expert_Maturity__c"

    def make(self) -> Source:
        settings = FeedbackSettings("feedback", expert_field=self.expert, batch_rows=3)
        return CrmFeedback(settings, self.client())

    def fill(self, count: int) -> None:
        for _ in range(count):
            self.load(
                "Account", Name="Acme", Maturity_Feedback__c="Rating too low", Expert_Maturity__c="High"
            )

    def spoil(self) -> None:
        pytest.skip("an event has no value that could be bad")

    def add_text(self, text: str) -> None:
        self.load("Account", Name="Acme", Maturity_Feedback__c="Won", Maturity_Feedback_Note__c=text)

    def drop_column(self) -> str:
        self.expert = "Gone__c"
        return self.expert

    def add_column(self) -> None:
        pytest.skip("SOQL names the columns")

    def future(self) -> Watermark:
        return Watermark(f'{{"changed": {FUTURE_CURSOR}}}')
