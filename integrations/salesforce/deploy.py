"""Deploys a package of metadata by REST: a rehearsal first, then the real thing.

source: Metadata API Developer Guide, "Deploying Metadata with REST" (deployRequest).
"""

import json
from datetime import timedelta
from typing import Any

from integrations.errors import Retryable, SetupError
from integrations.salesforce.client import SalesforceClient

_POLL_S = 2.0
_DEADLINE = timedelta(minutes=10)
_GOING_ON = frozenset({"Pending", "InProgress", "Canceling", "Queued"})


def deploy(client: SalesforceClient, package: bytes) -> None:
    """Deploy the zip in one transaction, after Salesforce found nothing wrong with it.

    raises: SetupError with Salesforce's words per component; Retryable when it takes too long.
    """
    _run(client, package, check_only=True)
    _run(client, package, check_only=False)


def _run(client: SalesforceClient, package: bytes, *, check_only: bool) -> None:
    options = {
        "checkOnly": check_only,
        "rollbackOnError": True,
        "singlePackage": True,
        "testLevel": "NoTestRun",
    }
    files = {
        "json": (None, json.dumps({"deployOptions": options}), "application/json"),
        "file": ("deploy.zip", package, "application/zip"),
    }
    started = client.send_form("POST", "metadata/deployRequest", files=files)
    result = _finished(client, str(started["id"]))
    if result.get("status") != "Succeeded":
        raise SetupError(
            f"salesforce: the deploy {'would fail' if check_only else 'failed'} and nothing was changed: "
            f"{_failures(result)}; correct this in the org or in [[salesforce.fields]] and apply again"
        )


def _finished(client: SalesforceClient, deploy_id: str) -> dict[str, Any]:
    until = client.clock() + _DEADLINE
    while True:
        path = f"metadata/deployRequest/{deploy_id}?includeDetails=true"
        result: dict[str, Any] = client.send_form("GET", path)["deployResult"]
        if result["status"] not in _GOING_ON:
            return result
        if client.clock() > until or client.wait(_POLL_S):
            raise Retryable(
                f"salesforce: deploy {deploy_id} is still {result['status']}; "
                "see Setup, Deployment Status, and run `maturityd org plan` when it is done"
            )


def _failures(result: dict[str, Any]) -> str:
    failures = result.get("details", {}).get("componentFailures") or []
    if isinstance(failures, dict):  # a single one comes bare
        failures = [failures]
    words = [f"{failure.get('fullName')}: {failure.get('problem')}" for failure in failures]
    return "; ".join(words) or str(result.get("errorMessage") or result.get("status"))
