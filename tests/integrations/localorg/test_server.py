"""The org outlives its process: what was answered is kept, whatever kills it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from integrations.errors import SetupError
from integrations.localorg import Address, LocalOrg, Login, serving
from tests.integrations.localorg.conftest import Client, Clock

PROGRAM = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from integrations.localorg import serve_forever
clock = lambda: datetime(2026, 3, 2, 9, tzinfo=UTC)
serve_forever(Path(sys.argv[1]), int(sys.argv[2]), clock, lambda address: print(address.url, flush=True))
"""


def start(folder: Path) -> "tuple[subprocess.Popen[str], Address]":
    """The org in a process of its own, as soon as it listens."""
    program = [sys.executable, "-W", "error", "-c", PROGRAM, str(folder), "0"]
    process = subprocess.Popen(program, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout:
        return process, Address(process.stdout.readline().strip(), folder / "ca.pem")


def test_what_was_answered_survives_a_kill_and_the_certificate_stays(tmp_path: Path) -> None:
    folder, login = tmp_path / "org", Login("", "", "admin-app", "admin-secret")
    process, address = start(folder)
    ca = address.ca_file.read_bytes()
    client = Client(address, login)
    for number in range(20):
        assert client("POST", "/sobjects/Account", json={"Name": str(number)}).status_code == 201
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    client.session.close()

    process, address = start(folder)
    again = Client(address, login)
    assert len(again.query("SELECT Id FROM Account")) == 20
    assert address.ca_file.read_bytes() == ca
    again.session.close()
    process.terminate()
    assert process.wait(timeout=10) in (0, -signal.SIGTERM)


def test_a_folder_without_an_org_and_a_folder_with_one_are_told(
    tmp_path: Path, org: LocalOrg, clock: Clock
) -> None:
    with pytest.raises(SetupError, match="holds no org"):
        LocalOrg.open(tmp_path / "nowhere", clock)
    with pytest.raises(SetupError, match="holds an org already"):
        LocalOrg.create(org.folder, clock)


def test_a_port_in_use_is_told(org: LocalOrg, address: Address) -> None:
    port = int(address.url.rpartition(":")[2])
    with pytest.raises(SetupError, match=f"port {port}"):
        serving(org, port=port).__enter__()


def test_only_its_own_authority_vouches_for_it(address: Address) -> None:
    with requests.Session() as session:
        session.trust_env = False
        with pytest.raises(requests.exceptions.SSLError):
            session.get(f"{address.url}/services/data", timeout=5)
