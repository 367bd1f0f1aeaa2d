"""Errors of everything that speaks to another system.

IntegrationError
├── Retryable     the same call may succeed later; nothing is wrong on our side
├── Permanent     this one record never will; park it and go on
└── SetupError    an admin must act; found before work starts where possible

The message of each says what failed, for which thing, the other system's reason in its own words,
and what to do. It holds no secret and no personal data: it goes to logs and alerts as it is.
"""


class IntegrationError(Exception):
    """Something outside could not be read or written."""


class Retryable(IntegrationError):
    """The other system is away, busy or over a limit; the same call may succeed later."""


class Permanent(IntegrationError):
    """This record is refused for good; others are not concerned."""


class SetupError(IntegrationError):
    """Credentials, permissions, files or settings are wrong; an admin must act."""
