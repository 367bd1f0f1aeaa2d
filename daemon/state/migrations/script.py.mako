"""${message}."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
import daemon.state.tables
${imports if imports else ""}
revision: str = ${repr(up_revision)}
down_revision: str | Sequence[str] | None = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
