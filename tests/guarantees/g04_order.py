"""G4: no record takes an older generation after a newer one, however late a request lands."""

from tests.guarantees.evidence import Evidence


def check(evidence: Evidence) -> list[str]:
    """Writes in the org's log that took a record back."""
    newest: dict[tuple[str, str], int] = {}
    found = []
    for record, gen in evidence.pushed():
        if gen < newest.get(record, gen):
            found.append(f"{' '.join(record)} went back from generation {newest[record]} to {gen}")
        newest[record] = max(gen, newest.get(record, gen))
    return found
