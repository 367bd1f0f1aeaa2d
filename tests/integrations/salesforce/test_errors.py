"""Every error code of Salesforce has one remedy; what is unknown is parked and says so."""

import pytest

from integrations.errors import Permanent, Retryable, SetupError
from integrations.salesforce.errors import FENCE_MESSAGE, Remedy, RowError, as_integration_error, row_error

TABLE = {
    Remedy.RETRY: """UNABLE_TO_LOCK_ROW SERVER_UNAVAILABLE UNKNOWN_EXCEPTION QUERY_TIMEOUT
        TXN_SECURITY_METERING_ERROR INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE
        REQUEST_LIMIT_EXCEEDED ALL_OR_NONE_OPERATION_ROLLED_BACK PROCESSING_HALTED EXCEEDED_ID_LIMIT
        INVALID_QUERY_LOCATOR""",
    Remedy.PARK: """STORAGE_LIMIT_EXCEEDED ENTITY_IS_DELETED NOT_FOUND INVALID_CROSS_REFERENCE_KEY
        MALFORMED_ID FIELD_CUSTOM_VALIDATION_EXCEPTION CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY
        CANNOT_EXECUTE_FLOW_TRIGGER
        FIELD_FILTER_VALIDATION_EXCEPTION DUPLICATES_DETECTED FIELD_INTEGRITY_EXCEPTION STRING_TOO_LONG
        NUMBER_OUTSIDE_VALID_RANGE INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST REQUIRED_FIELD_MISSING
        JSON_PARSER_ERROR DUPLICATE_VALUE INSUFFICIENT_ACCESS_OR_READONLY ENTITY_IS_LOCKED
        INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY LIMIT_EXCEEDED""",
    Remedy.SETUP: """INVALID_FIELD INVALID_FIELD_FOR_INSERT_UPDATE INVALID_TYPE MALFORMED_QUERY
        API_DISABLED_FOR_ORG API_CURRENTLY_DISABLED INVALIDENTITY INSUFFICIENT_ACCESS INVALID_SESSION_ID
        INVALID_LOGIN invalid_grant invalid_client invalid_client_id""",
}
CODES = [(code, remedy) for remedy, codes in TABLE.items() for code in codes.split()]
KINDS = {Remedy.RETRY: Retryable, Remedy.PARK: Permanent, Remedy.SETUP: SetupError}


@pytest.mark.parametrize(("code", "remedy"), CODES)
def test_each_code_has_its_remedy_and_keeps_salesforces_words(code: str, remedy: Remedy) -> None:
    error = RowError(code, "the words of Salesforce")
    raised = as_integration_error(error, "query Account")

    assert error.remedy is remedy
    assert type(raised) is KINDS[remedy]
    assert code in str(raised)
    assert str(raised).count("the words of Salesforce") == 1
    assert "does not know" not in str(raised)


def test_an_unknown_code_is_parked_and_says_so() -> None:
    error = RowError("SOMETHING_NEW", "of next summer")
    assert error.remedy is Remedy.PARK
    assert "does not know" in error.reason


def test_our_own_rule_means_superseded_and_the_customers_does_not() -> None:
    ours = RowError("FIELD_CUSTOM_VALIDATION_EXCEPTION", FENCE_MESSAGE)
    theirs = RowError("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Region is required")
    assert ours.remedy is Remedy.SUPERSEDED
    assert theirs.remedy is Remedy.PARK


def test_a_lock_within_a_triggers_words_is_a_lock() -> None:
    words = "RollUp: execution of AfterUpdate caused by: UNABLE_TO_LOCK_ROW, unable to obtain access"
    assert RowError("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", words).remedy is Remedy.RETRY


def test_a_field_that_may_not_be_written_names_the_permission_set() -> None:
    error = RowError("INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: Maturity_Score__c.")
    raised = str(as_integration_error(error, "write Account"))
    assert "Maturity_Score__c" in raised
    assert "Maturity_Sync" in raised


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ([{"errorCode": "A", "message": "m"}], RowError("A", "m")),
        ([{"statusCode": "A", "message": "m", "fields": ["F"]}], RowError("A", "m", ("F",))),
        ([], RowError("UNKNOWN_EXCEPTION", "[]")),
        (b"<html>", RowError("UNKNOWN_EXCEPTION", "<html>")),
        (None, RowError("UNKNOWN_EXCEPTION", "None")),
    ],
)
def test_errors_are_read_from_every_shape(body: object, expected: RowError) -> None:
    assert row_error(body) == expected
