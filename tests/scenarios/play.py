"""A tiny company whose days are played slot by slot: what a kill harness and its checkers look at."""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import Engine

from daemon.clock import ShiftedClock
from daemon.compose import open_state
from daemon.config import Config, load
from daemon.org_setup import assignments, wanted_org
from daemon.salesforce import admin_of
from daemon.slots import Slot, slot_name
from demo.stage import write_secrets
from demo.world import World, generate, load_org, write
from integrations.localorg import Fault, FaultPlan, LocalOrg, StandardOrg, serving, standard_org
from integrations.localorg import records as org_records
from integrations.localorg.instants import wire
from integrations.localorg.permissions import access_of
from integrations.localorg.records import Writer
from integrations.salesforce import org as orgs
from tests.guarantees.evidence import Evidence
from tests.postgresql import wait_until_alone
from tests.scenarios.zygote import ROOT

TODAY = date(2026, 11, 22)
ACCOUNTS, DAYS = 16, 120
"""Few, since every attempt and every checker goes through all of it."""

FEEDBACK = ("Rating right", "Rating too low", "Rating too high", "Not interested", "Not now", "Won", "No fit")
TAKEN_BACK = 0.3
"""Share of it that is in no field any more when it is pulled."""

FEATURE_RULE = re.compile(r"\[\[upsell\.rules\]\][^\n]*\nfeature = (?:.+\n)+")

WRITES = "/composite/"
FAULTS = (
    Fault("unavailable", 0.04),
    Fault("cut_before", 0.03),
    Fault("cut_after", 0.12, path=WRITES),
    Fault("late", 0.06, delay_s=0.15, path=WRITES),
    Fault("late", 0.12, delay_s=3.0, path=WRITES),
    Fault("locked", 0.06, rows=0.3, path=WRITES),
)
"""Answers are lost and requests land late, some of them after the next slot's."""


@dataclass
class Play:
    """The company's systems as they stand now.

    config_path: goes to the org through faults. quiet_config: the same state, without faults.
    """

    world: World
    folder: Path
    org: LocalOrg
    people: StandardOrg
    clock: "ShiftedClock | Standstill"
    faults: FaultPlan
    config_path: Path
    quiet_config: Config
    chance: random.Random
    evidence: Evidence
    published: datetime
    news: str = ""
    begun: dict[str, datetime] = field(default_factory=dict)

    def move_to(self, at: datetime, news: str | None = None) -> Slot:
        """A slot at this instant, with all that has happened until then; no news: the ratings stay."""
        if news is not None:
            write(self.world, self.folder / "data", at)
            load_org(self.world, self.org, at, self.published)
            self.published = at
            self.evidence.forget_sources()
            self.news = news
        self.clock.move_to(at)
        slot = Slot(slot_name(at.date(), at.time()), at)
        self.begun[slot.name] = self.org.now()
        return slot

    @property
    def state(self) -> str:
        """URL of the state."""
        return self.quiet_config.url(self.quiet_config.state.url, "state.url")

    @property
    def on_postgresql(self) -> bool:
        return self.evidence.engine.dialect.name == "postgresql"

    def daemon_gone(self) -> None:
        """Return once the state holds nothing of a daemon that has ended; a file's locks end with it."""
        if self.on_postgresql:
            self.evidence.engine.dispose()
            wait_until_alone(self.state)

    def accounts(self) -> Sequence[str]:
        """Those that there are by now."""
        return [each.id for each in self.world.accounts if each.created_at <= self.published]

    def say_something(self) -> None:
        """A rep sets the feedback on some account, at this very moment; at times takes it back at once."""
        rep = self.chance.choice(self.people.reps)
        values = {
            "Maturity_Feedback__c": self.chance.choice(FEEDBACK),
            "Maturity_Feedback_Note__c": f"note {self.chance.randrange(10**6)}",
        }
        store = self.org.store
        with store.transaction():
            writer = Writer(store, access_of(store, rep.user_id), wire(self.org.now()), "page")
            account = self.chance.choice(self.accounts())
            org_records.update(writer, store.objects["Account"], account, values)
            if self.chance.random() < TAKEN_BACK:
                cleared = {"Maturity_Feedback__c": None}
                org_records.update(writer, store.objects["Account"], account, cleared)

    def spec(
        self, slot: Slot, kill_at: int | None, *, quiet: bool = False, stop_at: int | None = None
    ) -> Mapping[str, Any]:
        """What a child is told (see attempt.py)."""
        return {
            "config": str(self.folder / "quiet.toml" if quiet else self.config_path),
            "slot": slot.name,
            "due_at": slot.due_at.isoformat(),
            "shift_s": (self.clock.now() - datetime.now(UTC)).total_seconds(),
            "accounts": self.accounts(),
            "news": self.news,
            "kill_at": kill_at,
            "stop_at": stop_at,
            "hits": str(self.folder / "hits"),
        }

    def hits(self) -> int:
        """Failpoints of the last attempt that came to its end."""
        return int((self.folder / "hits").read_text())


