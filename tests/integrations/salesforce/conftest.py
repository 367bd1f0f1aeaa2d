"""A real local org, set up as a customer's org is, and clients of its two users."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from integrations.localorg.faults import FaultPlan
from integrations.localorg.org import LocalOrg
from integrations.localorg.server import serving
from integrations.localorg.standard_org import Login, StandardOrg, standard_org
from integrations.salesforce.client import SalesforceClient, connect
from integrations.salesforce.login import ConnectionSettings
from integrations.salesforce.org import apply, plan
from integrations.salesforce.schema import SYNC, USER, org_spec


def now() -> datetime:
    return datetime.now(UTC)


def soon(seconds: float) -> bool:
    """Waits, but not for long."""
    time.sleep(min(seconds, 0.02))
    return False


@dataclass(frozen=True)
class World:
    """The org, who is who in it, and what is to go wrong."""

    org: LocalOrg
    people: StandardOrg
    url: str
    faults: FaultPlan
    clients: ExitStack

    def settings(self, login: Login) -> ConnectionSettings:
        return ConnectionSettings(
            self.url, login.client_id, login.secret, ca_bundle=str(self.org.ca_file), timeout_s=5.0
        )

    def connect(self, login: Login) -> SalesforceClient:
        return self.clients.enter_context(connect(self.settings(login), now, soon))

    def set_up(self) -> None:
        reps = [rep.username for rep in self.people.reps]
        admin = self.connect(self.people.admin)
        apply(admin, plan(admin, org_spec(), {SYNC: [self.people.sync.username], USER: reps}))


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[World]:
    """An org in which maturityd was never set up."""
    yield from _world(tmp_path)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """An org after `org apply`, shared by a module's tests, each with accounts of its own."""
    for made in _world(tmp_path_factory.mktemp("org")):
        made.set_up()
        yield made


def _world(folder: Path) -> Iterator[World]:
    org = LocalOrg.create(folder / "org", now)
    people = standard_org(org)
    faults = FaultPlan()
    with serving(org, faults=faults) as address, ExitStack() as clients:
        yield World(org, people, address.url, faults, clients)
    org.close()
