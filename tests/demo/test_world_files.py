"""A written world: the same bytes each time, in instalments or at once, hostile where life is."""

import csv
import email
import hashlib
import json
import mailbox
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from demo.world import World, tiny, write

TODAY = date(2026, 11, 23)
MORNING, MIDDAY, NIGHT = (datetime(2026, 11, 23, hour, tzinfo=UTC) for hour in (4, 11, 23))


@pytest.fixture(scope="module")
def world() -> World:
    return tiny(5, TODAY)


@pytest.fixture(scope="module")
def folder(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("world")
    write(world, path, NIGHT)
    return path


def files(folder: Path) -> dict[str, str]:
    """SHA-256 of every file by its path."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def rows(folder: Path, table: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "warehouse.db")) as db:
        return db.execute(f"SELECT * FROM {table} ORDER BY rowid").fetchall()  # noqa: S608 our own table


def messages(folder: Path) -> list[EmailMessage]:
    paths = sorted(path for part in ("new", "cur") for path in (folder / "mail" / part).iterdir())
    return [email.message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain", "html"))
    assert isinstance(body, EmailMessage)
    return str(body.get_content())


def test_equal_arguments_write_equal_bytes(folder: Path, tmp_path: Path) -> None:
    write(tiny(5, TODAY), tmp_path, NIGHT)

    assert files(tmp_path) == files(folder)


def test_another_seed_writes_other_bytes(folder: Path, tmp_path: Path) -> None:
    write(tiny(6, TODAY), tmp_path, NIGHT)

    assert files(tmp_path)["warehouse.db"] != files(folder)["warehouse.db"]
    assert files(tmp_path)["truth.json"] != files(folder)["truth.json"]


def test_instalments_hold_the_same_as_one_write(world: World, folder: Path, tmp_path: Path) -> None:
    for until in (MORNING - timedelta(days=60), MORNING, MIDDAY, MIDDAY, NIGHT):
        write(world, tmp_path, until)

    for table in ("product_usage", "customer_activity"):
        assert rows(tmp_path, table) == rows(folder, table)
    any_bytes = {"warehouse.db": ""}
    assert files(tmp_path) | any_bytes == files(folder) | any_bytes


def test_nothing_is_written_before_it_is_published(world: World, tmp_path: Path) -> None:
    write(world, tmp_path, MORNING)

    newest = max(
        str(row[-1]) for row in rows(tmp_path, "product_usage") + rows(tmp_path, "customer_activity")
    )
    delivered = [path.stat().st_mtime for path in (tmp_path / "mail").rglob("*.mail*")]
    assert datetime.fromisoformat(newest) <= MORNING
    assert max(delivered) <= MORNING.timestamp()


def test_the_morning_of_the_last_day_brings_usage_activity_and_mails(world: World, tmp_path: Path) -> None:
    write(world, tmp_path, MORNING)
    before = {table: len(rows(tmp_path, table)) for table in ("product_usage", "customer_activity")}
    mails = len(messages(tmp_path))

    write(world, tmp_path, MIDDAY)

    assert all(len(rows(tmp_path, table)) > count for table, count in before.items())
    assert len(messages(tmp_path)) > mails


def test_a_later_csv_begins_with_the_earlier_one(world: World, folder: Path, tmp_path: Path) -> None:
    write(world, tmp_path, MORNING - timedelta(days=90))

    earlier, later = ((each / "firmographics.csv").read_bytes() for each in (tmp_path, folder))
    assert len(earlier) < len(later)
    assert later.startswith(earlier)


def test_mails_are_mime_that_other_programs_read(world: World, folder: Path) -> None:
    with closing(mailbox.Maildir(folder / "mail", create=False)) as box:
        assert len(box) == sum(mail.at <= NIGHT for mail in world.mails)

    read = [message for message in messages(folder) if "broken" not in str(message["Message-ID"])]
    kinds = Counter(message.get_content_type() for message in read)
    assert set(kinds) == {"text/plain", "text/html", "multipart/alternative"}
    assert {"quoted-printable", "base64"} <= {
        part["Content-Transfer-Encoding"] for message in read for part in message.walk()
    }
    assert sum(text_of(message) != "" for message in read) == len(read)


def test_replies_point_to_mails_that_exist(folder: Path) -> None:
    read = messages(folder)

    ids = {message["Message-ID"] for message in read}
    answers = [message["In-Reply-To"] for message in read if message["In-Reply-To"]]
    assert len(answers) > 50
    assert set(answers) <= ids


def test_mailboxes_hold_what_mailboxes_hold(folder: Path) -> None:
    """Quoted replies, auto-replies, other languages, mails delivered twice, without id, without a date."""
    read = messages(folder)

    texts = "\n".join(text_of(message) for message in read)
    ids = Counter(message["Message-ID"] for message in read)
    assert any(line.startswith("> ") for line in texts.splitlines())
    assert any(message["Auto-Submitted"] == "auto-replied" for message in read)
    assert len({message["Content-Language"] for message in read}) > 1
    assert "need high availability" in texts
    assert max(ids.values()) > 1
    assert any(message["Message-ID"] is None for message in read)
    assert any(message["Date"].datetime is None for message in read)


def test_hostile_content_is_in_names_mails_cases_and_files(world: World, folder: Path) -> None:
    names = [account.name for account in world.accounts]
    subjects = "\n".join(str(message["Subject"]) for message in messages(folder))
    listed = (folder / "firmographics.csv").read_text(encoding="utf-8")

    for hostile in ("<b>Bold & Sons</b>", "O'Neil \\ Partners", '=HYPERLINK("http://prize.example","Click")'):
        assert hostile in names
    assert any("\u0590" < char < "\u0700" for name in names for char in name)
    assert any(char > "\U0001f300" for name in names for char in name)
    assert 250 < max(map(len, names)) <= 255
    assert all(part in subjects for part in ("<script>", "=HYPERLINK", "🚀", "שאלה"))
    assert any("onerror" in case.subject for case in world.cases)
    assert "n/a (see =SUM" in listed


def test_the_vendor_file_has_gaps_and_several_dates_per_company(folder: Path) -> None:
    with (folder / "firmographics.csv").open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))

    companies = Counter(row["website"] for row in listed)
    assert max(companies.values()) > 1
    for column in ("employees", "devops_engineers", "public", "industry"):
        assert 0 < sum(not row[column] for row in listed) < len(listed)


def test_truth_names_levels_drivers_and_events_of_every_account(world: World, folder: Path) -> None:
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))

    assert [each["account_id"] for each in truth["accounts"]] == [account.id for account in world.accounts]
    for each in truth["accounts"]:
        assert len(each["levels"]) == len(each["drivers"]) == len(truth["months"])
    event = next(event for each in truth["accounts"] for event in each["events"])
    assert set(event) == {"kind", "start", "days", "size"}


def test_a_person_can_write_a_world_from_the_shell(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "demo.world", "--out", str(tmp_path), "--today", "2026-11-23"]

    subprocess.run([*command, "--accounts", "12", "--days", "120", "--rule", "thresholds"], check=True)

    assert rows(tmp_path, "product_usage")
    assert json.loads((tmp_path / "truth.json").read_text())["rule"] == "thresholds"
