"""Tables as files hold them: separators, encodings, quotes, gzip, Parquet."""

import gzip
import io

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import TableError
from models.reading.parse import parse

ROWS = [["name", "größe", "level"], ["Müller; Söhne", "1,5", "low"], ["a\tb | c, d", "", "high"]]
CELLS = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00\r\ufeff", exclude_categories=["Cs"]), max_size=8
)


def written(rows: list[list[str]], separator: str) -> str:
    return "".join(
        separator.join('"' + cell.replace('"', '""') + '"' for cell in row) + "\r\n" for row in rows
    )


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_separators_and_encodings_are_recognised(separator, encoding):
    cells = parse(written(ROWS, separator).encode(encoding), "t.csv")

    assert list(cells.frame.columns) == ROWS[0]
    assert cells.frame.to_numpy().tolist() == ROWS[1:]


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_quoted_cells_of_any_text_come_back(rows):
    kept = [row for row in rows if any(cell for cell in row)]

    cells = parse(written([["a", "b", "c"], ["x", "y", "z"], *kept], ",").encode(), "t.csv")

    assert cells.frame.to_numpy().tolist() == [["x", "y", "z"], *([c.strip() for c in row] for row in kept)]


def test_a_place_is_the_line_an_editor_shows_though_quoted_cells_hold_newlines():
    cells = parse(b'a,b\n"one\ntwo",1\n\nthree,2\n', "t.csv")

    assert [cells.place(row) for row in (0, 1)] == ["line 2", "line 5"]


def test_gzip_is_opened():
    assert parse(gzip.compress(b"a;b\n1;2\n"), "t.csv.gz").described == "UTF-8, semicolon separated"


def test_parquet_is_read():
    buffer = io.BytesIO()
    pd.DataFrame({"x": [1.5, None], "y": ["a", "b"]}).to_parquet(buffer)

    assert parse(buffer.getvalue(), "t.parquet").frame["y"].tolist() == ["a", "b"]


def test_excels_line_about_the_separator_is_heeded():
    assert list(parse(b"sep=|\na|b,c\n1|2\n", "t.csv").frame.columns) == ["a", "b,c"]


def test_empty_and_repeated_column_names_are_told_apart():
    assert list(parse(b"a,,a\n1,2,3\n", "t.csv").frame.columns) == ["a", "column 2", "a (2)"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "t.csv is empty"),
        (b"a,b\n", "no rows"),
        (b"a\n1\n2\n", "t.csv has one column"),
        (b"a,b\n1,2\n1,2,3\n", "t.csv, line 3: 3 fields, but 2 column names"),
        (gzip.compress(b"a,b\n1,2\n" * 50, mtime=0)[:-9], "gzip archive is damaged"),
        (b"PAR1 and nothing", "Parquet file cannot be read"),
        (b"PK\x03\x04 a workbook", "save the sheet as CSV"),
        (b"\xff\xfea", "save it again as UTF-8"),
        (b'a,b\n1,2\n3,"4\n5,6\n', "t.csv, line 3: a quote is opened and never closed"),
    ],
)
def test_what_is_no_table_is_refused_with_the_way_out(data, said):
    with pytest.raises(TableError, match=said):
        parse(data, "t.csv")
