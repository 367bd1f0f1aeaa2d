"""The country whose public holidays count, as a person writes it."""

from collections.abc import Mapping
from difflib import get_close_matches

import holidays
from holidays.registry import COUNTRIES

from models.errors import TableError


def country_code(written: str) -> str:
    """ISO 3166 alpha-2 of a code or an English name.

    raises: TableError where no holidays are known of it, with the nearest names.
    """
    spellings = _spellings()
    code = spellings.get(written.upper())
    if code is not None:
        return code
    near = get_close_matches(written.upper(), spellings, n=3, cutoff=0.75)
    names = " or ".join(f"{spellings[each]} ({each.title()})" for each in near)
    hint = f"; did you mean {names}?" if near else "."
    raise TableError(
        f"--country {written}: no holidays are known of it{hint} It takes a code of two letters, such as GB"
    )


def _spellings() -> Mapping[str, str]:
    """Codes, their other forms and names, all in capitals, to codes."""
    known = holidays.list_supported_countries(include_aliases=False)
    found = {code: code for code in known}
    for name, (_, code, *others) in COUNTRIES.items():
        if code in known:
            found |= {each.upper(): code for each in (name.replace("_", " "), *others)}
    return found
