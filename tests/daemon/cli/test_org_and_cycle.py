"""Commands against a served local org: plan, apply, a failed cycle, a taken lease."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from daemon.clock import SystemClock
from daemon.compose import open_state
from daemon.config import load
from daemon.lease import lease
from integrations.localorg import LocalOrg, serving, standard_org
from tests.daemon.cli.conftest import CONFIG, Maturityd

SLOT = "2026-03-02T06:30"


@pytest.fixture
def org(folder: Path) -> Iterator[LocalOrg]:
    """An org that config.toml leads to, in which nothing was set up."""
    served = LocalOrg.create(folder / "org", lambda: datetime.now(UTC))
    standard_org(served)
    with serving(served) as address:
        text = CONFIG.replace('"https://127.0.0.1:9"', f'"{address.url}"\nca_file = "org/ca.pem"')
        (folder / "config.toml").write_text(text, encoding="utf-8")
        yield served
    served.close()


@pytest.mark.usefixtures("org")
def test_plan_waits_for_apply_and_then_has_nothing_to_do(maturityd: Maturityd) -> None:
    planned = maturityd("org", "plan", "--json")
    applied = maturityd("org", "apply")
    after = maturityd("org", "plan")

    assert planned.code == 3
    assert any("Account.Maturity_Rating__c" in change for change in planned.json["changes"])
    assert applied.code == 0
    assert applied.out.endswith("applied\n")
    assert (after.code, after.out) == (0, "0 to do, 0 to look at\n")


@pytest.mark.usefixtures("org")
def test_an_output_that_is_not_pushed_needs_no_field_anywhere(maturityd: Maturityd, folder: Path) -> None:
    """Feedback is read all the same, without the rating that was shown."""
    with (folder / "config.toml").open("a", encoding="utf-8") as config:
        config.write('[sources.feedback]\nkind = "crm_feedback"\n\n')
        config.write('[[salesforce.fields]]\noutput = "rating"\nfield = "Nowhere__c"\npush = false\n')

    applied = maturityd("org", "apply")
    check = maturityd("check", "--json")

    assert "Nowhere__c" not in applied.out
    assert (check.code, [each["found"] for each in check.json["checks"] if not each["ok"]]) == (0, [])


def test_both_users_may_log_in_by_a_key_instead_of_a_secret(
    org: LocalOrg, maturityd: Maturityd, folder: Path
) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "key.pem").write_bytes(pem)
    config = folder / "config.toml"
    for app, username, secret in (
        ("sync-app", "sync@northwind-tools.example", "sync_secret"),
        ("admin-app", "ada.admin@northwind-tools.example", "admin_secret"),
    ):
        org.add_client_key(app, public.decode())
        login = f'username = "{username}"\nprivate_key = "file:key.pem"'
        text = config.read_text(encoding="utf-8")
        config.write_text(text.replace(f'client_secret = "file:{secret}"', login), encoding="utf-8")

    applied = maturityd("org", "apply")
    check = maturityd("check", "--json")

    assert applied.code == 0, applied.err
    assert next(each for each in check.json["checks"] if each["name"] == "salesforce")["ok"]


@pytest.mark.usefixtures("org")
def test_a_key_that_is_none_is_named_by_check(maturityd: Maturityd, folder: Path) -> None:
    config = folder / "config.toml"
    login = 'username = "sync@northwind-tools.example"\nprivate_key = "file:key"'
    text = config.read_text(encoding="utf-8").replace('client_secret = "file:sync_secret"', login)
    config.write_text(text, encoding="utf-8")

    check = maturityd("check", "--json")

    (found,) = [each for each in check.json["checks"] if each["name"] == "salesforce"]
    assert (check.code, found["ok"]) == (78, False)
    assert found["found"] == "salesforce: the private_key of sync-app is no RSA key in PEM format"


@pytest.mark.usefixtures("org", "on_each_database")
def test_a_failed_cycle_says_where_and_status_remembers(maturityd: Maturityd) -> None:
    """No CRM source is configured here, so that no account is known."""
    cycle = maturityd("cycle", "--slot", SLOT)
    status = maturityd("status", "--json")

    assert (cycle.code, cycle.out) == (1, "")
    assert "run.failed" in [json.loads(line)["event"] for line in cycle.err.splitlines()]
    run = status.json["runs"][0]
    assert (run["slot"], run["state"]) == (SLOT, "failed")
    assert run["reason"].startswith("snapshot: no account is known yet")
    assert maturityd("status", "--quiet").code == 1


@pytest.mark.usefixtures("org")
def test_a_run_by_hand_that_failed_is_resumed_as_its_alert_says(maturityd: Maturityd) -> None:
    maturityd("cycle")
    alerts = maturityd("alerts", "list", "--json").json["alerts"]
    (alert,) = [each for each in alerts if each["severity"] == "critical"]
    said, _, command = alert["to_do"].partition(" run: maturityd ")

    again = maturityd(*command.split())

    assert said == "mend the cause; no daemon tries a run by hand again;"
    assert again.code == 1
    (run,) = maturityd("status", "--json").json["runs"]
    assert run["slot"] == command.split()[-1]


@pytest.mark.usefixtures("on_each_database")
def test_a_cycle_beside_the_daemon_is_to_be_tried_later(maturityd: Maturityd, folder: Path) -> None:
    engine = open_state(load(folder / "config.toml"))

    with lease(engine, SystemClock()) as held:
        said = maturityd("cycle", "--slot", SLOT)

    assert held is not None
    assert said.code == 75
    assert "holds the lease" in said.err


def test_as_a_process_logs_go_to_stderr_and_the_answer_to_stdout(maturityd: Maturityd, folder: Path) -> None:
    """The seam of a shell: once with a real process."""
    maturityd("cycle", "--slot", SLOT)
    command = [str(Path(sys.executable).parent / "maturityd"), "status", "--json"]

    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)

    assert json.loads(done.stdout)["runs"][0]["slot"] == SLOT
    assert done.stderr == ""
