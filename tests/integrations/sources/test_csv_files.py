"""CSV as people and exporters write it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.errors import SetupError
from integrations.interfaces import Batch, Watermark
from integrations.sources.csv_files import CsvSettings
from integrations.sources.csv_tables import CsvUsage
from integrations.sources.fact_rows import Columns

NOW = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
HEADER = "tenant,day,events"


def source(path: Path, **more: Any) -> CsvUsage:
    return CsvUsage(CsvSettings("usage", path, Columns({"tenant": "tenant"}), **more), lambda: NOW)


def pull(path: Path, since: Watermark = Watermark(), **more: Any) -> list[Batch]:  # noqa: B008 - frozen
    return list(source(path, **more).pull(since))


def events(batches: list[Batch]) -> list[float]:
    return [row["events"] for batch in batches for row in batch.rows.to_pylist()]


def reasons(batches: list[Batch]) -> list[str]:
    return [f"{row.row}: {row.reason}" for batch in batches for row in batch.rejected]


def lines(count: int, start: int = 0) -> str:
    return "".join(
        f"t,2025-{n // 28 % 12 + 1:02d}-{n % 28 + 1:02d},{n}\n" for n in range(start, start + count)
    )


@pytest.mark.parametrize(
    "content",
    [
        b"tenant,day,events\nt,2026-01-01,1.5\n",
        b"tenant;day;events\r\nt;2026-01-01;1.5\r\n",
        b"tenant\tday\tevents\nt\t2026-01-01\t1.5",
        "\ufefftenant|day|events\nt|2026-01-01|1.5\n".encode(),
        "tenant,day,events\nt,2026-01-01,1.5\n".encode("utf-16"),
        b'"tenant", day ,"events"\n"t","2026-01-01","1.5"\n\n',
    ],
)
def test_delimiter_quotes_and_byte_order_marks_are_recognised(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "u.csv").write_bytes(content)

    assert events(pull(tmp_path)) == [1.5]


def test_windows_letters_are_read_where_it_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "u.csv").write_bytes("tenant,day,events\nMüller,2026-01-01,1\n".encode("cp1252"))

    assert pull(tmp_path)[0].rows["identity"].to_pylist() == ["tenant:Müller"]


def test_foreign_numbers_and_dates_are_read_as_configured(tmp_path: Path) -> None:
    (tmp_path / "u.csv").write_text('tenant;day;events\nt;24.12.2025;"1.234,56"\n')

    assert events(pull(tmp_path, date_format="%d.%m.%Y", decimal=",")) == [1234.56]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("t,2026-01-01", "line 3 of u.csv: it has 2 columns, the header 3"),
        ("t,2026-01-01,1,2", "line 3 of u.csv: it has 4 columns, the header 3"),
        ("t,45992,1", "line 3 of u.csv: day is '45992', not a date in ISO 8601"),
        ('t,2026-01-01,"1.234,56"', "line 3 of u.csv: events is '1.234,56', not a number"),
        ("t,2026-01-01,nan", "line 3 of u.csv: events is nan, not a number"),
        ("t,2026-01-01,1_000", "line 3 of u.csv: events is '1_000', not a number"),
        (",2026-01-01,1", "line 3 of u.csv: no identity given"),
        ("t,9999-12-31,1", "line 3 of u.csv: day is in the future (9999-12-31)"),
        ("t,pat@acme.example,1", "line 3 of u.csv: day is a text with an @, not a date in ISO 8601"),
    ],
)
def test_a_bad_line_is_named_with_its_reason(tmp_path: Path, line: str, reason: str) -> None:
    (tmp_path / "u.csv").write_text(f"{HEADER}\nt,2026-01-01,1\n{line}\nt,2026-01-02,2\n")

    batches = pull(tmp_path)

    assert events(batches) == [1, 2]
    assert reasons(batches) == [reason]


def test_a_file_with_many_bad_rows_is_refused_whole_and_the_others_go_on(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"{HEADER}\n{lines(90)}" + "t,soon,1\n" * 10)
    (tmp_path / "b.csv").write_text(f"{HEADER}\n{lines(2)}")

    batches = pull(tmp_path)

    assert events(batches) == [0, 1]
    assert reasons(batches) == [
        "a.csv: the whole file is refused: 10 of 100 rows are bad, first line 92 of a.csv: "
        "day is 'soon', not a date in ISO 8601"
    ]
    assert pull(tmp_path, batches[-1].watermark) == []


def test_a_quote_that_never_closes_refuses_the_file(tmp_path: Path) -> None:
    (tmp_path / "u.csv").write_text(f'{HEADER}\nt,2026-01-01,1\n"t,2026-01-02,2\nt,2026-01-03,3\n')

    batches = pull(tmp_path)

    assert events(batches) == []
    assert "not CSV to its end" in reasons(batches)[0]


def test_a_header_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "u.csv").write_text("tenant,day,events,day\n")

    with pytest.raises(SetupError, match=r"u\.csv: column 'day' is there twice"):
        pull(tmp_path)


def test_an_empty_file_is_still_to_be_written(tmp_path: Path) -> None:
    (tmp_path / "u.csv").touch()

    assert pull(tmp_path) == []


def test_a_file_that_grows_meanwhile_is_left_for_the_next_time(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"{HEADER}\n{lines(2)}")
    (tmp_path / "b.csv").write_text(f"{HEADER}\n{lines(2, 2)}")
    batches = source(tmp_path).pull(Watermark())
    first = next(batches)
    with (tmp_path / "b.csv").open("a") as stream:
        stream.write(lines(1, 4))

    assert list(batches) == []
    assert events(pull(tmp_path, first.watermark)) == [2, 3, 4]


def test_an_appended_file_is_read_again_and_an_untouched_one_is_not(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"{HEADER}\n{lines(2)}")
    (tmp_path / "b.csv").write_text(f"{HEADER}\n{lines(2, 2)}")
    last = pull(tmp_path)[-1].watermark
    with (tmp_path / "b.csv").open("a") as stream:
        stream.write(lines(1, 4))

    assert events(pull(tmp_path, last)) == [2, 3, 4]


def test_a_single_file_will_do(tmp_path: Path) -> None:
    (tmp_path / "u.csv").write_text(f"{HEADER}\n{lines(1)}")

    assert events(pull(tmp_path / "u.csv")) == [0]


def test_a_watermark_stays_small_over_many_files(tmp_path: Path) -> None:
    for number in range(400):
        (tmp_path / f"{number:04d}.csv").write_text(f"{HEADER}\n{lines(1, number)}")
    last = pull(tmp_path)[-1].watermark
    (tmp_path / "0400.csv").write_text(f"{HEADER}\n{lines(1, 400)}")

    assert len(last.value or "") < 4_000
    assert events(pull(tmp_path, last)) == [400]
    (tmp_path / "0007.csv").write_text(f"{HEADER}\n{lines(1, 777)}")
    assert 777 in events(pull(tmp_path, last))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_bytes_break_the_reading_or_shift_a_column(tmp_path: Path, data: st.DataObject) -> None:
    """Whatever is written over a good file: no crash, and each row that is read was written so."""
    good = f"{HEADER}\n{lines(20)}".encode()
    at = data.draw(st.integers(len(HEADER) + 1, len(good)))
    noise = data.draw(st.binary(max_size=12))
    (tmp_path / "u.csv").write_bytes(good[:at] + noise + good[at + len(noise) // 2 :])

    for batch in pull(tmp_path):
        for row in batch.rows.to_pylist():
            assert row["events"] is None or row["events"] >= 0
            assert 1990 <= row["day"].year <= 2026
