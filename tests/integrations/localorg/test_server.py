"""The org outlives its process: what was answered is kept, whatever kills it."""

import os
import signal
import socket
import subprocess
import sys
import time
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
serve_forever(Path(sys.argv[1]), int(sys.argv[2]), lambda: datetime(2026, 3, 2, 9, tzinfo=UTC))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(folder: Path, port: int) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen([sys.executable, "-W", "error", "-c", PROGRAM, str(folder), str(port)])
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            requests.get(f"https://127.0.0.1:{port}/services/data", verify=str(folder / "ca.pem"), timeout=5)
        except (OSError, requests.ConnectionError):
            time.sleep(0.05)
        else:
            return process
    raise AssertionError("the server did not start")


def test_what_was_answered_survives_a_kill_and_the_certificate_stays(tmp_path: Path) -> None:
    folder, port = tmp_path / "org", free_port()
    process = start(folder, port)
    ca = (folder / "ca.pem").read_bytes()
    client = Client(
        Address(f"https://127.0.0.1:{port}", folder / "ca.pem"), Login("", "", "admin-app", "admin-secret")
    )
    for number in range(20):
        assert client("POST", "/sobjects/Account", json={"Name": str(number)}).status_code == 201
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    again = start(folder, port)
    assert len(client.query("SELECT Id FROM Account")) == 20
    assert (folder / "ca.pem").read_bytes() == ca
    again.terminate()
    assert again.wait(timeout=10) in (0, -signal.SIGTERM)
    client.session.close()


def test_a_folder_without_an_org_and_a_folder_with_one_are_told(
    tmp_path: Path, org: LocalOrg, clock: Clock
) -> None:
    with pytest.raises(SetupError, match="holds no org"):
        LocalOrg.open(tmp_path / "nowhere", clock)
    with pytest.raises(SetupError, match="holds an org already"):
        LocalOrg.create(org.folder, clock)


def test_a_port_in_use_is_told(org: LocalOrg, address: Address) -> None:
    port = int(address.url.rpartition(":")[2])
    with pytest.raises(SetupError, match=f"port {port}"), serving(org, port=port):
        pass


def test_only_its_own_authority_vouches_for_it(address: Address) -> None:
    with requests.Session() as session, pytest.raises(requests.exceptions.SSLError):
        session.trust_env = False
        session.get(f"{address.url}/services/data", timeout=5)
