"""An org with a clock that the test moves, and clients that know nothing of ours."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from simple_salesforce.api import Salesforce

from integrations.localorg import Address, FaultPlan, LocalOrg, Login, StandardOrg, serving, standard_org


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


class Client:
    """A plain HTTPS client of one user."""

    def __init__(self, address: Address, login: Login) -> None:
        self.address = address
        self.session = requests.Session()
        self.session.verify = str(address.ca_file)
        self.session.trust_env = False
        form = {"grant_type": "client_credentials"}
        answer = self.session.post(
            f"{address.url}/services/oauth2/token",
            data=form,
            auth=(login.client_id, login.secret),
            timeout=10,
        )
        self.token = answer.json()["access_token"]
        self.session.headers["Authorization"] = f"Bearer {self.token}"

    def __call__(self, method: str, path: str, **more: object) -> requests.Response:
        """A request below `/services/data/v62.0`, or anywhere when the path says so."""
        whole = path if path.startswith("/services") else f"/services/data/v62.0{path}"
        return self.session.request(method, self.address.url + whole, timeout=10, **more)  # type: ignore[arg-type]

    def query(self, soql: str) -> list[dict[str, object]]:
        answer = self("GET", "/query", params={"q": soql})
        assert answer.status_code == 200, answer.text
        return answer.json()["records"]  # type: ignore[no-any-return]

    def salesforce(self) -> Any:
        """An unchanged simple-salesforce with this user's token."""
        return Salesforce(
            session_id=self.token, instance_url=self.address.url, session=self.session, version="62.0"
        )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, StandardOrg]:
    """The standard org, made once; each test gets a copy."""
    folder = tmp_path_factory.mktemp("template") / "org"
    made = LocalOrg.create(folder, now=Clock())
    people = standard_org(made)
    made.close()
    return folder, people


@pytest.fixture
def org(template: tuple[Path, StandardOrg], tmp_path: Path, clock: Clock) -> Iterator[LocalOrg]:
    shutil.copytree(template[0], tmp_path / "org")
    opened = LocalOrg.open(tmp_path / "org", now=clock)
    yield opened
    opened.close()


@pytest.fixture
def people(template: tuple[Path, StandardOrg]) -> StandardOrg:
    return template[1]


@pytest.fixture
def faults() -> FaultPlan:
    return FaultPlan()


@pytest.fixture
def address(org: LocalOrg, people: StandardOrg, faults: FaultPlan) -> Iterator[Address]:
    with serving(org, faults=faults) as where:
        yield where


@pytest.fixture
def client(address: Address) -> Iterator[Callable[[Login], Client]]:
    made: list[Client] = []

    def make(login: Login) -> Client:
        made.append(Client(address, login))
        return made[-1]

    yield make
    for each in made:
        each.session.close()


@pytest.fixture
def admin(client: Callable[[Login], Client], people: StandardOrg) -> Client:
    return client(people.admin)


@pytest.fixture
def sync(client: Callable[[Login], Client], people: StandardOrg) -> Client:
    return client(people.sync)
