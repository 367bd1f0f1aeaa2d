"""Composite requests: several in one call, later ones using ids of earlier ones; graphs are all or none."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlsplit

from integrations.localorg.api import Answer, Call
from integrations.localorg.query import Record
from integrations.localorg.refusals import Refusal, bad_json, not_found
from integrations.localorg.rest import router

MAX_SUBREQUESTS = 25
MAX_NODES = 500
MAX_GRAPHS = 75

_REFERENCE = re.compile(r"@\{(\w[\w-]*)((?:\.\w+|\[\d+\])*)\}")


class _RolledBack(Exception):
    """A subrequest failed and the request was all or none."""


@dataclass(frozen=True)
class _Part:
    """A subrequest and its answer."""

    reference: str
    answer: Answer

    @property
    def failed(self) -> bool:
        """Whether it counts as a failure: by its status, or by a row of a collection."""
        rows = self.answer.body if isinstance(self.answer.body, list) else []
        return self.answer.status >= 400 or any(
            isinstance(row, dict) and row.get("success") is False for row in rows
        )

    def shown(self) -> Record:
        """As it stands in the composite answer."""
        return {
            "body": self.answer.body,
            "httpHeaders": dict(self.answer.headers),
            "httpStatusCode": self.answer.status,
            "referenceId": self.reference,
        }


@router.on("POST", "/composite")
def composite(call: Call) -> Answer:
    """Up to 25 subrequests."""
    body = call.json()
    subrequests = _list(body, "compositeRequest", MAX_SUBREQUESTS)
    parts = _run(call, subrequests, all_or_none=body.get("allOrNone") is True)
    return Answer(200, {"compositeResponse": [part.shown() for part in parts]})


@router.on("POST", "/composite/graph")
def graphs(call: Call) -> Answer:
    """Graphs of subrequests; each graph on its own is all or none."""
    answered: list[Record] = []
    for graph in _list(call.json(), "graphs", MAX_GRAPHS):
        parts = _run(call, _list(graph, "compositeRequest", MAX_NODES), all_or_none=True)
        answered.append(
            {
                "graphId": graph.get("graphId"),
                "graphResponse": {"compositeResponse": [part.shown() for part in parts]},
                "isSuccessful": not any(part.failed for part in parts),
            }
        )
    return Answer(200, {"graphs": answered})


def _list(body: Mapping[str, object], name: str, most: int) -> list[dict[str, object]]:
    listed = body.get(name)
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise bad_json(f"{name} is a list of JSON objects")
    if len(listed) > most:
        raise Refusal(400, "LIMIT_EXCEEDED", f"Limit Exceeded. {name} cannot hold more than {most}")
    return listed


def _run(call: Call, subrequests: list[dict[str, object]], all_or_none: bool) -> list[_Part]:
    parts: list[_Part] = []
    try:
        with call.store.transaction():
            for each in subrequests:
                parts.append(_one(call, each, parts))
                if all_or_none and parts[-1].failed:
                    raise _RolledBack
    except _RolledBack:
        rest = subrequests[len(parts) :]
        return [
            *(_halted(part) for part in parts[:-1]),
            parts[-1],
            *(_halted(_pending(each)) for each in rest),
        ]
    return parts


def _pending(subrequest: Mapping[str, object]) -> _Part:
    return _Part(str(subrequest.get("referenceId")), Answer(400))


def _halted(part: _Part) -> _Part:
    message = "The transaction was rolled back since another operation in the same transaction failed."
    return _Part(part.reference, Answer(400, [{"errorCode": "PROCESSING_HALTED", "message": message}]))


def _one(call: Call, subrequest: dict[str, object], before: list[_Part]) -> _Part:
    known = {part.reference: part.answer.body for part in before}
    reference = str(subrequest.get("referenceId"))
    try:
        with call.store.transaction():
            answer = router.answer(_subcall(call, subrequest, known))
    except Refusal as refusal:
        answer = Answer(refusal.status, refusal.as_response(), refusal.headers)
    return _Part(reference, answer)


def _subcall(call: Call, subrequest: dict[str, object], known: Mapping[str, object]) -> Call:
    parts = urlsplit(_filled(str(subrequest.get("url", "")), known))
    if not parts.path.startswith(f"{call.base}/"):
        raise not_found()
    body = _filled(json.dumps(subrequest["body"]), known) if subrequest.get("body") is not None else ""
    return replace(
        call,
        method=str(subrequest.get("method", "GET")).upper(),
        path=parts.path.removeprefix(call.base),
        query=dict(parse_qsl(parts.query)),
        body=body.encode(),
    )


def _filled(text: str, known: Mapping[str, object]) -> str:
    """The text with `@{reference.id}` replaced by what the earlier answer says."""

    def replaced(match: re.Match[str]) -> str:
        value: object = known.get(match[1])
        for name, index in re.findall(r"\.(\w+)|\[(\d+)\]", match[2]):
            try:
                value = value[int(index)] if index else value[name]  # type: ignore[index]
            except (KeyError, IndexError, TypeError) as error:
                raise _unresolved(match[0]) from error
        if not isinstance(value, str | int | float):
            raise _unresolved(match[0])
        return str(value)

    return _REFERENCE.sub(replaced, text)


def _unresolved(reference: str) -> Refusal:
    return Refusal(
        400, "PROCESSING_HALTED", f"Invalid reference specified. No value for {reference[2:-1]} found"
    )
