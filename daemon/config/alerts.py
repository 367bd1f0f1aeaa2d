"""[alerts.<name>]: where alerts go. They are always logged too."""

from typing import Literal

from pydantic import Field

from daemon.config.table import SecretReference, Table


class WebhookTable(Table):
    """url: where JSON is posted; a secret, since it often holds a token.

    hosts: the only hosts that the URL may name.
    timeout_s: seconds without an answer after which it is sent again next time.
    min_severity: milder alerts are not sent here; they are logged.
    """

    kind: Literal["webhook"]
    url: SecretReference
    hosts: tuple[str, ...] = Field(min_length=1)
    timeout_s: float = Field(default=10.0, gt=0, le=60)
    min_severity: Literal["info", "warning", "critical"] = "warning"


AlertChannels = dict[str, WebhookTable]
