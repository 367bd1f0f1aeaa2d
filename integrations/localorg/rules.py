"""Every rule by which the org behaves, and how sure it is that Salesforce behaves so.

recorded: an answer of a real org is replayed against it (tests/recorded). documented: Salesforce's
documentation or a public thread says so. assumed: neither; somebody must look in a real org.
`python -m integrations.localorg.rules` prints the list that docs/local-org.md shows.
"""

import sys
from dataclasses import dataclass

EVIDENCE = ("recorded", "documented", "assumed")


@dataclass(frozen=True)
class Rule:
    """One rule. where: the module that keeps it. source: a recording's name, a page, or what to look for."""

    evidence: str
    where: str
    says: str
    source: str


RULES = (
    # Recorded
    Rule(
        "recorded",
        "auth",
        "A token that is unknown or too old answers 401 INVALID_SESSION_ID.",
        "create-invalid-token",
    ),
    Rule(
        "recorded",
        "app",
        "An unknown API version answers 404 NOT_FOUND, before the token is looked at.",
        "create-invalid-api-version",
    ),
    Rule("recorded", "app", "Every answer to a session carries Sforce-Limit-Info.", "query and others"),
    Rule(
        "recorded",
        "soql",
        "The first token that does not fit is named: unexpected token: SELEKT.",
        "query-malformed-soql",
    ),
    Rule(
        "recorded",
        "query",
        "An unknown column is shown with the query, a caret, row and column.",
        "query-unknown-column",
    ),
    Rule(
        "recorded",
        "query",
        "Parents are nested objects with attributes; an empty child list is null.",
        "query-with-associated-data, query-with-subquery",
    ),
    Rule(
        "recorded",
        "rest",
        "A page has 2,000 records; the next one is at query/<locator>-<offset>.",
        "query-with-next-records-url",
    ),
    Rule(
        "recorded",
        "records",
        "An unknown field answers 400 INVALID_FIELD without a list of fields.",
        "create-invalid-field, update-invalid-field",
    ),
    Rule(
        "recorded",
        "records",
        "Required fields that are missing are listed in one error.",
        "create-required-field-missing",
    ),
    Rule(
        "recorded",
        "records",
        "An 18-character id with a wrong checksum is MALFORMED_ID.",
        "update-malformed-id",
    ),
    Rule("recorded", "records", "Deleting twice answers 404 ENTITY_IS_DELETED.", "delete-already-deleted"),
    Rule(
        "recorded",
        "records",
        "A field without write access is INVALID_FIELD_FOR_INSERT_UPDATE.",
        "field-not-writable",
    ),
    Rule(
        "recorded",
        "validate",
        "A value outside a restricted picklist is refused with the field's label.",
        "create-invalid-picklist-value",
    ),
    Rule(
        "recorded",
        "validate",
        "A text that is too long is refused with the value and the limit.",
        "string-too-long",
    ),
    Rule(
        "recorded",
        "composite",
        "A graph is all or none; a deletion or an update answers 204 without a body.",
        "composite-graph-*",
    ),
    Rule(
        "recorded",
        "deploy",
        "A deploy result lists componentSuccesses and componentFailures with these keys.",
        "a public log of a real validation (API 51)",
    ),
    # Documented
    Rule(
        "documented",
        "deploy",
        "A custom field of tasks is deployed on Activity, and permitted under the name of Task.",
        "dxatscale/sfpowerkit issues 446 and 517, benedwards44/fieldcreator issue 2",
    ),
    Rule(
        "documented",
        "permissions",
        "Tasks have no object permissions; user permissions open them.",
        "PermissionSet, Metadata API: userPermissions EditTask",
    ),
    Rule(
        "documented",
        "auth",
        "Client credentials come by Basic header or in the form.",
        "OAuth 2.0 Client Credentials Flow",
    ),
    Rule(
        "documented",
        "auth",
        "A JWT that the app signed (RS256), for this host and a user who approved the app, gives a token.",
        "OAuth 2.0 JWT Bearer Flow",
    ),
    Rule(
        "documented",
        "auth",
        "A session ends two hours after its last use.",
        "Session Settings, default timeout",
    ),
    Rule(
        "documented",
        "collections",
        "At most 200 records; 200 even when every row failed; a failed row has no id.",
        "REST guide, sObject Collections",
    ),
    Rule(
        "documented",
        "collections",
        "allOrNone rolls the good rows back: ALL_OR_NONE_OPERATION_ROLLED_BACK.",
        "REST guide, sObject Collections",
    ),
    Rule(
        "documented",
        "composite",
        "With allOrNone, what did not fail itself answers PROCESSING_HALTED.",
        "REST guide, allOrNone Parameters",
    ),
    Rule(
        "documented",
        "rest",
        "An upsert answers 201, 200 (204 before API 46), or 300 where several records match.",
        "REST guide, Upsert",
    ),
    Rule(
        "documented",
        "rest",
        "batchSize in Sforce-Query-Options may be 200 to 2,000.",
        "REST guide, Query Options Header",
    ),
    Rule(
        "documented",
        "permissions",
        "A field made by API is seen by nobody before a FieldPermissions row says so.",
        "Metadata API guide, CustomField",
    ),
    Rule(
        "documented",
        "permissions",
        "A required field needs no permission and takes none.",
        "FieldPermissions, API 30",
    ),
    Rule(
        "documented",
        "deploy",
        "A deployed permission set replaces what it granted before.",
        "Metadata API guide",
    ),
    Rule(
        "documented",
        "history",
        "A tracked field leaves a row; of texts over 255 characters, long and rich text "
        "and multi-select lists it holds no values.",
        "Field History Tracking",
    ),
    Rule(
        "documented",
        "history",
        "A reference leaves two rows: the id and the name.",
        "Object reference, EntityHistory",
    ),
    Rule("documented", "metadata", "At most 20 tracked fields an object.", "Field History Tracking"),
    Rule(
        "documented",
        "validate",
        "Rich text counts its markup and entity escapes.",
        "Rich Text Area Considerations",
    ),
    Rule("documented", "filters", "Long and rich text cannot be filtered, sorted or grouped.", "SOQL guide"),
    Rule(
        "documented", "filters", "An unequal comparison holds for null.", "SOQL guide, comparison operators"
    ),
    Rule("documented", "soql", "AND and OR mix only with parentheses.", "SOQL guide, logical operators"),
    Rule("documented", "query", "Nulls sort first unless NULLS LAST is said.", "SOQL guide, ORDER BY"),
    Rule("documented", "query", "An offset is at most 2,000.", "SOQL guide, OFFSET"),
    Rule(
        "documented", "query", "Metadata and FullName are read of one record at a time.", "Tooling API guide"
    ),
    Rule(
        "documented",
        "definitions",
        "FieldDefinition.IsFieldHistoryTracked tells tracking.",
        "Tooling API guide",
    ),
    Rule(
        "documented",
        "org",
        "In a merge the loser is deleted with MasterRecordId, its children move.",
        "SOAP guide, merge",
    ),
    # Assumed
    Rule(
        "assumed",
        "collections",
        "An unknown or forbidden field in one row fails that row, not the request.",
        "may fail the whole request",
    ),
    Rule(
        "assumed",
        "collections",
        "The same id, or external id, twice in a list fails every occurrence with DUPLICATE_VALUE.",
        "which occurrences fail, and with which code",
    ),
    Rule("assumed", "collections", "Over 200 records answer 400 EXCEEDED_ID_LIMIT.", "code and words"),
    Rule(
        "assumed",
        "collections",
        "There is no limit of ten chunks of mixed types.",
        "documented, not enforced here",
    ),
    Rule(
        "assumed",
        "records",
        "A write that changes nothing renews SystemModstamp and LastModifiedDate.",
        "renewal",
    ),
    Rule(
        "assumed",
        "records",
        "SystemModstamp has whole seconds, those of the write.",
        "time of the commit instead?",
    ),
    Rule(
        "assumed",
        "standard",
        "A task is about an account and for a contact; other targets are refused.",
        "WhatId and WhoId take many objects there",
    ),
    Rule(
        "assumed",
        "permissions",
        "Who has Access Activities reads every task; Edit Tasks adds creating, editing and deleting.",
        "sharing of tasks",
    ),
    Rule(
        "assumed",
        "definitions",
        "The Tooling API shows a custom field of tasks as one of Task.",
        "CustomField may name Activity",
    ),
    Rule(
        "assumed",
        "records",
        "A record without the right to edit answers INSUFFICIENT_ACCESS_OR_READONLY.",
        "words",
    ),
    Rule(
        "assumed",
        "records",
        "Deleting an account deletes its contacts and clears other look-ups.",
        "Salesforce refuses when cases are open",
    ),
    Rule(
        "assumed", "records", "A look-up with an id of another object is FIELD_INTEGRITY_EXCEPTION.", "code"
    ),
    Rule(
        "assumed",
        "rest",
        "Changing an id that nobody has answers 404 NOT_FOUND; in a collection INVALID_CROSS_REFERENCE_KEY.",
        "codes",
    ),
    Rule(
        "assumed",
        "rest",
        "getUpdated and getDeleted cover up to the end that was asked for.",
        "long transactions",
    ),
    Rule("assumed", "rest", "Locators live as long as the server, the newest 50 of them.", "two days there"),
    Rule(
        "assumed",
        "validate",
        "A number is rounded half up to its field's scale.",
        "the API may keep more digits",
    ),
    Rule(
        "assumed", "validate", "Short texts lose the space around them; an empty text is null.", "which types"
    ),
    Rule("assumed", "validate", "Picklist values match in any case and are stored as defined.", "case"),
    Rule(
        "assumed",
        "richtext",
        "Saving rich text keeps known tags and colour, size, font and alignment styles.",
        "the exact normal form: never compare rich text",
    ),
    Rule("assumed", "filters", "Only ASCII letters compare without regard to case.", "other alphabets"),
    Rule(
        "assumed", "instants", "The org's time zone is UTC and its weeks start on Sunday.", "an org's setting"
    ),
    Rule("assumed", "query", "Child lists come whole, over 200 records too.", "they are paged there"),
    Rule(
        "assumed",
        "query",
        "Without ORDER BY records come in the order of their creation.",
        "no order is promised",
    ),
    Rule(
        "assumed", "permissions", "All records are open to all users who may use the object.", "sharing rules"
    ),
    Rule("assumed", "permissions", "Every user reads the Tooling API's definitions.", "View Setup is needed"),
    Rule(
        "assumed", "metadata", "The words of problems in deploys.", "only the statuses and keys are certain"
    ),
    Rule(
        "assumed", "metadata", "Tracking a field of an object without history is a problem.", "may be ignored"
    ),
    Rule(
        "assumed", "deploy", "A deploy is done when its status is first read.", "it takes seconds to minutes"
    ),
    Rule("assumed", "definitions", "New fields are described at once.", "up to 30 seconds there"),
    Rule(
        "assumed",
        "formula",
        "Comparisons with a blank are blank, that is: not true.",
        "blank numbers as zero",
    ),
    Rule(
        "assumed",
        "api",
        "100,000 requests in 24 hours are allowed and never refused but by a fault.",
        "editions",
    ),
    Rule(
        "assumed", "faults", "A lost answer, a lock and an outage look as the fault plan makes them.", "words"
    ),
)


def markdown(evidence: str) -> str:
    """The rules of one kind as a table."""
    lines = [
        "| rule | kept by | " + ("to look for" if evidence == "assumed" else "source") + " |",
        "|---|---|---|",
    ]
    lines += [
        f"| {rule.says} | `{rule.where}.py` | {rule.source} |" for rule in RULES if rule.evidence == evidence
    ]
    return "\n".join(lines)


def document() -> str:
    """All rules, the assumed ones first."""
    parts = [f"### {name.capitalize()}\n\n{markdown(name)}" for name in reversed(EVIDENCE)]
    return "\n\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(document() + "\n")
