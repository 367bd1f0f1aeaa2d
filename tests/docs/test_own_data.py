"""docs/own-data.md, done as it stands: its files written, its commands run, its outputs compared."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.docs.pages import Block, blocks, shows

PORT = "8444"
"""On the page; here any free one, since another test or a reader may use it."""


class Reader:
    """Somebody who does what a page says, block by block."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder, self._port = folder, str(port)
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        self._environment = {**os.environ, "PATH": path, "OMP_NUM_THREADS": "1", "COLUMNS": "200"}
        self._terminals = ExitStack()
        self.printed = ""

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self._terminals.close()

    def do(self, block: Block) -> None:
        text = block.text.replace(PORT, self._port)
        if block.name is not None:
            (self._folder / block.name).write_text(text, encoding="utf-8")
        elif block.kind == "text":
            assert shows(text, self.printed), f"the page shows\n{text}\nbut this was printed:\n{self.printed}"
        elif "localorg serve" in text:
            self._keep_running(text)
        else:
            self.printed = self.run("bash", "-e", "-c", text)

    def run(self, *command: str) -> str:
        done = subprocess.run(
            command, cwd=self._folder, env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command[-1]}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def _keep_running(self, command: str) -> None:
        """In a terminal of its own, until it says that it is up."""
        process = subprocess.Popen(
            command.split(), cwd=self._folder, env=self._environment, stdout=subprocess.PIPE, text=True
        )
        self._terminals.enter_context(process)
        self._terminals.callback(process.terminate)
        assert process.stdout is not None
        assert "answers at" in process.stdout.readline()


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """After the whole page."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with Reader(tmp_path_factory.mktemp("own_data"), port) as reading:
        for block in blocks("own-data.md"):
            reading.do(block)
        yield reading


def test_the_page_can_be_followed_to_its_end(reader: Reader) -> None:
    """Every output that the page shows was compared on the way."""
    assert "Ginkgo Retail" in reader.printed


def test_every_fact_found_its_accounts(reader: Reader) -> None:
    rates = json.loads(reader.run("maturityd", "identity", "--json"))["identity"]

    assert {rate["fact"]: rate["rows"] - rate["matched"] for rate in rates} == {
        "accounts": 0,
        "usage_daily": 400,
        "activity": 0,
        "firmographics": 0,
        "emails": 0,
        "email_topics": 0,
    }


READ = """
import json
from crm import log_in

soql = (
    "SELECT Maturity_Rating__c, Maturity_Score__c, Usage_Health__c, Usage_Forecast_30d__c "
    "FROM Account WHERE Tenant_Id__c != null"
)
print(json.dumps(log_in("sync-app", "sync-secret").query(soql)["records"]))
"""


def test_the_org_shows_forecasts_and_health_but_no_invented_rating(reader: Reader) -> None:
    accounts = json.loads(reader.run("python", "-c", READ))

    assert {account["Maturity_Rating__c"] for account in accounts} == {"Unknown"}
    assert {account["Maturity_Score__c"] for account in accounts} == {None}
    assert [account["Usage_Health__c"] == "Negative" for account in accounts] == [
        account["Usage_Forecast_30d__c"] == 0 for account in accounts
    ]
    assert {account["Usage_Health__c"] for account in accounts} <= {"Positive", "Stable", "Negative"}
