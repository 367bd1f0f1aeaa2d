"""Recorded Salesforce answers, replayed: the local org is checked by facts, not by our own client."""

import hashlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from integrations.localorg import Address, FaultPlan, LocalOrg, Login, StandardOrg, standard_org
from tests.integrations.localorg import replays
from tests.integrations.localorg.conftest import Client, Clock
from tests.integrations.localorg.replays import EXAMPLES, REPLAYS, SKIPPED, World

SHA256 = "44a1a8e8f990c841a29d0a4f6a1fb51681c73041eb0f09e2b605e490fb3ddb82"

# The org has no duplicate rules: another refusal of the same row stands in, so its words differ.
STAND_INS = {
    "collections-create-partial", "collections-create-all-or-none", "collections-upsert-partial",
    "composite-all-or-none-halted",
}  # fmt: skip
ROLLED_BACK = "ALL_OR_NONE_OPERATION_ROLLED_BACK"
ROW_WORDS = {"statusCode", "message", "fields"}
SHAPE_ONLY = {"oauth-token-ok", "versions", "limits"}
# Keys that newer versions add to what was recorded.
ADDED = {
    "oauth-token-ok": {"scope"}, "upsert-created": {"created"}, "collections-upsert-partial": {"created"},
}  # fmt: skip
_ID = re.compile(r"\b(?=\w*\d)[A-Za-z0-9]{3}[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?\b")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000")
_CUSTOM = re.compile(r"__[cr]\b")


def masked(text: str) -> str:
    """A text without what differs from org to org: ids, instants, API version, the suffix of custom names."""
    text = re.sub(r"/v\d+\.\d/", "/v/", text)
    return _CUSTOM.sub(
        "", _MOMENT.sub("<moment>", _ID.sub("<id>", text.replace("foo", "<id>").replace("bar", "<id>")))
    )


def differences(expected: object, actual: object, name: str, at: str = "") -> Iterator[str]:
    """Where an answer is not as recorded; empty when it is."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        yield from _keys(expected, actual, name, at)
    elif isinstance(expected, list) and isinstance(actual, list):
        if name not in SHAPE_ONLY and len(expected) != len(actual):
            yield f"{at}: {len(actual)} items instead of {len(expected)}"
        for number, (left, right) in enumerate(zip(expected, actual, strict=False)):
            yield from differences(left, right, name, f"{at}[{number}]")
    elif isinstance(expected, str) and isinstance(actual, str):
        if name not in SHAPE_ONLY and masked(expected) != masked(actual):
            yield f"{at}: {masked(actual)!r} instead of {masked(expected)!r}"
    elif name in SHAPE_ONLY and type(expected) is type(actual):
        return
    elif expected != actual:
        yield f"{at}: {actual!r} instead of {expected!r}"


def _keys(expected: dict[str, object], actual: dict[str, object], name: str, at: str) -> Iterator[str]:
    left = {masked(key): value for key, value in expected.items() if key != "_note"}
    right = {masked(key): value for key, value in actual.items()}
    right = {{"Campaign": "CampaignId"}.get(key, key): value for key, value in right.items()}
    extra = right.keys() - left.keys() - ADDED.get(name, set())
    if left.keys() - right.keys() or extra:
        yield f"{at}: keys {sorted(right)} instead of {sorted(left)}"
    for key in left.keys() & right.keys():
        if not (name in STAND_INS and key in ROW_WORDS and left.get("statusCode") != ROLLED_BACK):
            yield from differences(left[key], right[key], name, f"{at}.{key}")


def header_differences(name: str, answer: requests.Response) -> Iterator[str]:
    """Headers that are missing or say something else."""
    for header, value in EXAMPLES[name]["response"]["headers"].items():
        got = answer.headers.get(header)
        if header.startswith("Content-Security-Policy"):
            continue  # reporting of a domain that the org does not have
        plain = re.sub(r"\d+/\d+", "n/n", masked(value))
        if got is None or re.sub(r"\d+/\d+", "n/n", masked(got)) != plain:
            yield f"header {header}: {got!r} instead of {value!r}"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, StandardOrg]:
    """The standard org with the objects of the recordings, made once; each test gets a copy."""
    folder = tmp_path_factory.mktemp("recorded") / "org"
    made = LocalOrg.create(folder, now=Clock())
    people = standard_org(made)
    replays.define(made)
    made.close()
    return folder, people


@pytest.fixture
def world(org: LocalOrg, faults: FaultPlan) -> World:
    return World(org, faults)


def send(client: Client, login: Login, request: tuple[str, str, object]) -> requests.Response:
    method, path, body = request
    if method == "TOKEN":
        form = {
            "grant_type": "client_credentials",
            "client_id": login.client_id,
            "client_secret": login.secret,
        }
        return client("POST", path, data=form)
    if method == "NEXT":
        return client("GET", client("GET", path).json()["nextRecordsUrl"])
    return client(method, path, json=body)


@pytest.mark.parametrize("name", sorted(REPLAYS))
def test_answers_are_as_recorded(name: str, world: World, admin: Client, people: StandardOrg) -> None:
    recorded = EXAMPLES[name]["response"]
    if name == "create-invalid-token":
        admin.session.headers["Authorization"] = "Bearer nobody"
    if name == "field-not-writable":  # recorded of Name, which every user of the org may write
        recorded = json.loads(json.dumps(recorded).replace("Name", "SystemModstamp"))
    answer = send(admin, people.admin, REPLAYS[name](world, EXAMPLES[name]["request"]))

    body: Any = answer.json() if answer.content else None
    if name.startswith("query-with-next"):
        body["records"] = body["records"][:2]
    wrong = list(differences(recorded["body"], body, name))
    if recorded["status"] != answer.status_code:
        wrong.append(f"status {answer.status_code} instead of {recorded['status']}")
    wrong += header_differences(name, answer)
    assert not wrong, "\n".join([*wrong, answer.text[:2000]])


def test_every_example_is_replayed_or_skipped_for_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert set(REPLAYS) | set(SKIPPED) == set(EXAMPLES)
    assert not set(REPLAYS) & set(SKIPPED)
    lines = [f"\nrecorded answers: {len(REPLAYS)} replayed, {len(SKIPPED)} skipped:"]
    for reason in dict.fromkeys(SKIPPED.values()):
        names = [name for name, why in SKIPPED.items() if why == reason]
        lines.append(f"  {reason}: {', '.join(names)}")
    with capsys.disabled():
        sys.stdout.write("\n".join([*lines, ""]))


def test_the_recordings_are_the_ones_that_were_pinned() -> None:
    assert hashlib.sha256(Path(replays.EXAMPLES_FILE).read_bytes()).hexdigest() == SHA256


def test_the_address_is_https_on_loopback(address: Address) -> None:
    assert address.url.startswith("https://127.0.0.1:")
