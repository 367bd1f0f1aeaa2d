"""Re-reads the last stretch of a source, and knows whether anything in it is new.

Systems show rows late: a long transaction commits after a shorter one that began later. So each pull
looks again at the last stretch before its cursor. The watermark holds a fingerprint of that stretch;
while it is unchanged, its rows are not yielded twice.
"""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Generic, TypeVar

from integrations.errors import SetupError
from integrations.interfaces import Watermark
from integrations.sources.values import stamp_text

T = TypeVar("T")


@dataclass(frozen=True)
class Cursor:
    """A point in a source's own order of time.

    at: instant of the last row landed. fingerprint: of the rows in the stretch that ends there.
    """

    at: datetime
    fingerprint: str

    def as_json(self) -> list[str]:
        return [stamp_text(self.at), self.fingerprint]

    @classmethod
    def from_json(cls, value: object) -> "Cursor":
        """raises: ValueError where the value is not what `as_json` gave."""
        match value:
            case [str(at), str(fingerprint)]:
                return cls(datetime.fromisoformat(at), fingerprint)
        raise ValueError(value)


class Stretch:
    """The rows of the last `length` before the newest row seen: a count and a sum of hashes per instant."""

    def __init__(self, length: timedelta) -> None:
        self._length = length
        self._at: OrderedDict[datetime, tuple[int, int]] = OrderedDict()

    def add(self, at: datetime, row: object) -> None:
        """Take in a row, by its instant and its `repr`; rows come in order of time."""
        digest = hashlib.blake2b(repr((at, row)).encode("utf-8", "surrogatepass"), digest_size=12).digest()
        count, total = self._at.get(at, (0, 0))
        self._at[at] = (count + 1, (total + int.from_bytes(digest, "big")) % 2**96)
        while self._at and next(iter(self._at)) < at - self._length:
            self._at.popitem(last=False)

    def __bool__(self) -> bool:
        return bool(self._at)

    def cursor(self) -> Cursor:
        """Where the rows taken in so far end. Only for a stretch that holds a row."""
        newest = next(reversed(self._at))
        count = sum(count for count, _ in self._at.values())
        total = sum(total for _, total in self._at.values()) % 2**96
        return Cursor(newest, f"{count}:{total:x}")

    def matches(self, cursor: Cursor) -> bool:
        """Whether these are the very rows that the cursor's fingerprint was taken of."""
        return bool(self) and self.cursor().fingerprint == cursor.fingerprint


class Overlap(Generic[T]):
    """Yields what is new after a cursor, and what lies before it if anything there is.

    start: where to read from; None from the beginning.
    """

    def __init__(self, length: timedelta, cursor: Cursor | None) -> None:
        self.start = None if cursor is None else cursor.at - length
        self._length, self._cursor = length, cursor
        self._stretch = Stretch(length)

    def unseen(self, rows: Iterable[tuple[datetime, object, T]]) -> Iterator[T]:
        """rows: instant, what tells a version of the row apart, row; from `start` on, in order of time."""
        held: list[tuple[datetime, object, T]] = []
        rows = iter(rows)
        later: list[tuple[datetime, object, T]] = []
        if self._cursor is not None:
            for each in rows:
                if each[0] > self._cursor.at:
                    later = [each]
                    break
                held.append(each)
                self._stretch.add(each[0], each[1])
            if self._stretch.matches(self._cursor):
                held = []
            else:
                self._stretch = Stretch(self._length)
        for at, version, row in chain(held, later, rows):
            self._stretch.add(at, version)
            yield row

    def cursor(self) -> Cursor:
        """Where the rows yielded so far end. Only after one was."""
        return self._stretch.cursor()


def read_cursors(source: str, watermark: Watermark) -> dict[str, Cursor]:
    """Named cursors from a watermark; empty before the first batch.

    raises: SetupError where another source, or another version, wrote the watermark.
    """
    if watermark.value is None:
        return {}
    try:
        return {name: Cursor.from_json(value) for name, value in json.loads(watermark.value).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise foreign_watermark(source) from error


def write_cursors(cursors: dict[str, Cursor]) -> Watermark:
    """The watermark that `read_cursors` reads."""
    return Watermark(json.dumps({name: cursor.as_json() for name, cursor in sorted(cursors.items())}))


def foreign_watermark(source: str) -> SetupError:
    """The error for a watermark that this kind of source did not write."""
    return SetupError(
        f"{source}: the stored watermark was not written by this kind of source; "
        "give the source a new name in config.toml to read it from the start"
    )