class Standstill:
    """A clock that stands where it was last moved to: what is played twice is the same twice."""

    def __init__(self, start: datetime) -> None:
        self.move_to(start)

    def move_to(self, instant: datetime) -> None:
        """Let it be `instant` now."""
        self._now = instant

    def now(self) -> datetime:
        return self._now

    def wait(self, _seconds: float) -> bool:
        return False

    def is_stopping(self) -> bool:
        return False


@contextmanager
def small_company(
    folder: Path, seed: int, state: str | None, faults: Sequence[Fault] = FAULTS
) -> Iterator[Play]:
    """A company too small for models, in the middle of its history. state: its URL; None: SQLite."""
    world = generate(seed, TODAY, "linear", accounts=ACCOUNTS, days=DAYS)
    start = datetime.combine(TODAY - timedelta(days=DAYS / 2), time(4), UTC)
    with playing(folder, world, ShiftedClock(start), state, faults, snapshots=False) as play:
        yield play


@contextmanager
def playing(
    folder: Path,
    world: World,
    clock: "ShiftedClock | Standstill",
    state: str | None,
    faults: Sequence[Fault] = (),
    changed: Mapping[str, Mapping[str, int | str]] = MappingProxyType({}),
    *,
    snapshots: bool = True,
) -> Iterator[Play]:
    """A company as of its clock, and its org, served with faults and without.

    state: URL of an empty one on PostgreSQL; None: the shipped file.
    changed: settings of config.toml by table and key.
    snapshots: whether config.toml keeps the upsell rules that look at features.
    """
    start = clock.now()
    folder.mkdir(parents=True)
    org = LocalOrg.create(folder / "org", now=clock.now)
    people = standard_org(org)
    write_secrets(folder / "secrets", people, "http://127.0.0.1:9/alerts")
    write(world, folder / "data", start)
    load_org(world, org, start)
    plan = FaultPlan(tuple(faults), world.seed)
    try:
        with serving(org, faults=plan) as faulty, serving(org) as address:
            shipped = (ROOT / "config.toml").read_text(encoding="utf-8")
            text = _changed(shipped if snapshots else FEATURE_RULE.sub("", shipped), state, changed)
            config_path = _write_config(folder / "config.toml", text, faulty.url)
            quiet = load(_write_config(folder / "quiet.toml", text, address.url))
            admin = admin_of(quiet, clock)
            orgs.apply(admin, orgs.plan(admin, wanted_org(quiet), assignments(quiet)))
            with _state(quiet) as engine:
                begun: dict[str, datetime] = {}
                evidence = Evidence(engine, quiet, clock, org.store.write_log, begun)
                yield Play(
                    world, folder, org, people, clock, plan, config_path, quiet,
                    random.Random(world.seed), evidence, start, begun=begun,  # noqa: S311 seeded chance
                )  # fmt: skip
    finally:
        org.close()


@contextmanager
def _state(config: Config) -> Iterator[Engine]:
    engine = open_state(config)
    try:
        yield engine
    finally:
        engine.dispose()


def _changed(shipped: str, state: str | None, changed: Mapping[str, Mapping[str, int | str]]) -> str:
    """A config.toml with these settings, its paths relative to its folder, without alerts."""
    text = shipped.replace("var/demo/", "").replace('query = "queries', f'query = "{ROOT}/queries')
    text = text[: text.index("[alerts.demo]")]
    if state is not None:
        text = text.replace('url = "sqlite:///state.db"', f'url = "{state}"')
    for table, settings in changed.items():
        head, body = text.split(f"\n[{table}]\n")
        own, blank, rest = body.partition("\n\n")
        kept = [line for line in own.splitlines() if line.partition(" ")[0] not in settings]
        lines = [*kept, *(f"{key} = {value}" for key, value in settings.items())]
        text = "\n".join([head, f"[{table}]", *lines]) + blank + rest
    return text


def _write_config(path: Path, text: str, url: str) -> Path:
    """For the org at this address."""
    path.write_text(text.replace("https://127.0.0.1:8443", url), encoding="utf-8")
    return path
