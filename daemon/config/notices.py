"""[notices]: which anomalies a customer may be told of, and who may be told."""

from typing import Literal

from daemon.config.salesforce import ApiName
from daemon.config.table import Table

NoticeKind = Literal["spike", "drop", "sustained change", "stop", "suspected misuse"]


class NoticesTable(Table):
    """enabled: a task is made for each anomaly of these kinds that is confirmed from then on.

    kinds: of anomalies.
    approved_field: the checkbox of the contact by which an admin approves it; of several that are approved
        the one who has been in the org longest is told.
    owner: username of the one who gets every task; without it the account's owner.
    """

    enabled: bool = False
    kinds: tuple[NoticeKind, ...] = ("stop", "suspected misuse", "sustained change")
    approved_field: ApiName = "Usage_Notices__c"
    owner: str | None = None
