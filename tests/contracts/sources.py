"""What every source must do: subclass `SourceContract`, say how the source is filled, and inherit the tests.

class TestCsvUsage(SourceContract):
    def make(self, folder): return CsvUsage(...)
    def fill(self, folder, count): ...
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from daemon.lake.facts import FACTS, checked
from integrations.errors import Retryable, SetupError
from integrations.interfaces import Batch, Source, Watermark

NOW = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
SECRET = "s3cret-canary-value"

HOSTILE = (
    'O\'Neil "&" Søns; DROP TABLE accounts --',
    "<script>alert(1)</script>",
    '=HYPERLINK("http://prize.example","x")',
    "שלום \u202eevil\u202c",
    "🚀 emoji \U0001f9d1\u200d\U0001f4bb",
    "nul \x00 byte",
)
"""Texts that break what is careless."""

Found = Counter[tuple[object, ...]]


class SourceContract:
    """The hooks, then the tests. A hook may call `pytest.skip` where a source has no such thing.

    The hooks are not abstract methods: pytest leaves out a class that lacks one without a word, and here
    its tests fail instead.
    """

    secrets: Sequence[str] = ()
    """Texts from the settings or the data that must never come out."""

    def make(self) -> Source:
        """The source over what lies in `self.folder`, with batches of a few rows and NOW as its clock."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Make the system, with nothing in it."""
        raise NotImplementedError

    def fill(self, count: int) -> None:
        """Add `count` good rows, later than all before; each gives one row of the source's main fact."""
        raise NotImplementedError

    def spoil(self) -> None:
        """Add one row that cannot be read."""
        raise NotImplementedError

    def add_text(self, text: str) -> None:
        """Add a row that holds the text wherever the source takes text."""
        raise NotImplementedError

    def drop_column(self) -> str:
        """Rename a column that the source needs; its old name."""
        raise NotImplementedError

    def add_column(self) -> None:
        """Add a column that the source does not know, and a row that has it."""
        raise NotImplementedError

    def take_away(self) -> None:
        """Let the system not be there."""
        raise NotImplementedError

    def future(self) -> Watermark:
        """A watermark far ahead of everything."""
        raise NotImplementedError

    @pytest.fixture(autouse=True)
    def _prepared(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "source"
        self.folder.mkdir()
        self.prepare()

    def pull(self, since: Watermark = Watermark()) -> list[Batch]:  # noqa: B008 - frozen
        return list(self.make().pull(since))

    # --- the tests ----------------------------------------------------------------------------------

    def test_starts_from_nothing(self) -> None:
        self.fill(7)

        batches = self.pull()

        assert main_rows(batches) == 7
        assert batches[-1].watermark.value is not None

    def test_gives_rows_that_the_lake_takes(self) -> None:
        self.fill(7)

        for batch in self.pull():
            checked(batch, "contract")
            assert len(batch.watermark.value or "") <= 4_000

    def test_repeats_itself(self) -> None:
        self.fill(7)

        assert rows_of(self.pull()) == rows_of(self.pull())

    def test_resumes_from_every_watermark_without_a_gap(self) -> None:
        self.fill(7)
        batches = self.pull()
        whole = set(rows_of(batches))

        assert len(batches) > 1
        for at, batch in enumerate(batches):
            rest = self.pull(batch.watermark)
            assert set(rows_of(batches[: at + 1])) | set(rows_of(rest)) == whole

    def test_has_nothing_new_after_its_last_watermark(self) -> None:
        self.fill(7)
        last = self.pull()[-1].watermark

        assert rows_of(self.pull(last)) == Counter()

    def test_gives_what_came_since(self) -> None:
        self.fill(4)
        first = self.pull()
        self.fill(3)

        rest = self.pull(first[-1].watermark)

        assert set(rows_of(first)) | set(rows_of(rest)) == set(rows_of(self.pull()))
        assert main_rows(rest) >= 3

    def test_an_empty_source_is_no_error(self) -> None:
        assert rows_of(self.pull()) == Counter()

    def test_a_future_watermark_gives_nothing(self) -> None:
        future = self.future()
        self.fill(3)

        assert rows_of(self.pull(future)) == Counter()

    def test_a_foreign_watermark_is_refused_with_the_way_out(self) -> None:
        self.fill(1)

        with pytest.raises(SetupError, match="new name"):
            self.pull(Watermark('["some other source"]'))

    def test_one_bad_row_costs_one(self) -> None:
        self.fill(5)
        self.spoil()
        self.fill(2)

        batches = self.pull()

        (rejected,) = [row for batch in batches for row in batch.rejected]
        assert main_rows(batches) == 7
        assert rejected.row
        assert rejected.reason
        assert len(rejected.digest) == 64

    def test_a_bad_row_has_one_digest_for_ever(self) -> None:
        self.spoil()
        digests = {row.digest for _ in range(2) for batch in self.pull() for row in batch.rejected}

        assert len(digests) == 1

    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_text_survives_or_is_quarantined(self, text: str) -> None:
        self.fill(3)
        self.add_text(text)

        batches = self.pull()

        rejected = [row for batch in batches for row in batch.rejected]
        assert main_rows(batches) + len(rejected) == 4
        assert not any(
            unwanted in str(rows_of(batches)) for unwanted in ("\x00", "\\x00", "\u202e", "\\u202e")
        )

    def test_a_missing_column_is_named(self) -> None:
        self.fill(3)
        name = self.drop_column()

        with pytest.raises(SetupError, match=name):
            self.pull()
        with pytest.raises(SetupError, match=name):
            self.make().check()

    def test_a_column_too_much_is_left_alone(self) -> None:
        self.fill(3)
        self.add_column()

        assert main_rows(self.pull()) == 4

    def test_a_system_that_is_away_is_said_to_be_away(self) -> None:
        self.fill(3)
        self.take_away()

        for ask in (lambda: self.pull(), lambda: self.make().check()):
            with pytest.raises((Retryable, SetupError)) as error:
                ask()
            assert not any(secret in str(error.value) for secret in (SECRET, *self.secrets))

    def test_check_looks_and_says_what_it_saw(self) -> None:
        self.fill(3)

        assert len(self.make().check()) > 3
        assert main_rows(self.pull()) == 3

    def test_no_secret_comes_out(self) -> None:
        self.fill(3)
        source = self.make()

        told = [repr(source), source.check()]
        told += [f"{batch.rows.to_pylist()} {batch.rejected} {batch.watermark}" for batch in self.pull()]

        for secret in (SECRET, *self.secrets):
            assert not any(secret in text for text in told)


def rows_of(batches: Sequence[Batch]) -> Found:
    """Every row of every fact, and how often it came."""
    return Counter((batch.fact, *row.values()) for batch in batches for row in batch.rows.to_pylist())


def main_rows(batches: Sequence[Batch]) -> int:
    """How many rows by natural key the first fact of the source has."""
    if not batches:
        return 0
    first = batches[0].fact
    key = FACTS[first].key if first in FACTS else ("event_id",)
    rows = [row for batch in batches if batch.fact == first for row in batch.rows.to_pylist()]
    return len({tuple(row[name] for name in key) for row in rows})
