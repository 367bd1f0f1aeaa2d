"""Every source of rows and mails passes the shared contract; those of the CRM are in test_contracts_crm."""

import csv
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from integrations.interfaces import Source, Watermark
from integrations.sources.csv_files import CsvSettings
from integrations.sources.csv_tables import CsvActivity, CsvUsage
from integrations.sources.fact_rows import Columns
from integrations.sources.firmographics import CsvFirmographics
from integrations.sources.maildir import MaildirEmail, MaildirSettings
from integrations.sources.sql import SqlActivity, SqlSettings, SqlUsage
from tests.contracts.sources import NOW, SECRET, SourceContract

FUTURE_CURSOR = '["2999-12-31T00:00:00+00:00", "1:0"]'
USAGE_NAMES = {"day": "usage_date", "events": "event_count", "users": "active_users"}
ACTIVITY_NAMES = {"event_at": "happened_at", "value": "amount"}
QUERIES = Path(__file__).parents[3] / "queries"


def clock() -> datetime:
    return NOW


class SqlContract(SourceContract):
    """A warehouse in SQLite, with the query that the project ships."""

    table: str
    columns: str
    query: str

    def settings(self, columns: Columns) -> SqlSettings:
        return SqlSettings(
            name="warehouse",
            url=f"sqlite:///{self.folder / 'warehouse.db'}",
            query=self.folder / "query.sql",
            columns=columns,
            batch_rows=3,
            overlap=timedelta(minutes=30),
        )

    def run(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self.folder / "warehouse.db")) as db, db:
            db.execute(statement, values)

    def prepare(self) -> None:
        shutil.copy(QUERIES / self.query, self.folder / "query.sql")
        self.run(f"CREATE TABLE {self.table} ({self.columns})")

    def rows(self) -> int:
        with closing(sqlite3.connect(self.folder / "warehouse.db")) as db:
            (count,) = db.execute(f"SELECT count(*) FROM {self.table}").fetchone()  # noqa: S608
        return int(count)

    def insert(self, **values: object) -> None:
        marks = ", ".join("?" * len(values))
        self.run(f"INSERT INTO {self.table} ({', '.join(values)}) VALUES ({marks})", *values.values())  # noqa: S608

    def loaded_at(self) -> str:
        return (NOW - timedelta(days=100) + timedelta(hours=self.rows())).isoformat()

    def add_column(self) -> None:
        self.run(f"ALTER TABLE {self.table} ADD COLUMN extra TEXT DEFAULT 'x'")
        query = (self.folder / "query.sql").read_text()
        (self.folder / "query.sql").write_text(query.replace("loaded_at\nFROM", "loaded_at, extra\nFROM"))
        self.fill(1)

    def take_away(self) -> None:
        (self.folder / "warehouse.db").unlink()

    def future(self) -> Watermark:
        return Watermark(f'{{"loaded_at": {FUTURE_CURSOR}}}')


class TestSqlUsage(SqlContract):
    table, query = "product_usage", "usage_daily.sql"
    columns = "tenant_id, usage_date, technology, event_count, active_users, repositories, loaded_at"

    def make(self) -> Source:
        return SqlUsage(self.settings(Columns({"tenant": "tenant_id"}, USAGE_NAMES)), clock)

    def add(self, **values: object) -> None:
        row = {"tenant_id": "t1", "technology": "docker", "event_count": 5.0, "active_users": None}
        day = f"{NOW - timedelta(days=200 - self.rows()):%Y-%m-%d}"
        self.insert(**row | {"usage_date": day, "loaded_at": self.loaded_at()} | values)

    def fill(self, count: int) -> None:
        for _ in range(count):
            self.add()

    def spoil(self) -> None:
        self.add(event_count=-3.0)

    def add_text(self, text: str) -> None:
        self.add(technology=text, tenant_id=text)

    def drop_column(self) -> str:
        query = (self.folder / "query.sql").read_text()
        (self.folder / "query.sql").write_text(query.replace("    usage_date,", "    usage_date AS date,"))
        return "usage_date"


class TestSqlActivity(SqlContract):
    table, query = "customer_activity", "activity.sql"
    columns = "activity_id, tenant_id, company_domain, happened_at, kind, amount, loaded_at"

    def make(self) -> Source:
        columns = Columns({"tenant": "tenant_id", "domain": "company_domain"}, ACTIVITY_NAMES)
        return SqlActivity(self.settings(columns), clock)

    def add(self, **values: object) -> None:
        number = self.rows()
        row = {
            "activity_id": f"a{number}",
            "company_domain": "https://www.Müller.example",
            "happened_at": (NOW - timedelta(days=100 - number)).isoformat(),
            "kind": "webinar",
            "amount": 2.0,
            "loaded_at": self.loaded_at(),
        }
        self.insert(**row | values)

    def fill(self, count: int) -> None:
        for _ in range(count):
            self.add()

    def spoil(self) -> None:
        self.add(kind="sabotage")

    def add_text(self, text: str) -> None:
        self.add(activity_id=text, tenant_id=text)

    def drop_column(self) -> str:
        query = (self.folder / "query.sql").read_text()
        (self.folder / "query.sql").write_text(query.replace("    kind,", "    kind AS sort,"))
        return "kind"


