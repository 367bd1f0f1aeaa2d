"""Answers of refusal, in Salesforce's codes and shapes."""

from collections.abc import Mapping

from integrations.errors import IntegrationError


class Refusal(IntegrationError):
    """A request or a row that the org refuses.

    fields: names of the fields concerned; None where Salesforce leaves the key out.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        fields: tuple[str, ...] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields
        self.headers = dict(headers or {})

    def as_response(self) -> list[dict[str, object]]:
        """The body of a refused request."""
        body: dict[str, object] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            body["fields"] = list(self.fields)
        return [body]

    def as_row(self) -> dict[str, object]:
        """One refused row of a collection: `statusCode` instead of `errorCode`, and always `fields`."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields or ())}


def not_found() -> Refusal:
    """The answer for a path, object or record that is not there."""
    return Refusal(404, "NOT_FOUND", "The requested resource does not exist")


def invalid_type(name: str) -> Refusal:
    """The answer for a query on an object that is not there for this user."""
    return Refusal(
        400,
        "INVALID_TYPE",
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to "
        "append the '__c' after the entity name. Please reference your WSDL or the describe call for the "
        "appropriate names.",
    )


def bad_json(message: str) -> Refusal:
    """The answer for a body that does not parse, or a value of the wrong JSON type."""
    return Refusal(400, "JSON_PARSER_ERROR", message)


def no_such_column(soql: str, at: int, name: str, entity: str) -> Refusal:
    """The answer for a field that is not there for this user. at: its place in the query."""
    return _pointing(
        soql,
        at,
        f"No such column '{name}' on entity '{entity}'. If you are attempting to use a custom field, be sure "
        "to append the '__c' after the custom field name. Please reference your WSDL or the describe call "
        "for the appropriate names.",
    )


def no_such_relationship(soql: str, at: int, name: str) -> Refusal:
    """The answer for a path through a relationship that is not there."""
    return _pointing(
        soql,
        at,
        f"Didn't understand relationship '{name}' in field path. If you are attempting to use a custom "
        "relationship, be sure to append the '__r' after the custom relationship name. Please reference your "
        "WSDL or the describe call for the appropriate names.",
    )


def _pointing(soql: str, at: int, message: str) -> Refusal:
    """INVALID_FIELD with the query on a line and a caret under the culprit."""
    line = soql.replace("\n", " ")
    place = f"\n{line}\n{' ' * at}^\nERROR at Row:1:Column:{at + 1}\n"
    return Refusal(400, "INVALID_FIELD", place + message)
