"""Record ids as Salesforce makes them: 15 case-sensitive characters, 18 with the case checksum.

source: the suffix holds, for each group of five characters, which of them are upper case, as one
    character of `A-Z0-5`; so the 18-character form may be compared without regard to case.
"""

import string

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_CHECKSUM = string.ascii_uppercase + "012345"


def new_id(prefix: str, number: int) -> str:
    """The 18-character id of the `number`-th record of the object with this three-character key prefix."""
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return with_checksum(f"{prefix}Lo0{digits:0>9}")


def with_checksum(id15: str) -> str:
    """The 18-character form of a 15-character id."""
    suffix = ""
    for start in (0, 5, 10):
        bits = sum(
            1 << place for place, char in enumerate(id15[start : start + 5]) if char in string.ascii_uppercase
        )
        suffix += _CHECKSUM[bits]
    return id15 + suffix


def full_id(text: str) -> str | None:
    """The 18-character form of a 15- or 18-character id; None where it is no id or its checksum is wrong."""
    if not (text.isascii() and text.isalnum()):
        return None
    if len(text) == 15:
        return with_checksum(text)
    if len(text) == 18 and with_checksum(text[:15]) == text:
        return text
    return _recased(text) if len(text) == 18 else None


def _recased(text: str) -> str | None:
    """An 18-character id whose letters lost their case (by a spreadsheet, say), set right by its suffix."""
    chars = list(text[:15])
    for group, code in enumerate(text[15:].upper()):
        bits = _CHECKSUM.find(code)
        if bits < 0:
            return None
        for place in range(5):
            at = group * 5 + place
            chars[at] = chars[at].upper() if bits >> place & 1 else chars[at].lower()
    fixed = with_checksum("".join(chars))
    return (
        fixed
        if fixed.lower() == text.lower() and text[:15] in (text[:15].lower(), text[:15].upper())
        else None
    )
