"""Names that rows find their account by, written alike everywhere.

An identity is `namespace:value`: `account:` an 18-character Id, `tenant:` the product's own id,
`domain:` an internet domain, `contact:` the HMAC of a lower-cased address.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from integrations.sources.values import BadValue, clean, text_of

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_CHECK_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_ID = re.compile(r"[A-Za-z0-9]{15}([A-Za-z0-9]{3})?")


def domain_of(text: str) -> str | None:
    """The domain in a web address, e-mail address or bare name, lower-cased, IDN in its ASCII form.

    `https://www.Müller.example:8443/shop?x=1` gives `xn--mller-kva.example`; None where there is none.
    """
    text = clean(text).casefold()
    if not text:
        return None
    try:
        host = urlsplit(text if "://" in text else f"//{text}").hostname or ""
        host = host.rstrip(".").removeprefix("www.").encode("idna").decode("ascii")
    except (UnicodeError, ValueError):
        return None
    labels = host.split(".")
    if len(labels) < 2 or len(host) > 253 or labels[-1].isdigit():
        return None
    return host if all(_LABEL.fullmatch(label) for label in labels) else None


def record_id(text: str) -> str:
    """The 18-character form of a Salesforce Id: the last three letters spell the case of the first fifteen.

    raises: BadValue where the text is no Id.
    """
    text = clean(text)
    if not _ID.fullmatch(text):
        raise BadValue("is not a record Id of 15 or 18 letters and digits")
    stem = text[:15]
    bits = (
        sum(letter.isupper() << place for place, letter in enumerate(stem[at : at + 5])) for at in (0, 5, 10)
    )
    return stem + "".join(_CHECK_LETTERS[five] for five in bits)


def _domain_value(text: str) -> str:
    domain = domain_of(text)
    if domain is None:
        raise BadValue("is not a domain")
    return domain


NAMESPACES: Mapping[str, Callable[[str], str]] = {
    "account": record_id,
    "tenant": clean,
    "domain": _domain_value,
}
"""Namespaces that a table's column may hold, and how each is normalised."""


def identities_of(values: Sequence[tuple[str, object]]) -> tuple[str, str | None]:
    """The identity and the fallback from (namespace, value) pairs in the order to be tried.

    raises: BadValue where none is given, or one cannot be read and no other stands in.
    """
    found: list[str] = []
    trouble = "no identity given"
    for namespace, value in values:
        try:
            text = text_of(value)
            if text is not None:
                found.append(f"{namespace}:{NAMESPACES[namespace](text)}")
        except BadValue as error:
            trouble = f"{namespace} {error}"
    if not found:
        raise BadValue(trouble)
    return found[0], found[1] if len(found) > 1 else None


@dataclass(frozen=True)
class Pseudonyms:
    """Keyed names for what must not be stored as it is: HMAC-SHA256 in hexadecimal.

    key: secret; the same in every source, or contacts and their mails do not meet.
    """

    key: bytes = field(repr=False)

    def address(self, address: str) -> str:
        """The name of an e-mail address, whatever its case."""
        return self._keyed(address.strip().lower())

    def message(self, message_id: str) -> str:
        """The name of a message, from its Message-ID with or without angle brackets."""
        return self._keyed("message-id:" + message_id.strip().strip("<>"))

    def _keyed(self, text: str) -> str:
        return hmac.new(self.key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