class CsvContract(SourceContract):
    """A folder of CSV files, one per call of `fill`."""

    header: tuple[str, ...]
    secrets = ()

    def settings(self, columns: Columns) -> CsvSettings:
        return CsvSettings("files", self.folder, columns, batch_rows=3)

    def row(self, number: int) -> list[object]:
        raise NotImplementedError

    def bad_row(self) -> list[object]:
        raise NotImplementedError

    def write(self, rows: list[list[object]], header: tuple[str, ...] | None = None) -> None:
        number = len(list(self.folder.glob("*.csv")))
        with (self.folder / f"part-{number:03d}.csv").open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows([list(header or self.header), *rows])

    def numbers(self, count: int) -> range:
        done = sum(len(path.read_bytes().splitlines()) - 1 for path in self.folder.glob("*.csv"))
        return range(done, done + count)

    def prepare(self) -> None:
        """Nothing lies there yet."""

    def fill(self, count: int) -> None:
        self.write([self.row(number) for number in self.numbers(count)])

    def spoil(self) -> None:
        self.write([self.bad_row()])

    def drop_column(self) -> str:
        self.write([], ("other", *self.header[1:]))
        return self.header[0]

    def add_column(self) -> None:
        (number,) = self.numbers(1)
        self.write([[*self.row(number), "x"]], (*self.header, "extra"))

    def take_away(self) -> None:
        shutil.rmtree(self.folder)

    def future(self) -> Watermark:
        pytest.skip("a file has been read or not; there is no time in it")


class TestCsvUsage(CsvContract):
    header = ("tenant_id", "day", "technology", "events", "users", "repositories")

    def make(self) -> Source:
        return CsvUsage(self.settings(Columns({"tenant": "tenant_id"})), clock)

    def row(self, number: int) -> list[object]:
        return ["t1", f"{NOW - timedelta(days=100 - number):%Y-%m-%d}", "docker", 5.5, "", 2]

    def bad_row(self) -> list[object]:
        return ["t1", "31.02.2026", "docker", 5, "", ""]

    def add_text(self, text: str) -> None:
        self.write([[text, "2025-01-01", text, 1, "", ""]])


class TestCsvActivity(CsvContract):
    header = ("activity_id", "event_at", "kind", "value", "tenant_id", "company_domain")

    def make(self) -> Source:
        columns = Columns({"tenant": "tenant_id", "domain": "company_domain"})
        return CsvActivity(self.settings(columns), clock)

    def row(self, number: int) -> list[object]:
        return [
            f"a{number}",
            (NOW - timedelta(days=50 - number)).isoformat(),
            "survey",
            9,
            "",
            "acme.example",
        ]

    def bad_row(self) -> list[object]:
        return ["bad", NOW.isoformat(), "survey", 11, "t", ""]

    def add_text(self, text: str) -> None:
        self.write([[text, NOW.isoformat(), "event", 1, text, ""]])


class TestCsvFirmographics(CsvContract):
    header = ("website", "as_of", "employees", "devops_engineers", "public", "industry")

    def make(self) -> Source:
        names = {"event_at": "as_of", "is_public": "public"}
        return CsvFirmographics(self.settings(Columns({"domain": "website"}, names)), clock)

    def row(self, number: int) -> list[object]:
        return [
            f"http://www.c{number}.example/",
            "2025-06-01",
            100,
            "",
            ("yes", "0", "")[number % 3],
            "Banking",
        ]

    def bad_row(self) -> list[object]:
        return ["no domain at all", "2025-06-01", 1, 1, "yes", ""]

    def add_text(self, text: str) -> None:
        self.write([["hostile.example", "2025-06-01", 1, 1, "yes", text]])


class TestMaildirEmail(SourceContract):
    secrets = ("pat@acme.example", "pat@", "We plan for high availability", "Roadmap of Acme")

    def make(self) -> Source:
        topics = {"high_availability": ("high availability",)}
        settings = MaildirSettings(
            "mail", self.folder, ("northwind-tools.example",), topics, SECRET.encode(), batch_rows=3
        )
        return MaildirEmail(settings, clock)

    def prepare(self) -> None:
        for name in ("cur", "new", "tmp"):
            (self.folder / name).mkdir()

    def deliver(self, content: bytes) -> None:
        number = len(list((self.folder / "new").iterdir()))
        (self.folder / "new" / f"{1_700_000_000 + number}.m{number}.host").write_bytes(content)

    def mail(self, number: int, text: str, subject: str = "Roadmap of Acme") -> bytes:
        message = EmailMessage()
        message["From"], message["To"] = "Pat <pat@acme.example>", "rosa@northwind-tools.example"
        message["Subject"] = subject
        message["Message-ID"] = f"<m{number}@acme.example>"
        message["Date"] = f"Mon, {number % 27 + 1:02d} Dec 2025 10:00:00 +0100"
        message.set_content(text)
        return message.as_bytes()

    def fill(self, count: int) -> None:
        for _ in range(count):
            number = len(list((self.folder / "new").iterdir()))
            self.deliver(self.mail(number, "Hi,\n\nWe plan for high availability.\n"))

    def spoil(self) -> None:
        self.deliver(b"From: <>\nSubject: x\n\nno sender")

    def add_text(self, text: str) -> None:
        headers = b"From: Pat <pat@acme.example>\nMessage-ID: <h@acme.example>\nSubject: "
        raw = text.encode("utf-8", "surrogatepass")
        self.deliver(headers + raw + b"\nContent-Type: text/plain; charset=utf-8\n\n" + raw)

    def drop_column(self) -> str:
        pytest.skip("a mail has no columns")

    def add_column(self) -> None:
        pytest.skip("a mail has no columns")

    def take_away(self) -> None:
        shutil.rmtree(self.folder)

    def future(self) -> Watermark:
        return Watermark(f'{{"arrived": {FUTURE_CURSOR}}}')
