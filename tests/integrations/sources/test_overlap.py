"""Rows that show late are found, and those known are not given twice."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from integrations.interfaces import Watermark
from integrations.sources.crm_records import CrmSettings
from integrations.sources.fact_rows import Columns
from integrations.sources.maildir import MaildirSettings
from integrations.sources.overlap import Cursor, Overlap, read_cursors, write_cursors
from integrations.sources.sql import SqlSettings

START = datetime(2026, 1, 1, tzinfo=UTC)
LENGTH = timedelta(minutes=10)


def pull(rows: list[int], mark: Watermark, most: int = 1_000) -> tuple[list[int], Watermark]:
    """Up to `most` rows (minutes since START) after a watermark, and the watermark after them."""
    overlap: Overlap[int] = Overlap(LENGTH, read_cursors("s", mark).get("c"))
    there = [(START + timedelta(minutes=row), row, row) for row in sorted(rows)]
    read = [each for each in there if overlap.start is None or each[0] >= overlap.start]
    found = list(islice(overlap.unseen(read), most))
    return found, write_cursors({"c": overlap.cursor()}) if found else mark


def test_a_row_that_shows_late_brings_the_stretch_again() -> None:
    _, mark = pull([0, 20, 25], Watermark())

    found, mark = pull([0, 20, 22, 25], mark)

    assert found == [20, 22, 25]
    assert pull([0, 20, 22, 25], mark)[0] == []


def test_a_row_that_changes_in_the_second_of_the_newest_one_is_not_taken_for_known() -> None:
    """As many rows of the same names, one of them later: the CRM's stamps are whole seconds."""
    newest = START + timedelta(minutes=5)
    before, after = (
        [(at, name, name) for at, name in ((first, "a"), (newest, "b"))] for first in (START, newest)
    )
    overlap: Overlap[str] = Overlap(LENGTH, None)
    assert list(overlap.unseen(before)) == ["a", "b"]

    again: Overlap[str] = Overlap(LENGTH, overlap.cursor())

    assert list(again.unseen(after)) == ["a", "b"]


def test_an_unchanged_stretch_is_passed_over() -> None:
    _, mark = pull([0, 20, 25], Watermark())

    assert pull([0, 20, 25, 26], mark)[0] == [26]
    assert pull([0, 20, 25], mark) == ([], mark)


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9)), max_size=25, unique_by=lambda row: row[0]),
    st.lists(st.integers(1, 4), min_size=1, max_size=30),
)
def test_nothing_is_lost_however_often_it_stops(rows: list[tuple[int, int]], sizes: list[int]) -> None:
    """Rows (minute, minutes late) show within the overlap; pulls stop after any number of rows."""
    landed: set[int] = set()
    mark = Watermark()
    for now in range(75):
        visible = [minute for minute, late in rows if minute + late <= now]
        found, mark = pull(visible, mark, sizes[now % len(sizes)])
        landed |= set(found)
    while found:
        found, mark = pull([minute for minute, _ in rows], mark)
        landed |= set(found)

    assert landed == {minute for minute, _ in rows}


def test_cursors_survive_the_watermark() -> None:
    cursors = {"a": Cursor(START, "1:ff"), "b": Cursor(START + LENGTH, "0:0")}

    assert read_cursors("s", write_cursors(cursors)) == cursors


def test_settings_do_not_show_their_secrets() -> None:
    columns = Columns({"tenant": "t"})
    held = (
        SqlSettings("s", url="postgresql://u:canary@h/d", query=Path("q.sql"), columns=columns),
        MaildirSettings("m", Path("mail"), ("x.example",), {}, b"canary"),
        CrmSettings("c", b"canary"),
    )

    assert not any("canary" in repr(each) for each in held)
