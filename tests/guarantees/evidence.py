"""What the checkers look at: the state, the lake, what the sources hold, and the org's own write log."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow.parquet as pq
from sqlalchemy import Engine, RowMapping, Table, select

from daemon.clock import Clock
from daemon.config import Config
from daemon.lake.facts import EVENTS, FACTS
from daemon.lake.landing import watermark
from daemon.sources import feeds
from daemon.state.engine import read
from daemon.state.tables import manifest
from integrations.interfaces import Watermark
from integrations.localorg.store import WriteEntry

Key = tuple[Any, ...]
"""Source, fact, then the values of the fact's natural key."""

NOTICE_KEY = "Maturity_Notice__c"
GEN = {"Account": "Maturity_Gen__c", "Maturity_Score__c": "Gen__c"}
"""Where each object holds the generation of its last write."""

SCORE_KEY = "Key__c"


@dataclass
class Evidence:
    """Read afresh by each checker; what cannot have changed since is kept.

    config: of the daemon, with a way to the org that meets no faults.
    log: writes to the org after this number, in the order in which they were applied.
    begun: slot to the org's time at its first attempt. quiet: slots before which nothing had changed.
    ends: what was done when the checkers looked last (see g08_slots).
    """

    engine: Engine
    config: Config
    clock: Clock
    log: Callable[[int], Sequence[WriteEntry]]
    begun: Mapping[str, datetime]
    quiet: set[str] = field(default_factory=set)
    ends: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    _verdicts: dict[str, tuple[object, list[str]]] = field(default_factory=dict)
    _writes: list[WriteEntry] = field(default_factory=list)
    _held: dict[str, set[Key]] = field(default_factory=dict)
    _files: dict[str, set[Key]] = field(default_factory=dict)

    def rows(self, table: Table) -> list[RowMapping]:
        """All rows of a table of the state."""
        with read(self.engine) as connection:
            return list(connection.execute(select(table)).mappings())

    def writes(self) -> Sequence[WriteEntry]:
        """The org's write log."""
        self._writes += self.log(self._writes[-1].n if self._writes else 0)
        return self._writes

    def pushed(self) -> Iterator[tuple[tuple[str, str], int]]:
        """Writes of a generation, in order: the record, by Id or by the key of its upsert, and the gen."""
        keys: dict[str, str] = {}
        for entry in self.writes():
            if SCORE_KEY in entry.after:
                keys[entry.record_id] = str(entry.after[SCORE_KEY])
            gen = entry.after.get(GEN.get(entry.object, ""))
            if gen is not None:
                yield (entry.object, keys.get(entry.record_id, entry.record_id)), int(gen)

    def notices(self) -> list[str]:
        """The keys of customer notices whose tasks were created, in order."""
        created = (entry for entry in self.writes() if entry.action == "create")
        return [str(entry.after[NOTICE_KEY]) for entry in created if NOTICE_KEY in entry.after]

    def once_per(self, name: str, seen: object, verdict: "Callable[[Evidence], list[str]]") -> list[str]:
        """A verdict that can change only with what is seen: found again only when that is another."""
        if name not in self._verdicts or self._verdicts[name][0] != seen:
            self._verdicts[name] = (seen, verdict(self))
        return self._verdicts[name][1]

    # --- sources and lake -----------------------------------------------------------------------

    def held(self) -> dict[str, set[Key]]:
        """What each source holds in all."""
        if not self._held:
            self._held = {feed.name: self._pulled(feed.name, Watermark()) for feed in self._feeds()}
        return self._held

    def forget_sources(self) -> None:
        """The sources hold something new."""
        self._held = {}

    def to_come(self, source: str) -> set[Key]:
        """What the source would still give from the watermark on."""
        return self._pulled(source, watermark(self.engine, source))

    def landed(self) -> set[Key]:
        """What counts as landed: rows of files that the manifest names."""
        found: set[Key] = set()
        for entry in self.rows(manifest):
            if entry["path"] not in self._files:
                path = self.config.path(self.config.lake.path) / entry["path"]
                self._files[entry["path"]] = _keys(entry["source"], entry["fact"], pq.read_table(path))
            found |= self._files[entry["path"]]
        return found

    def _feeds(self) -> Sequence[Any]:
        return feeds(self.config, self.clock)

    def _pulled(self, source: str, since: Watermark) -> set[Key]:
        feed = next(each for each in self._feeds() if each.name == source)
        found: set[Key] = set()
        for batch in feed.open().pull(since):
            if batch.fact not in EVENTS:
                found |= _keys(source, batch.fact, batch.rows)
        return found


def _keys(source: str, fact: str, rows: Any) -> set[Key]:
    columns = rows.select(list(FACTS[fact].key)).to_pydict().values()
    return {(source, fact, *key) for key in zip(*columns, strict=True)}
