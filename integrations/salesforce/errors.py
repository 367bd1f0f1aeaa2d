"""What to do about each of Salesforce's error codes.

One code may arrive as `errorCode` of a refused request, as `statusCode` of a row in a collection, or
as the prefix of `sf__Error` in a bulk result; it means the same in all three places.

AnswerLost is a Retryable of its own: the request left us and no usable answer came, so nobody knows
whether it was carried out. Read back before sending again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from integrations.errors import IntegrationError, Permanent, Retryable, SetupError

FENCE_MESSAGE = "maturityd: this record already holds a newer generation"
"""Error text of the validation rules that refuse an older write; by it we know them from the customer's."""


class AnswerLost(Retryable):
    """A write left us and no usable answer came back: it may or may not have been carried out."""


class Remedy(StrEnum):
    """What to do with a record (or a whole request) that Salesforce refused."""

    RETRY = "retry"
    PARK = "park"
    SUPERSEDED = "superseded"
    SETUP = "setup"


_RETRY = (
    "ALL_OR_NONE_OPERATION_ROLLED_BACK EXCEEDED_ID_LIMIT INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE "
    "INVALID_QUERY_LOCATOR PROCESSING_HALTED QUERY_TIMEOUT REQUEST_LIMIT_EXCEEDED SERVER_UNAVAILABLE "
    "TXN_SECURITY_METERING_ERROR UNABLE_TO_LOCK_ROW UNKNOWN_EXCEPTION"
)
_PARK = (
    "CANNOT_EXECUTE_FLOW_TRIGGER CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY DUPLICATE_VALUE DUPLICATES_DETECTED "
    "ENTITY_IS_DELETED ENTITY_IS_LOCKED FIELD_CUSTOM_VALIDATION_EXCEPTION FIELD_FILTER_VALIDATION_EXCEPTION "
    "FIELD_INTEGRITY_EXCEPTION INACTIVE_OWNER_OR_USER INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY "
    "INSUFFICIENT_ACCESS_OR_READONLY INVALID_CROSS_REFERENCE_KEY INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST "
    "JSON_PARSER_ERROR LIMIT_EXCEEDED MALFORMED_ID NOT_FOUND NUMBER_OUTSIDE_VALID_RANGE "
    "OPERATION_WITH_INACTIVE_USER_EXCEPTION REQUIRED_FIELD_MISSING STORAGE_LIMIT_EXCEEDED STRING_TOO_LONG"
)
_SETUP = (
    "API_CURRENTLY_DISABLED API_DISABLED_FOR_ORG INSUFFICIENT_ACCESS INVALIDENTITY INVALID_FIELD "
    "INVALID_FIELD_FOR_INSERT_UPDATE INVALID_LOGIN INVALID_SESSION_ID INVALID_TYPE MALFORMED_QUERY "
    "invalid_client invalid_client_id invalid_grant unsupported_api_version"
)
REMEDIES = {
    code: remedy
    for remedy, codes in ((Remedy.RETRY, _RETRY), (Remedy.PARK, _PARK), (Remedy.SETUP, _SETUP))
    for code in codes.split()
}
"""Every known code. Parked rows are tried again once the record or the org has changed."""


@dataclass(frozen=True)
class RowError:
    """Why Salesforce refused a row, in its own words. fields: API names, often empty."""

    code: str
    message: str
    fields: tuple[str, ...] = ()

    @property
    def remedy(self) -> Remedy:
        """What to do; an unknown code parks the row, since trying again unasked might do harm."""
        if FENCE_MESSAGE in self.message:
            return Remedy.SUPERSEDED
        # A trigger or a flow that could not lock a row reports its own code around the real one.
        if "UNABLE_TO_LOCK_ROW" in self.message:
            return Remedy.RETRY
        return REMEDIES.get(self.code, Remedy.PARK)

    @property
    def reason(self) -> str:
        """Salesforce's words; an unknown code says that it is one."""
        known = self.code in REMEDIES or self.remedy is not Remedy.PARK
        return self.message if known else f"{self.message} (a code that maturityd does not know)"


def row_error(body: object) -> RowError:
    """The first error of a refused request's body or a row's error list, whatever its shape."""
    if isinstance(body, list) and body and isinstance(body[0], dict):
        first = body[0]
        code = first.get("errorCode") or first.get("statusCode") or "UNKNOWN_EXCEPTION"
        fields = tuple(str(field) for field in first.get("fields") or ())
        return RowError(str(code), str(first.get("message", "")), fields)
    text = body.decode(errors="replace") if isinstance(body, bytes) else str(body)
    return RowError("UNKNOWN_EXCEPTION", text[:200])


def as_integration_error(error: RowError, doing: str) -> IntegrationError:
    """The error of ours that says what to do about a refused request. doing: "query Account"."""
    words = f"salesforce: could not {doing}: {error.code}: {error.reason}"
    match error.remedy:
        case Remedy.RETRY:
            return Retryable(words)
        case Remedy.SETUP:
            return SetupError(f"{words}; {_way_out(error)}")
        case _:
            return Permanent(words)


def _way_out(error: RowError) -> str:
    if error.code in ("INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_TYPE"):
        return (
            "run `maturityd org plan` to see what is missing, and check that the user of [salesforce] "
            "has the permission set Maturity_Sync"
        )
    if error.code == "MALFORMED_QUERY":
        return "check the field and object names in [salesforce] and [sources]"
    return "check the user, the connected app and the API access of [salesforce]"


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn simple-salesforce's errors within the block into ours."""
    from simple_salesforce.exceptions import SalesforceError  # loads its client, which not all need

    try:
        yield
    except SalesforceError as error:
        raise as_integration_error(row_error(error.content), doing) from error
