"""G3: no watermark is ahead of what has landed. What neither landed nor is to come, is lost."""

from collections.abc import Iterable

from daemon.state.tables import manifest, watermarks
from tests.guarantees.evidence import Evidence, Key


def check(evidence: Evidence) -> list[str]:
    """Rows that a source holds, that have not landed, and that its watermark would never bring."""
    return evidence.once_per("replay", [*evidence.rows(watermarks), *evidence.rows(manifest)], _replay)


def _replay(evidence: Evidence) -> list[str]:
    landed = evidence.landed()
    found = []
    for source, held in evidence.held().items():
        missing = held - landed
        if missing:
            lost = _uncovered(missing, [*landed, *evidence.to_come(source)])
            found += [f"{source}: {row[1:]} is behind the watermark and has not landed" for row in lost]
    return found


def _uncovered(missing: Iterable[Key], covering: Iterable[Key]) -> list[Key]:
    """The CRM shows an account as it is now only: a newer version of it covers an older one."""
    covering = set(covering)
    newest: dict[Key, object] = {}
    for key in covering:
        if key[1] == "accounts":
            newest[key[:3]] = max(newest.get(key[:3], key[3]), key[3])  # type: ignore[type-var]
    return [
        key
        for key in missing
        if key not in covering and not (key[:3] in newest and newest[key[:3]] >= key[3])  # type: ignore[operator]
    ]
