"""The stage of the demo and of whole-day tests: a world, its systems, a local org, one clock for all."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import Engine

from daemon.alerts.channels import receivers
from daemon.alerts.deliver import deliver
from daemon.cli.options import shown_steps
from daemon.clock import ShiftedClock
from daemon.compose import open_state
from daemon.config import Config, load
from daemon.cycle import run_slot
from daemon.lease import lease
from daemon.org_setup import assignments, wanted_org
from daemon.salesforce import admin_of
from daemon.slots import Slot, parse_slot
from daemon.state.runs import Run
from demo.world import World, load_org, write
from integrations.localorg import Address, LocalOrg, StandardOrg, serving, standard_org
from integrations.salesforce import org as orgs


@dataclass(frozen=True)
class Stage:
    """folder: where everything lies. config: read from config_path, which points into the folder."""

    world: World
    folder: Path
    clock: ShiftedClock
    org: LocalOrg
    people: StandardOrg
    address: Address
    config: Config

    def engine(self) -> Engine:
        """The state."""
        return open_state(self.config)

    def slot(self, at: time) -> Slot:
        """A slot of the world's last day."""
        return parse_slot(f"{self.world.today.isoformat()}T{at:%H:%M}", self.config.schedule.schedule())

    def publish(self, until: datetime, since: datetime) -> None:
        """Let the world's systems hold what was published up to an instant."""
        write(self.world, self.folder / "data", until)
        load_org(self.world, self.org, until, since)

    def run(self, slot: Slot) -> Run:
        """Move the clock to the slot and run its cycle; alerts go out."""
        self.clock.move_to(slot.due_at + timedelta(seconds=1))
        with lease(self.engine(), self.clock) as engine:
            if engine is None:
                raise RuntimeError("another daemon holds the lease of this state")
            run = run_slot(self.config, engine, self.clock, slot, shown_steps())
            deliver(engine, self.clock, receivers(self.config))
        return run

    def plan_org(self) -> orgs.Plan:
        """What the org lacks."""
        client = admin_of(self.config, self.clock)
        return orgs.plan(client, wanted_org(self.config), assignments(self.config))

    def apply_org(self, planned: orgs.Plan) -> None:
        """Make it."""
        orgs.apply(admin_of(self.config, self.clock), planned)


@contextmanager
def staged(
    world: World, folder: Path, config_path: Path, webhook_url: str, port: int, before: time
) -> Iterator[Stage]:
    """Set everything up as it stands at a time of the world's last day, and serve the org.

    folder: new or empty. config_path: a config.toml whose paths lead into the folder.
    """
    start = datetime.combine(world.today, before, UTC)
    clock = ShiftedClock(start)
    folder.mkdir(parents=True, exist_ok=True)
    org = LocalOrg.create(folder / "org", now=clock.now)
    people = standard_org(org)
    write_secrets(folder / "secrets", people, webhook_url)
    write(world, folder / "data", start)
    load_org(world, org, start)
    try:
        with serving(org, port) as address:
            yield Stage(world, folder, clock, org, people, address, load(config_path))
    finally:
        org.close()


def write_secrets(folder: Path, people: StandardOrg, webhook_url: str) -> None:
    """The files that config.toml names, readable by their owner only."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in (
        ("sync_secret", people.sync.secret),
        ("admin_secret", people.admin.secret),
        ("address_key", secrets.token_hex(32)),
        ("webhook_url", webhook_url),
    ):
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(value, encoding="utf-8")
